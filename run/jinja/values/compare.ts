import { typeError } from '../errors.ts';
import { isDict, isNumber, isText, typeName } from './kinds.ts';
import { Absent, DictView, Float, LazyMapping, Markup, PyObject, Tuple, Undefined } from './types.ts';

type Comparable = number | bigint;

/** A number in a shape that JS compares exactly. */
function comparable(value: number | bigint | boolean | Float): Comparable {
  if (value instanceof Float) return value.value;
  return typeof value === 'boolean' ? Number(value) : value;
}

/** Python's `==`. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b && !(a instanceof Undefined)) return true;
  if (typeof a === 'string' && typeof b === 'string') return false;
  if (a instanceof Absent || b instanceof Absent) return a instanceof Absent && b instanceof Absent;
  if (a instanceof Undefined) throw a.error();
  if (b instanceof Undefined) throw b.error();
  if (a instanceof PyObject) return a.equals(b);
  if (b instanceof PyObject) return b.equals(a);
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are the same Python int
  if (isNumber(a) && isNumber(b)) return comparable(a) == comparable(b);
  if (isText(a) && isText(b)) return String(a) === String(b);
  if (Array.isArray(a) && Array.isArray(b)) return sameSequence(a, b);
  if (a instanceof Set && b instanceof Set) return a.size === b.size && isSubset(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (isDict(a) && isDict(b)) return sameDict(toEntries(a), toEntries(b));
  return false;
}

function sameSequence(a: unknown[], b: unknown[]): boolean {
  if (a instanceof Tuple !== b instanceof Tuple || a instanceof DictView !== b instanceof DictView) return false;
  return a.length === b.length && a.every((item, index) => equal(item, b[index]));
}

function toEntries(dict: object): [unknown, unknown][] {
  if (dict instanceof Map) return [...dict];
  if (dict instanceof LazyMapping) return [...dict.keys()].map((key) => [key, dict.get(key)]);
  return Object.entries(dict);
}

function sameDict(a: [unknown, unknown][], b: [unknown, unknown][]): boolean {
  if (a.length !== b.length) return false;
  const byKey = new Map(b);
  return a.every(([key, value]) => {
    if (byKey.has(key)) return equal(value, byKey.get(key));
    const other = b.find(([candidate]) => equal(candidate, key));
    return other !== undefined && equal(value, other[1]);
  });
}

/** Whether every element of `a` equals one of `b`. */
export function isSubset(a: Iterable<unknown>, b: Iterable<unknown>): boolean {
  const others = [...b];
  for (const item of a) if (!others.some((other) => equal(item, other))) return false;
  return true;
}

export type Ordering = '<' | '<=' | '>' | '>=';

/** Python's ordering operators; throws a `TypeError` for values without an order, as Python does. */
export function ordered(operator: Ordering, a: unknown, b: unknown): boolean {
  if (a instanceof Undefined) throw a.error();
  if (b instanceof Undefined) throw b.error();
  if (isNumber(a) && isNumber(b)) return holds(operator, comparable(a), comparable(b));
  if (a instanceof Set && b instanceof Set) return orderedSets(operator, a, b);
  const order = threeWay(operator, a, b);
  return holds(operator, order, 0);
}

function holds(operator: Ordering, a: Comparable, b: Comparable): boolean {
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function orderedSets(operator: Ordering, a: Set<unknown>, b: Set<unknown>): boolean {
  if (operator === '<' || operator === '<=') return isSubset(a, b) && (operator === '<=' || a.size < b.size);
  return isSubset(b, a) && (operator === '>=' || a.size > b.size);
}

function threeWay(operator: Ordering, a: unknown, b: unknown): number {
  if (isText(a) && isText(b)) return compareText(String(a), String(b));
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      if (equal(a[index], b[index])) continue;
      return ordered('<', a[index], b[index]) ? -1 : 1;
    }
    return a.length - b.length;
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  const order = a instanceof PyObject ? a.compare(b) : b instanceof PyObject ? negate(b.compare(a)) : undefined;
  if (order === undefined) {
    throw typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
  }
  return order;
}

function negate(order: number | undefined): number | undefined {
  return order === undefined ? undefined : -order;
}

/** By code point, as Python orders text; JS would order by UTF-16 unit. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x === y) continue;
    const xHigh = x >= 0xd800 && x < 0xe000;
    const yHigh = y >= 0xd800 && y < 0xe000;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** An ordering for `Array.prototype.sort`. */
export function pythonOrder(a: unknown, b: unknown): number {
  if (ordered('<', a, b)) return -1;
  return ordered('<', b, a) ? 1 : 0;
}

/** @throws Python's TypeError for what cannot be in a set or a key of a dict */
export function refuseUnhashable(item: unknown): void {
  if (item instanceof Tuple) for (const each of item) refuseUnhashable(each);
  const isList = Array.isArray(item) && !(item instanceof Tuple);
  if (isList || item instanceof Set || isDict(item)) throw typeError(`unhashable type: '${typeName(item)}'`);
}

/** Python's `in`. */
export function contains(container: unknown, item: unknown): boolean {
  if (container instanceof Undefined) throw container.error();
  if (isText(container)) {
    if (item instanceof Undefined) throw item.error();
    if (!isText(item)) throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    return String(container).includes(String(item));
  }
  if (item instanceof Undefined) throw item.error();
  if (Array.isArray(container)) return container.some((candidate) => equal(candidate, item));
  if (container instanceof Set || isDict(container)) refuseUnhashable(item);
  if (container instanceof Set) return [...container].some((candidate) => equal(candidate, item));
  if (container instanceof Map) return container.has(item) || [...container.keys()].some((key) => equal(key, item));
  if (container instanceof LazyMapping) return isText(item) && container.has(String(item));
  if (container instanceof PyObject) {
    const items = container.iterate();
    if (items) return [...items].some((candidate) => equal(candidate, item));
  }
  if (container instanceof Uint8Array && item instanceof Uint8Array)
    return Buffer.from(container).includes(Buffer.from(item));
  if (isDict(container)) return isText(item) && Object.hasOwn(container, item instanceof Markup ? item.text : item);
  throw typeError(`argument of type '${typeName(container)}' is not iterable`);
}
