import { type Builtins, builtin } from '../builtin.ts';
import { filterError, isPythonError } from '../errors.ts';
import { operate } from '../python/arithmetic.ts';
import { contains } from '../values/compare.ts';
import { iterate } from '../values/iterate.ts';
import { isDict, isSequence, isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Tuple } from '../values/types.ts';
import { uniqueItems } from './sequences.ts';

/** Python makes a set of two hashable collections, such as texts and tuples; of lists Ansible makes a list. */
function hashable(value: unknown): boolean {
  return isText(value) || value instanceof Tuple;
}

function isHashable(item: unknown): boolean {
  return (
    !isDict(item) && !(item instanceof Set) && (!isSequence(item) || (item instanceof Tuple && item.every(isHashable)))
  );
}

function distinct(items: readonly unknown[]): unknown[] {
  return uniqueItems(items, true, undefined);
}

function result(a: unknown, b: unknown, items: unknown[]): unknown {
  return hashable(a) && hashable(b) ? new Set(items) : distinct(items);
}

function intersect(a: unknown, b: unknown): unknown[] {
  return iterate(a).filter((item) => contains(b, item));
}

function difference(a: unknown, b: unknown): unknown[] {
  return iterate(a).filter((item) => !contains(b, item));
}

function union(a: unknown, b: unknown): unknown {
  if (hashable(a) && hashable(b)) return new Set([...iterate(a), ...iterate(b)]);
  if (isSequence(a) && isSequence(b)) return distinct([...a, ...b]);
  return distinct(iterate(operate('+', a, b)));
}

function unique(value: unknown, caseSensitive: unknown, attribute: unknown): unknown[] {
  const sensitive = caseSensitive !== undefined && caseSensitive !== null && truthy(caseSensitive);
  const items = iterate(value);
  try {
    // Ansible's own `unique` takes over where Jinja2's cannot make a set: case counts then.
    if (attribute === undefined && caseSensitive !== false && !items.every(isHashable)) return distinct(items);
    return uniqueItems(items, sensitive, attribute);
  } catch (error) {
    if (!isPythonError(error, 'TypeError')) throw error;
    throw filterError(error.message, error);
  }
}

/** Ansible's set theory. */
export const setFilters: Builtins = {
  difference: builtin('a, b', (_rt, a, b) => result(a, b, difference(a, b))),
  intersect: builtin('a, b', (_rt, a, b) => result(a, b, intersect(a, b))),
  symmetric_difference: builtin('a, b', (_rt, a, b) => {
    const items = [...difference(a, b), ...difference(b, a)];
    return result(a, b, items);
  }),
  union: builtin('a, b', (_rt, a, b) => union(a, b)),
  unique: builtin('a, case_sensitive?, attribute?', (_rt, value, sensitive, attribute) =>
    unique(value, sensitive, attribute),
  ),
};
