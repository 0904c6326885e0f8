import { type Builtins, builtin } from '../builtin.ts';
import { contains, isSubset, refuseUnhashable } from '../values/compare.ts';
import { iterate } from '../values/iterate.ts';
import { truthy } from '../values/truth.ts';

const subset = builtin('a, b', (_rt, a, b) => isSubset(members(a), members(b)));
const superset = builtin('a, b', (_rt, a, b) => isSubset(members(b), members(a)));

/** What Python makes a set of: lists and dicts are no members. */
function members(value: unknown): unknown[] {
  const items = iterate(value);
  for (const item of items) refuseUnhashable(item);
  return items;
}

/** Ansible's tests of collections. */
export const collectionTests: Builtins = {
  all: builtin('seq', (_rt, value) => iterate(value).every(truthy)),
  any: builtin('seq', (_rt, value) => iterate(value).some(truthy)),
  contains: builtin('seq, value', (_rt, container, value) => contains(container, value)),
  issubset: subset,
  issuperset: superset,
  subset,
  superset,
};
