import { type Builtins, builtin } from '../builtin.ts';
import { intArgument } from '../python/method.ts';
import { truthy } from '../values/truth.ts';
import { flatten } from './flatten.ts';

/** Ansible's `flatten`. */
export const collectionFilters: Builtins = {
  flatten: builtin('mylist, levels?, skip_nulls?', (_rt, value, levels, skipNulls) =>
    flatten(
      value,
      levels === undefined || levels === null ? undefined : intArgument(levels),
      skipNulls === undefined || truthy(skipNulls),
    ),
  ),
};
