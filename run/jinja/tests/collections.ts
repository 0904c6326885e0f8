import { type Builtins, builtin } from '../builtin.ts';
import { contains, isSubset } from '../values/compare.ts';
import { iterate } from '../values/iterate.ts';
import { truthy } from '../values/truth.ts';

const subset = builtin('a, b', (_rt, a, b) => isSubset(iterate(a), iterate(b)));
const superset = builtin('a, b', (_rt, a, b) => isSubset(iterate(b), iterate(a)));

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
