import { typeError } from '../errors.ts';
import { dictKeys, dictSize } from './dict.ts';
import { isDict, isText, typeName } from './kinds.ts';
import { Absent, PyObject, Undefined } from './types.ts';

/** The code points of a text: what Python calls its characters. */
export function characters(text: string): string[] {
  return hasSurrogates(text) ? Array.from(text) : text.split('');
}

export function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text);
}

/** The items of anything Python can iterate over, as an array that must not be changed; `undefined` if it cannot. */
export function tryIterate(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (isText(value)) return characters(String(value));
  if (value instanceof Absent) return [];
  if (value instanceof Undefined) throw value.error();
  if (value instanceof Set || value instanceof Uint8Array) return [...value];
  if (value instanceof PyObject) {
    const items = value.iterate();
    return items && [...items];
  }
  return isDict(value) ? dictKeys(value) : undefined;
}

/** As `tryIterate`, but a `TypeError` for what cannot be iterated over. */
export function iterate(value: unknown): unknown[] {
  const items = tryIterate(value);
  if (!items) throw typeError(`'${typeName(value)}' object is not iterable`);
  return items;
}

/** Python's `len()`. */
export function length(value: unknown): number {
  if (isText(value)) {
    const text = String(value);
    return hasSurrogates(text) ? characters(text).length : text.length;
  }
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Set) return value.size;
  if (value instanceof Absent) return 0;
  if (value instanceof Undefined) throw value.error();
  if (value instanceof PyObject) {
    const items = value.iterate();
    if (items) return [...items].length;
  } else if (isDict(value)) return dictSize(value);
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}
