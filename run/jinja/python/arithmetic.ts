import { overflowError, typeError, valueError, zeroDivision } from '../errors.ts';
import { isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { DictView, Float, Markup, PyObject, Tuple, Undefined } from '../values/types.ts';
import { formatPercent } from './percent-format.ts';
import { pyString } from './repr.ts';

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** A float of this value: boxed when JS could not tell it from an int. */
export function makeFloat(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** An int of this value: a JS number while that is exact. */
export function makeInt(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export function toNumber(value: number | bigint | boolean | Float): number {
  return Number(value instanceof Float ? value.value : value);
}

function toBigInt(value: number | bigint | boolean): bigint {
  return BigInt(value);
}

/** Python's binary operators, with its types and its errors. */
export function operate(operator: Operator, a: unknown, b: unknown): unknown {
  if (a instanceof Undefined) throw a.error();
  if (operator === '%' && isText(a)) return formatText(a, b);
  if (b instanceof Undefined) throw b.error();
  if (isNumber(a) && isNumber(b)) return calculate(operator, a, b);
  if (a instanceof PyObject || b instanceof PyObject) {
    const left = a instanceof PyObject ? a.operate(operator, b, false) : undefined;
    const result = left === undefined && b instanceof PyObject ? b.operate(operator, a, true) : left;
    if (result !== undefined) return result;
  } else {
    const result = combine(operator, a, b);
    if (result !== undefined) return result;
  }
  throw unsupported(operator, a, b);
}

function formatText(format: string | Markup, values: unknown): unknown {
  const text = formatPercent(String(format), values);
  return format instanceof Markup ? new Markup(text) : text;
}

function combine(operator: Operator, a: unknown, b: unknown): unknown {
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    if (isText(a) && isText(b)) return new Markup(escapeUnlessSafe(a) + escapeUnlessSafe(b));
    if (Array.isArray(a) && Array.isArray(b) && typeName(a) === typeName(b) && !(a instanceof DictView)) {
      return a instanceof Tuple ? Tuple.make([...a, ...b]) : [...a, ...b];
    }
    if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.concat([a, b]);
  }
  if (operator === '*') return repeat(a, b) ?? repeat(b, a);
  if (operator === '-' && a instanceof Set && b instanceof Set) return new Set([...a].filter((item) => !b.has(item)));
  return undefined;
}

function repeat(value: unknown, count: unknown): unknown {
  if (!isNumber(count) || isFloat(count)) return undefined;
  const times = Math.max(0, toNumber(count));
  if (typeof value === 'string') return repeatText(value, times);
  if (value instanceof Markup) return new Markup(repeatText(value.text, times));
  if (!Array.isArray(value) || value instanceof DictView) return undefined;
  if (value.length * times > 1e8) throw overflowError('the repeated list is too long');
  const items = Array.from({ length: times }, () => value).flat(1);
  return value instanceof Tuple ? Tuple.make(items) : items;
}

function repeatText(text: string, times: number): string {
  if (text.length * times > 2 ** 28) throw overflowError('the repeated string is too long');
  return text.repeat(times);
}

function escapeUnlessSafe(value: string | Markup): string {
  return value instanceof Markup ? value.text : escapeHtml(value);
}

/** markupsafe's escaping. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('>', '&gt;')
    .replaceAll('<', '&lt;')
    .replaceAll("'", '&#39;')
    .replaceAll('"', '&#34;');
}

function unsupported(operator: Operator, a: unknown, b: unknown): Error {
  if (operator === '+') {
    if (isText(a)) return typeError(`can only concatenate str (not "${typeName(b)}") to str`);
    if (a instanceof Tuple) return typeError(`can only concatenate tuple (not "${typeName(b)}") to tuple`);
    if (Array.isArray(a) && !(a instanceof DictView)) {
      return typeError(`can only concatenate list (not "${typeName(b)}") to list`);
    }
  }
  if (operator === '*' && (isText(a) || isText(b) || Array.isArray(a) || Array.isArray(b))) {
    const other = isText(a) || Array.isArray(a) ? b : a;
    return typeError(`can't multiply sequence by non-int of type '${typeName(other)}'`);
  }
  const shown = operator === '**' ? '** or pow()' : operator;
  return typeError(`unsupported operand type(s) for ${shown}: '${typeName(a)}' and '${typeName(b)}'`);
}

function calculate(
  operator: Operator,
  a: number | bigint | boolean | Float,
  b: number | bigint | boolean | Float,
): unknown {
  if (isFloat(a) || isFloat(b)) return calculateFloat(operator, toNumber(a), toNumber(b));
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : Number.NaN;
    if (Number.isSafeInteger(quick)) return quick === 0 ? 0 : quick;
  }
  return calculateInt(operator, toBigInt(a as number | bigint | boolean), toBigInt(b as number | bigint | boolean));
}

function calculateInt(operator: Operator, a: bigint, b: bigint): unknown {
  switch (operator) {
    case '+':
      return makeInt(a + b);
    case '-':
      return makeInt(a - b);
    case '*':
      return makeInt(a * b);
    case '/':
      if (b === 0n) throw zeroDivision('division by zero');
      return makeFloat(Number(a) / Number(b));
    case '//':
      if (b === 0n) throw zeroDivision('integer division or modulo by zero');
      return makeInt(floorDivide(a, b));
    case '%':
      if (b === 0n) throw zeroDivision('integer division or modulo by zero');
      return makeInt(a - floorDivide(a, b) * b);
    case '**':
      return power(a, b);
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function power(a: bigint, b: bigint): unknown {
  if (b < 0n) return calculateFloat('**', Number(a), Number(b));
  if (b > 100000n && a !== 0n && a !== 1n && a !== -1n) throw overflowError('the power is too large to calculate');
  return makeInt(a ** b);
}

function calculateFloat(operator: Operator, a: number, b: number): number | Float {
  switch (operator) {
    case '+':
      return makeFloat(a + b);
    case '-':
      return makeFloat(a - b);
    case '*':
      return makeFloat(a * b);
    case '/':
      if (b === 0) throw zeroDivision('float division by zero');
      return makeFloat(a / b);
    case '//':
      if (b === 0) throw zeroDivision('float floor division by zero');
      return makeFloat(Math.floor((a - floatModulo(a, b)) / b + 0.5));
    case '%':
      if (b === 0) throw zeroDivision('float modulo');
      return makeFloat(floatModulo(a, b));
    case '**':
      return floatPower(a, b);
  }
}

function floatModulo(a: number, b: number): number {
  const remainder = a % b;
  if (remainder === 0) return b < 0 ? -0 : 0;
  return remainder < 0 !== b < 0 ? remainder + b : remainder;
}

function floatPower(a: number, b: number): number | Float {
  if (a === 0 && b < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  const result = a ** b;
  if (Number.isNaN(result) && !Number.isNaN(a) && !Number.isNaN(b)) {
    throw valueError(`complex numbers are not supported: ${pyString(makeFloat(a))} ** ${pyString(makeFloat(b))}`);
  }
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
    throw overflowError("(34, 'Numerical result out of range')");
  }
  return makeFloat(result);
}

export function negate(value: unknown): unknown {
  if (value instanceof Undefined) throw value.error();
  if (value instanceof PyObject) {
    const result = value.operate('-', 0, true);
    if (result !== undefined) return result;
  }
  if (!isNumber(value)) throw typeError(`bad operand type for unary -: '${typeName(value)}'`);
  if (isFloat(value)) return makeFloat(-toNumber(value));
  return makeInt(-toBigInt(value as number | bigint | boolean));
}

export function positive(value: unknown): unknown {
  if (value instanceof Undefined) throw value.error();
  if (!isNumber(value)) throw typeError(`bad operand type for unary +: '${typeName(value)}'`);
  return typeof value === 'boolean' ? Number(value) : value;
}
