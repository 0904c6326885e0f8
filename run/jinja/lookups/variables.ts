import { JinjaError, lookupError } from '../errors.ts';
import { compileRegex, searchRegex } from '../python/regex.ts';
import { isText, typeName } from '../values/kinds.ts';
import { checkOptions, contextOf, type Lookup } from './plugin.ts';

const vars: Lookup = (terms, options, rt) => {
  checkOptions('vars', options, ['default']);
  return terms.map((term) => {
    if (!isText(term)) throw lookupError(`Invalid setting identifier, "${typeName(term)}" is not a string`);
    const name = String(term);
    const value = rt.scope.resolve(name);
    if (value !== undefined) return value;
    if (Object.hasOwn(options, 'default')) return options.default;
    throw new JinjaError('undefined', `No variable found with this name: ${name}`, { variable: name });
  });
};

const varnames: Lookup = (terms, options, rt) => {
  checkOptions('varnames', options, []);
  const names = rt.scope.names;
  if (!names) throw lookupError('the names of all variables are not known here');
  const all = [...names.call(rt.scope)];
  return terms.flatMap((term) => {
    if (!isText(term)) throw lookupError(`Invalid setting identifier, "${typeName(term)}" is not a string`);
    const regex = compileRegex(String(term));
    return all.filter((name) => searchRegex(regex, name, 'search'));
  });
};

const inventoryHostnames: Lookup = (terms, options, rt) => {
  checkOptions('inventory_hostnames', options, []);
  const { hostNames } = contextOf(rt);
  if (!hostNames) throw lookupError('the inventory is not known here');
  return hostNames(terms.map(String));
};

/** Lookups of variables, and of what they say of the inventory. */
export const variableLookups: Readonly<Record<string, Lookup>> = {
  inventory_hostnames: inventoryHostnames,
  varnames,
  vars,
};
