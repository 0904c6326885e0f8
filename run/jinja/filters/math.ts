import { type Builtins, builtin } from '../builtin.ts';
import { argumentError, filterError, overflowError, typeError, valueError } from '../errors.ts';
import { makeFloat, makeInt, negate, toNumber } from '../python/arithmetic.ts';
import { formatFloat } from '../python/format-number.ts';
import { intArgument } from '../python/method.ts';
import { parseFloatText } from '../python/numbers.ts';
import { pyString } from '../python/repr.ts';
import { isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Undefined } from '../values/types.ts';
import { humanReadable, humanToBytes } from './human.ts';

function real(value: unknown, what: string): number {
  if (value instanceof Undefined) throw value.error();
  if (isNumber(value)) return toNumber(value);
  throw filterError(`${what}() can only be used on numbers: must be real number, not ${typeName(value)}`);
}

function log(value: unknown, base: unknown): unknown {
  const x = real(value, 'log');
  if (x <= 0) throw valueError('math domain error');
  if (base === undefined) return makeFloat(Math.log(x));
  const b = real(base, 'log');
  return makeFloat(b === 10 ? Math.log10(x) : Math.log(x) / Math.log(b));
}

function power(value: unknown, exponent: unknown): unknown {
  const [x, y] = [real(value, 'pow'), real(exponent, 'pow')];
  const result = x ** y;
  if (Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y)) throw valueError('math domain error');
  if (!Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y)) throw overflowError('math range error');
  return makeFloat(result);
}

function root(value: unknown, base: unknown): unknown {
  const x = real(value, 'root');
  const b = base === undefined ? 2 : real(base, 'root');
  if (x < 0 && b === 2) throw filterError('root() can only be used on numbers: math domain error');
  return makeFloat(b === 2 ? Math.sqrt(x) : x ** (1 / b));
}

/** Python's `abs`. */
function absolute(value: unknown): unknown {
  if (value instanceof Undefined) throw value.error();
  if (!isNumber(value)) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  if (isFloat(value)) return makeFloat(Math.abs(toNumber(value)));
  return toNumber(value) < 0 ? negate(value) : makeInt(BigInt(value as number | bigint | boolean));
}

/** Jinja2's `round`: Python's banker's rounding of the exact value, or up, or down; a float always. */
function round(value: unknown, precision: unknown, method: unknown): unknown {
  const how = method === undefined ? 'common' : pyString(method);
  if (!['common', 'ceil', 'floor'].includes(how)) throw argumentError('method must be common, ceil or floor');
  if (value instanceof Undefined) throw value.error();
  if (!isNumber(value)) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  const places = intArgument(precision, 0);
  const x = toNumber(value);
  if (!Number.isFinite(x)) return x;
  const scale = 10 ** Math.abs(places);
  if (how !== 'common') {
    const scaled = places < 0 ? x / scale : x * scale;
    const whole = how === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled);
    return makeFloat(places < 0 ? whole * scale : whole / scale);
  }
  const rounded = places < 0 ? Number(formatFloat(x / scale, 'f', 0)) * scale : Number(formatFloat(x, 'f', places));
  // `+ 0`: an int has no minus zero.
  return isFloat(value) ? makeFloat(rounded) : rounded + 0;
}

function size(value: unknown): number {
  if (value instanceof Undefined) throw value.error();
  const number = isText(value) ? parseFloatText(String(value)) : isNumber(value) ? toNumber(value) : undefined;
  if (number === undefined) throw filterError(`human_readable() can't interpret following string: ${pyString(value)}`);
  return number;
}

/** Filters that calculate. */
export const mathFilters: Builtins = {
  abs: builtin('x', (_rt, value) => absolute(value)),
  human_readable: builtin('size, isbits?, unit?', (_rt, value, bits, unit) =>
    humanReadable(
      size(value),
      bits !== undefined && truthy(bits),
      unit === undefined || unit === null ? undefined : pyString(unit),
    ),
  ),
  human_to_bytes: builtin('size, default_unit?, isbits?', (_rt, value, unit, bits) =>
    humanToBytes(
      pyString(value),
      unit === undefined || unit === null ? undefined : pyString(unit),
      bits !== undefined && truthy(bits),
    ),
  ),
  log: builtin('x, base?', (_rt, value, base) => log(value, base)),
  pow: builtin('x, y', (_rt, value, exponent) => power(value, exponent)),
  root: builtin('x, base?', (_rt, value, base) => root(value, base)),
  round: builtin('value, precision?, method?', (_rt, value, precision, method) => round(value, precision, method)),
};
