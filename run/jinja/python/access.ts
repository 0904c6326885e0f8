import { typeError } from '../errors.ts';
import { dictGet } from '../values/dict.ts';
import { characters, hasSurrogates } from '../values/iterate.ts';
import { isDict, isFloat, isNumber, isSequence, isText, objectName, typeName } from '../values/kinds.ts';
import { type Caller, type Keywords, Markup, NativeFunction, PyObject, Tuple, Undefined } from '../values/types.ts';
import type { Method } from './method.ts';
import { findMethod } from './methods.ts';
import { pyRepr } from './repr.ts';
import { bind } from './signature.ts';

/** Jinja2's `object.name`: an attribute or method, then an item. `undefined` when there is neither. */
export function findAttribute(object: unknown, name: string): unknown {
  if (object instanceof Undefined) return object;
  const method = findMethod(object, name);
  if (method) return boundMethod(object, name, method);
  if (object instanceof PyObject) {
    const value = object.attribute(name);
    return value === undefined ? object.item(name) : value;
  }
  if (object instanceof Tuple && object.names) return object[object.names.indexOf(name)];
  return isDict(object) ? dictGet(object, name) : undefined;
}

/** Jinja2's `object[key]`: an item, then (for text) an attribute or method. `undefined` when there is neither. */
export function findItem(object: unknown, key: unknown): unknown {
  if (object instanceof Undefined) return object;
  if (key instanceof Undefined) throw key.error();
  if (isDict(object)) {
    const value = dictGet(object, key);
    if (value !== undefined) return value;
  } else if (isNumber(key) && !isFloat(key)) {
    const index = Number(key);
    if (isSequence(object) || object instanceof Uint8Array) return object[index < 0 ? index + object.length : index];
    if (isText(object)) {
      const text = String(object);
      const units = hasSurrogates(text) ? characters(text) : text;
      return units[index < 0 ? index + units.length : index];
    }
  }
  if (object instanceof PyObject) {
    const value = object.item(key);
    if (value !== undefined) return value;
  }
  if (!isText(key)) return undefined;
  const method = findMethod(object, String(key));
  if (method) return boundMethod(object, String(key), method);
  return object instanceof PyObject ? object.attribute(String(key)) : undefined;
}

/** As `findItem`, with an Undefined for what is missing. */
export function getItem(object: unknown, key: unknown): unknown {
  const value = findItem(object, key);
  return value === undefined ? missing(object, key) : value;
}

/** What Jinja2 says about an attribute or item that is not there. */
export function missingMessage(object: unknown, key: unknown): string {
  if (isText(key)) return `'${objectName(object)}' has no attribute ${pyRepr(String(key))}`;
  return `${objectName(object)} has no element ${pyRepr(key)}`;
}

function missing(object: unknown, key: unknown): Undefined {
  return new Undefined(missingMessage(object, key), isText(key) ? String(key) : undefined);
}

function boundMethod(object: unknown, name: string, method: Method): NativeFunction {
  return new NativeFunction(name, (args, kwargs, caller) => callMethod(object, name, method, args, kwargs, caller));
}

export function callMethod(
  object: unknown,
  name: string,
  method: Method,
  args: unknown[],
  kwargs: Keywords,
  caller: Caller,
): unknown {
  const bound = bind(name, method.signature, args, kwargs);
  return (method.run as (self: unknown, caller: Caller, ...args: unknown[]) => unknown)(object, caller, ...bound);
}

/** `object[start:stop:step]`; absent bounds are `undefined` or None. */
export function slice(object: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (object instanceof Undefined) return object;
  if (!isSequence(object) && !isText(object) && !(object instanceof Uint8Array)) {
    if (isDict(object)) throw typeError("unhashable type: 'slice'");
    throw typeError(`'${typeName(object)}' object is not subscriptable`);
  }
  const items: ArrayLike<unknown> = isText(object) ? sliceable(String(object)) : object;
  const picked: unknown[] = [];
  const stride = bound(step) ?? 1;
  if (stride === 0) throw typeError('slice step cannot be zero');
  const size = items.length;
  const clamp = (index: number, low: number, high: number): number =>
    Math.min(Math.max(index < 0 ? index + size : index, low), high);
  const from = bound(start);
  const to = bound(stop);
  if (stride > 0) {
    const end = to === undefined ? size : clamp(to, 0, size);
    for (let at = from === undefined ? 0 : clamp(from, 0, size); at < end; at += stride) picked.push(items[at]);
  } else {
    const end = to === undefined ? -1 : clamp(to, -1, size - 1);
    const first = from === undefined ? size - 1 : clamp(from, -1, size - 1);
    for (let at = first; at > end; at += stride) picked.push(items[at]);
  }
  if (isText(object)) return object instanceof Markup ? new Markup(picked.join('')) : picked.join('');
  if (object instanceof Uint8Array) return Uint8Array.from(picked as number[]);
  return object instanceof Tuple ? Tuple.make(picked) : picked;
}

function sliceable(text: string): ArrayLike<string> {
  return hasSurrogates(text) ? characters(text) : text;
}

function bound(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Undefined) throw value.error();
  if (!isNumber(value) || isFloat(value)) {
    throw typeError('slice indices must be integers or None or have an __index__ method');
  }
  return Number(value);
}
