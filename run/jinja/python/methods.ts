import { isDict, isFloat, isInt, isSequence } from '../values/kinds.ts';
import { DictView, Markup, Tuple } from '../values/types.ts';
import type { Method } from './method.ts';
import { bytesMethods } from './methods-bytes.ts';
import { dictMethods } from './methods-dict.ts';
import { listMethods, tupleMethods } from './methods-list.ts';
import { floatMethods, intMethods } from './methods-number.ts';
import { setMethods } from './methods-set.ts';
import { stringMethods } from './methods-string.ts';

/** The method of this name that Python's built-in type of `object` has. */
export function findMethod(object: unknown, name: string): Method | undefined {
  const methods = methodsOf(object);
  return methods && Object.hasOwn(methods, name) ? methods[name] : undefined;
}

function methodsOf(object: unknown): Record<string, Method> | undefined {
  if (typeof object === 'string' || object instanceof Markup) return stringMethods;
  if (object instanceof Tuple) return tupleMethods;
  if (isSequence(object)) return listMethods;
  if (object instanceof DictView) return undefined;
  if (typeof object === 'boolean' || isInt(object)) return intMethods;
  if (isFloat(object)) return floatMethods;
  if (object instanceof Uint8Array) return bytesMethods;
  if (object instanceof Set) return setMethods;
  return isDict(object) ? dictMethods : undefined;
}
