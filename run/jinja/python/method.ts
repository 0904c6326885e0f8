import { typeError, valueError } from '../errors.ts';
import { isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { type Caller, Undefined } from '../values/types.ts';
import { type Signature, signature } from './signature.ts';

/** A method of one of Python's built-in types. */
export interface Method {
  readonly signature: Signature;
  readonly run: (self: never, caller: Caller, ...args: never[]) => unknown;
}

/** Declares a method of a Python type; for the text of the signature see `signature`. */
export function method<Self>(text: string, run: (self: Self, caller: Caller, ...args: unknown[]) => unknown): Method {
  return { signature: signature(text), run: run as Method['run'] };
}

/** The text that an argument must be. */
export function textArgument(value: unknown, what = 'argument'): string {
  if (isText(value)) return String(value);
  if (value instanceof Undefined) throw value.error();
  throw typeError(`${what} must be str, not ${typeName(value)}`);
}

/** The integer that an argument must be; `fallback` when it was left out. */
export function intArgument(value: unknown, fallback?: number): number {
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  if (value instanceof Undefined) throw value.error();
  if (!isNumber(value) || isFloat(value)) {
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  }
  return Number(value);
}

/** `start` and `end` as offsets into something of this size. */
export function range(start: unknown, end: unknown, size: number): [number, number] {
  const offset = (value: unknown, fallback: number): number => {
    const index = intArgument(value, fallback);
    return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  };
  return [offset(start, 0), offset(end, size)];
}

export function notFound(message: string): never {
  throw valueError(message);
}
