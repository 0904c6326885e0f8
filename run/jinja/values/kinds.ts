import { DictView, Float, LazyMapping, Markup, PyObject, Tuple, Undefined } from './types.ts';

export function isText(value: unknown): value is string | Markup {
  return typeof value === 'string' || value instanceof Markup;
}

/** An int in Python's sense, `bool` excepted. A number beyond the safe integers came from a float. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'number' ? Number.isSafeInteger(value) && !Object.is(value, -0) : typeof value === 'bigint';
}

export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === 'number' && !isInt(value));
}

/** Whatever Python calculates with: int, float and bool. */
export function isNumber(value: unknown): value is number | bigint | boolean | Float {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Float;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export type Dict = Record<string, unknown> | Map<unknown, unknown> | LazyMapping;

export function isDict(value: unknown): value is Dict {
  return value instanceof Map || value instanceof LazyMapping || isPlainObject(value);
}

/** A list or a tuple: what Ansible calls a sequence. */
export function isSequence(value: unknown): value is unknown[] {
  return Array.isArray(value) && !(value instanceof DictView);
}

/** A JS function or a date that came in with the host's data. */
export function isCallable(value: unknown): boolean {
  return typeof value === 'function' || (value instanceof PyObject && value.callable);
}

/** Python's `type(value).__name__`. */
export function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isInt(value)) return 'int';
  if (isFloat(value)) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof DictView) return value.viewName;
  if (Array.isArray(value)) return 'list';
  if (value instanceof Markup) return 'Markup';
  if (value instanceof Undefined) return 'AnsibleUndefined';
  if (value instanceof PyObject) return value.typeName;
  if (value instanceof Set) return 'set';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'function') return 'function';
  return isDict(value) ? 'dict' : 'object';
}

/** How Jinja2 names a value in "... has no attribute". */
export function objectName(value: unknown): string {
  return value === null ? 'None' : `${typeName(value)} object`;
}
