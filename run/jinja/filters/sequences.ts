import { type Builtins, builtin } from '../builtin.ts';
import { argumentError, typeError } from '../errors.ts';
import { escapeHtml, operate } from '../python/arithmetic.ts';
import { intArgument } from '../python/method.ts';
import { pyString } from '../python/repr.ts';
import { equal, ordered, pythonOrder } from '../values/compare.ts';
import { dictEntries } from '../values/dict.ts';
import { characters, iterate, length, tryIterate } from '../values/iterate.ts';
import { isDict, isText, typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Markup, Tuple, Undefined } from '../values/types.ts';
import { attributeGetter, foldCase, type Getter, multiGetter } from './attributes.ts';

const isSet = (value: unknown): boolean => value !== undefined && truthy(value);

/** Python's stable sort by a key. */
function sortBy(items: readonly unknown[], key: Getter, descending = false): unknown[] {
  const keyed = items.map((item) => ({ item, by: key(item) }));
  keyed.sort((a, b) => (descending ? pythonOrder(b.by, a.by) : pythonOrder(a.by, b.by)));
  return keyed.map(({ item }) => item);
}

/** A key for comparing: an attribute of the item, in lower case unless case counts. */
function keyOf(attribute: unknown, caseSensitive: boolean): Getter {
  const get = attributeGetter(attribute);
  return caseSensitive ? get : (item) => foldCase(get(item));
}

/** Jinja2's group: a tuple with names. */
function groupOf(grouper: unknown, list: unknown[]): Tuple {
  const group = Tuple.make([grouper, list]);
  group.names = ['grouper', 'list'];
  return group;
}

function groupBy(items: unknown, attribute: unknown, fallback: unknown, caseSensitive: boolean): unknown[] {
  const plainKey = attributeGetter(attribute, fallback);
  const key: Getter = caseSensitive ? plainKey : (item) => foldCase(plainKey(item));
  const groups: { by: unknown; items: unknown[] }[] = [];
  for (const item of sortBy(iterate(items), key)) {
    const by = key(item);
    const last = groups.at(-1);
    if (last && equal(last.by, by)) last.items.push(item);
    else groups.push({ by, items: [item] });
  }
  return groups.map((group) => groupOf(caseSensitive ? group.by : plainKey(group.items[0]), group.items));
}

function dictSort(value: unknown, caseSensitive: unknown, by: unknown, reverse: unknown): unknown[] {
  if (!isDict(value)) throw typeError(`'${typeName(value)}' object has no attribute 'items'`);
  const side = by === undefined || by === 'key' ? 0 : by === 'value' ? 1 : -1;
  if (side < 0) throw argumentError('You can only sort by either "key" or "value"');
  const fold = isSet(caseSensitive) ? (item: unknown) => item : foldCase;
  return sortBy(dictEntries(value).map(Tuple.make), (pair) => fold((pair as Tuple)[side]), isSet(reverse));
}

function extreme(value: unknown, caseSensitive: unknown, attribute: unknown, operator: '<' | '>'): unknown {
  const items = iterate(value);
  if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.');
  const key = keyOf(attribute, isSet(caseSensitive));
  let best = items[0];
  let bestKey = key(best);
  for (const item of items.slice(1)) {
    const by = key(item);
    if (ordered(operator, by, bestKey)) {
      best = item;
      bestKey = by;
    }
  }
  return best;
}

export function uniqueItems(items: readonly unknown[], caseSensitive: boolean, attribute: unknown): unknown[] {
  const key = keyOf(attribute, caseSensitive);
  const seen = new Set<unknown>();
  const others: unknown[] = [];
  return items.filter((item) => {
    const by = key(item);
    if (typeof by === 'string') return !seen.has(by) && seen.add(by) !== undefined;
    if (others.some((other) => equal(other, by))) return false;
    others.push(by);
    return true;
  });
}

function reverse(value: unknown): unknown {
  if (isText(value)) {
    const text = characters(String(value)).reverse().join('');
    return value instanceof Markup ? new Markup(text) : text;
  }
  const items = tryIterate(value);
  if (!items) throw argumentError('argument must be iterable');
  return [...items].reverse();
}

function batch(value: unknown, size: unknown, fill: unknown): unknown[] {
  const width = intArgument(size);
  const rows: unknown[][] = [];
  for (const item of iterate(value)) {
    const last = rows.at(-1);
    if (last && last.length !== width) last.push(item);
    else rows.push([item]);
  }
  const last = rows.at(-1);
  if (last && fill !== undefined && fill !== null) while (last.length < width) last.push(fill);
  return rows;
}

function sliceUp(value: unknown, slices: unknown, fill: unknown): unknown[] {
  const items = iterate(value);
  const count = intArgument(slices);
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  return Array.from({ length: count }, (_, index) => {
    const start = index * size + Math.min(index, longer);
    const part = items.slice(start, start + size + (index < longer ? 1 : 0));
    if (fill !== undefined && fill !== null && index >= longer) part.push(fill);
    return part;
  });
}

function join(value: unknown, separator: unknown, attribute: unknown, autoescape: boolean): unknown {
  const get = attribute === undefined || attribute === null ? undefined : attributeGetter(attribute);
  const items = get ? iterate(value).map(get) : iterate(value);
  const glue = separator === undefined ? '' : separator;
  if (!autoescape) return items.map(pyString).join(pyString(glue));
  const text = (item: unknown) => (item instanceof Markup ? item.text : escapeHtml(pyString(item)));
  return items.some((item) => item instanceof Markup) || glue instanceof Markup
    ? new Markup(items.map(text).join(text(glue)))
    : items.map(pyString).join(pyString(glue));
}

function sum(value: unknown, attribute: unknown, start: unknown): unknown {
  const get = attribute === undefined || attribute === null ? undefined : attributeGetter(attribute);
  if (isText(start)) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  let total: unknown = start ?? 0;
  for (const item of iterate(value)) total = operate('+', total, get ? get(item) : item);
  return total;
}

function last(value: unknown): unknown {
  const items = tryIterate(value);
  if (!items) throw typeError(`'${typeName(value)}' object is not reversible`);
  return items.length > 0 ? items.at(-1) : new Undefined('No last item, sequence was empty.');
}

/** Filters that look at the items of something, or put them in another order. */
export const sequenceFilters: Builtins = {
  batch: builtin('value, linecount, fill_with?', (_rt, value, size, fill) => batch(value, size, fill)),
  count: builtin('obj', (_rt, value) => length(value)),
  dictsort: builtin('value, case_sensitive?, by?, reverse?', (_rt, value, sensitive, by, descending) =>
    dictSort(value, sensitive, by, descending),
  ),
  first: builtin('seq', (_rt, value) => {
    const items = iterate(value);
    return items.length > 0 ? items[0] : new Undefined('No first item, sequence was empty.');
  }),
  groupby: builtin('value, attribute, default?, case_sensitive?', (_rt, value, attribute, fallback, sensitive) =>
    groupBy(value, attribute, fallback, isSet(sensitive)),
  ),
  items: builtin('value', (_rt, value: unknown) => {
    if (value instanceof Undefined) return [];
    if (!isDict(value)) throw typeError('Can only get item pairs from a mapping.');
    return dictEntries(value).map(Tuple.make);
  }),
  join: builtin('value, d?, attribute?', (rt, value, separator, attribute) =>
    join(value, separator, attribute, rt.autoescape),
  ),
  last: builtin('seq', (_rt, value) => last(value)),
  length: builtin('obj', (_rt, value) => length(value)),
  list: builtin('value', (_rt, value) => [...iterate(value)]),
  max: builtin('value, case_sensitive?, attribute?', (_rt, value, sensitive, attribute) =>
    extreme(value, sensitive, attribute, '>'),
  ),
  min: builtin('value, case_sensitive?, attribute?', (_rt, value, sensitive, attribute) =>
    extreme(value, sensitive, attribute, '<'),
  ),
  reverse: builtin('value', (_rt, value) => reverse(value)),
  slice: builtin('value, slices, fill_with?', (_rt, value, slices, fill) => sliceUp(value, slices, fill)),
  sort: builtin('value, reverse?, case_sensitive?, attribute?', (_rt, value, descending, sensitive, attribute) => {
    const get = multiGetter(attribute, isSet(sensitive));
    return sortBy(iterate(value), get, isSet(descending));
  }),
  sum: builtin('iterable, attribute?, start?', (_rt, value, attribute, start) => sum(value, attribute, start)),
};
