import { keyError, typeError } from '../errors.ts';
import { dictGet } from '../values/dict.ts';
import { isDict, isSequence, typeName } from '../values/kinds.ts';
import { PyObject } from '../values/types.ts';
import { pyRepr } from './repr.ts';

/** `{0.name}` in `str.format`: attributes only, never items. */
export function findAttributeForFormat(value: unknown, name: string): unknown {
  const found = value instanceof PyObject ? value.attribute(name) : undefined;
  if (found === undefined) throw typeError(`'${typeName(value)}' object has no attribute '${name}'`);
  return found;
}

/** `{0[key]}` in `str.format`. */
export function findItemForFormat(value: unknown, key: unknown): unknown {
  const found = isDict(value)
    ? dictGet(value, key)
    : isSequence(value) && typeof key === 'number'
      ? value[key]
      : undefined;
  if (found === undefined) throw keyError(pyRepr(key));
  return found;
}
