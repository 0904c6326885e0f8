import { type Builtins, builtin } from '../builtin.ts';
import { argumentError } from '../errors.ts';
import { findAttribute, missingMessage } from '../python/access.ts';
import { pyString } from '../python/repr.ts';
import type { Runtime } from '../runtime.ts';
import { iterate } from '../values/iterate.ts';
import { isDict } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, Undefined } from '../values/types.ts';
import { attributeGetter, type Getter } from './attributes.ts';

/** None and whatever else is false has no items. */
function itemsOf(value: unknown): unknown[] {
  return truthy(value) ? iterate(value) : [];
}

function map(rt: Runtime, value: unknown, args: unknown[], kwargs: Keywords): unknown[] {
  if (args.length === 0 && Object.hasOwn(kwargs, 'attribute')) {
    const { attribute, default: fallback, ...rest } = kwargs;
    const [extra] = Object.keys(rest);
    if (extra !== undefined) throw argumentError(`Unexpected keyword argument '${extra}'`);
    return itemsOf(value).map(attributeGetter(attribute, fallback));
  }
  if (args.length === 0) throw argumentError('map requires a filter argument');
  const [name, ...rest] = args;
  return itemsOf(value).map((item) => rt.filter(pyString(name), item, rest, kwargs));
}

/** The items for which a test (truth, when none is named) holds or does not hold. */
function select(
  rt: Runtime,
  value: unknown,
  args: unknown[],
  kwargs: Keywords,
  get: Getter,
  wanted: boolean,
): unknown[] {
  const [name, ...rest] = args;
  const test: (item: unknown) => boolean =
    name === undefined ? truthy : (item) => rt.test(pyString(name), item, rest, kwargs);
  return itemsOf(value).filter((item) => test(get(item)) === wanted);
}

function selectBy(rt: Runtime, value: unknown, args: unknown[], kwargs: Keywords, wanted: boolean): unknown[] {
  if (args.length === 0) throw argumentError('Missing parameter for attribute name');
  const [attribute, ...rest] = args;
  return select(rt, value, rest, kwargs, attributeGetter(attribute), wanted);
}

const self: Getter = (item) => item;
const parameters = 'value, *args, **kwargs';

/** `map` and the filters that choose items. */
export const selectionFilters: Builtins = {
  map: builtin(parameters, map),
  select: builtin(parameters, (rt, value, args: unknown[], kwargs: Keywords) =>
    select(rt, value, args, kwargs, self, true),
  ),
  reject: builtin(parameters, (rt, value, args: unknown[], kwargs: Keywords) =>
    select(rt, value, args, kwargs, self, false),
  ),
  selectattr: builtin(parameters, (rt, value, args: unknown[], kwargs: Keywords) =>
    selectBy(rt, value, args, kwargs, true),
  ),
  rejectattr: builtin(parameters, (rt, value, args: unknown[], kwargs: Keywords) =>
    selectBy(rt, value, args, kwargs, false),
  ),
  attr: builtin('obj, name', (_rt, value: unknown, name) => {
    if (value instanceof Undefined) return value;
    const attribute = pyString(name);
    const found = isDict(value) ? undefined : findAttribute(value, attribute);
    return found === undefined ? noAttribute(value, attribute) : found;
  }),
};

/** Unlike `.name`, `attr` never looks at the items of a dict. */
function noAttribute(value: unknown, name: string): Undefined {
  return new Undefined(missingMessage(value, name), name);
}
