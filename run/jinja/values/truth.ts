import { dictSize } from './dict.ts';
import { isDict } from './kinds.ts';
import { Absent, Float, Markup, PyObject, Undefined } from './types.ts';

/** Python's `bool(value)`. Throws for an undefined value. */
export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'function':
      return true;
    default:
      return truthyObject(value);
  }
}

function truthyObject(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  if (value instanceof Absent) return false;
  if (value instanceof Undefined) throw value.error();
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Markup) return value.text !== '';
  if (value instanceof Set) return value.size > 0;
  if (value instanceof PyObject) return value.truthy();
  return isDict(value) ? dictSize(value) > 0 : true;
}
