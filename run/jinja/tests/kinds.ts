import { type Builtins, builtin } from '../builtin.ts';
import { findFilter } from '../filters/registry.ts';
import { operate } from '../python/arithmetic.ts';
import { pyString } from '../python/repr.ts';
import { equal } from '../values/compare.ts';
import { tryIterate } from '../values/iterate.ts';
import { isCallable, isDict, isFloat, isInt, isNumber, isSequence, isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Float, Markup, Undefined } from '../values/types.ts';

/** Whatever has a length and items, in Jinja2's words: a text and a dict too; a dict's views have no items by key. */
function hasItems(value: unknown): boolean {
  return isSequence(value) || isText(value) || isDict(value) || value instanceof Uint8Array;
}

/** Python's `is`: small ints, booleans, None and texts are one object, collections are themselves only. */
function same(a: unknown, b: unknown): boolean {
  if (a instanceof Float && b instanceof Float) return a.value === b.value;
  return a === b;
}

/** Ansible's `boolean` conversion: what is no such word is left as it is. */
function wordTruth(value: unknown): unknown {
  const word = isText(value) ? String(value).toLowerCase().trim() : value;
  if (['y', 'yes', 'on', '1', 'true', 't'].includes(word as string) || (isNumber(word) && equal(word, 1))) return true;
  if (['n', 'no', 'off', '0', 'false', 'f'].includes(word as string) || (isNumber(word) && equal(word, 0)))
    return false;
  return value;
}

function isTruthy(value: unknown, convert: unknown): boolean {
  return truthy(convert !== undefined && truthy(convert) ? wordTruth(value) : value);
}

function isCased(value: unknown, upper: boolean): boolean {
  const text = pyString(value);
  return /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text) && text === (upper ? text.toUpperCase() : text.toLowerCase());
}

function isNan(value: unknown): boolean {
  if (value instanceof Undefined) throw value.error();
  return typeof value === 'number' && Number.isNaN(value);
}

const nan = builtin('x', (_rt, value) => isNan(value));

/** Tests of what a value is. */
export const kindTests: Builtins = {
  boolean: builtin('value', (_rt, value) => typeof value === 'boolean'),
  callable: builtin('value', (_rt, value) => isCallable(value)),
  defined: builtin('value', (_rt, value) => !(value instanceof Undefined)),
  divisibleby: builtin('value, num', (_rt, value, by) => equal(operate('%', value, by), 0)),
  escaped: builtin('value', (_rt, value) => value instanceof Markup),
  even: builtin('value', (_rt, value) => equal(operate('%', value, 2), 0)),
  false: builtin('value', (_rt, value) => value === false),
  falsy: builtin('value, convert_bool?', (_rt, value, convert) => !isTruthy(value, convert)),
  filter: builtin('value', (_rt, value) => findFilter(pyString(value)) !== undefined),
  float: builtin('value', (_rt, value) => isFloat(value)),
  integer: builtin('value', (_rt, value) => isInt(value)),
  isnan: nan,
  iterable: builtin('value', (_rt, value) => tryIterate(value) !== undefined),
  lower: builtin('value', (_rt, value) => isCased(value, false)),
  mapping: builtin('value', (_rt, value) => isDict(value)),
  nan,
  none: builtin('value', (_rt, value) => value === null),
  number: builtin('value', (_rt, value) => isNumber(value)),
  odd: builtin('value', (_rt, value) => equal(operate('%', value, 2), 1)),
  sameas: builtin('value, other', (_rt, value, other) => same(value, other)),
  sequence: builtin('value', (_rt, value) => hasItems(value)),
  string: builtin('value', (_rt, value) => isText(value)),
  test: builtin('value', (rt, value) => rt.isTest(pyString(value))),
  true: builtin('value', (_rt, value) => value === true),
  truthy: builtin('value, convert_bool?', (_rt, value, convert) => isTruthy(value, convert)),
  undefined: builtin('value', (_rt, value) => value instanceof Undefined),
  upper: builtin('value', (_rt, value) => isCased(value, true)),
};
