import { pyString } from '../python/repr.ts';
import { dictEntries, makeDict } from './dict.ts';
import { isDict } from './kinds.ts';
import { DictView, Float, LazyMapping, Markup, PyObject, Tuple, Undefined } from './types.ts';

/** JSON-like data of a value: Float to number, tuples and sets to arrays, Maps to objects, other objects to their text. */
export function toPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float) return value.value;
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, toPlain);
  if (value instanceof Undefined) throw value.error();
  if (value instanceof PyObject) return pyString(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (!isDict(value)) return value;
  const object: Record<string, unknown> = {};
  for (const [key, item] of dictEntries(value)) {
    Object.defineProperty(object, pyString(key), {
      value: toPlain(item),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return object;
}

/**
 * A copy of data that consists of lists, dicts and scalars only, as Ansible makes one by printing and reading again;
 * `undefined` when something else is inside.
 */
export function copyData(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Float) return value;
  if (value instanceof Markup) return undefined;
  if (value instanceof DictView) return copyItems(value);
  if (value instanceof Tuple) {
    const items = copyItems(value);
    return items && Tuple.make(items);
  }
  if (Array.isArray(value)) return copyItems(value);
  if (value instanceof LazyMapping || value instanceof Undefined || !isDict(value)) return undefined;
  const entries: [unknown, unknown][] = [];
  for (const [key, item] of dictEntries(value)) {
    const copy = copyData(item);
    const keyCopy = copyData(key);
    if (copy === undefined || keyCopy === undefined) return undefined;
    entries.push([keyCopy, copy]);
  }
  return makeDict(entries);
}

function copyItems(items: unknown[]): unknown[] | undefined {
  const copies: unknown[] = [];
  for (const item of items) {
    const copy = copyData(item);
    if (copy === undefined) return undefined;
    copies.push(copy);
  }
  return copies;
}
