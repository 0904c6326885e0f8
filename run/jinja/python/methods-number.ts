import { isFloat } from '../values/kinds.ts';
import { type Float, Tuple } from '../values/types.ts';
import { makeInt, toNumber } from './arithmetic.ts';
import { intArgument, type Method, method } from './method.ts';

type Int = number | bigint | boolean;

/** Python's `int` and `bool` methods. */
export const intMethods: Record<string, Method> = {
  bit_length: method<Int>('', (self) => {
    const value = BigInt(self);
    return value === 0n ? 0 : (value < 0n ? -value : value).toString(2).length;
  }),
  conjugate: method<Int>('', (self) => self),
  as_integer_ratio: method<Int>('', (self) => Tuple.make([self, 1])),
  to_bytes: method<Int>('length?, byteorder?', (self, _caller, size, order) => {
    const bytes = new Uint8Array(intArgument(size, 1));
    let rest = BigInt(self);
    for (let at = bytes.length - 1; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
    return order === 'little' ? bytes.reverse() : bytes;
  }),
};

/** Python's `float` methods. */
export const floatMethods: Record<string, Method> = {
  is_integer: method<number | Float>('', (self) => Number.isInteger(toNumber(self))),
  conjugate: method<number | Float>('', (self) => self),
  as_integer_ratio: method<number | Float>('', (self) => {
    let top = toNumber(self);
    let bottom = 1n;
    while (isFloat(top) && !Number.isInteger(top)) {
      top *= 2;
      bottom *= 2n;
    }
    return Tuple.make([makeInt(BigInt(top)), makeInt(bottom)]);
  }),
};
