import { typeError, valueError } from '../errors.ts';
import { dictGet } from '../values/dict.ts';
import { isDict, isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { Float, Tuple } from '../values/types.ts';
import { formatFloat } from './format-number.ts';
import { pyRepr, pyString } from './repr.ts';

const directive = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlL]?)([a-zA-Z%]|$|.)/gs;

/** Python's `format % values`. */
export function formatPercent(format: string, values: unknown): string {
  const positional: unknown[] = values instanceof Tuple ? values : [values];
  let next = 0;
  let byName = false;
  const take = (): unknown => {
    if (next >= positional.length) throw typeError('not enough arguments for format string');
    return positional[next++];
  };
  const text = format.replace(directive, (whole, key, flags: string, width, precision, _size, type: string, at) => {
    if (type === '%') return '%';
    if (type === '') throw valueError('incomplete format');
    const columns = width === '*' ? Number(take()) : Number(width ?? 0);
    const hasPrecision = /\.(?:\*|\d*)[hlL]?.?$/s.test(whole.slice(1));
    const places = precision === '*' ? Number(take()) : hasPrecision ? Number(precision ?? 0) : undefined;
    let value: unknown;
    if (key === undefined) value = take();
    else {
      if (!isDict(values)) throw typeError('format requires a mapping');
      byName = true;
      value = dictGet(values, key);
      if (value === undefined) throw typeError(`KeyError: ${pyRepr(key)}`);
    }
    const body = convert(type, value, places, flags, Number(at) + whole.length - 1);
    return pad(body, columns, flags, type);
  });
  if (!byName && next < positional.length && !isDict(values)) {
    throw typeError('not all arguments converted during string formatting');
  }
  return text;
}

function convert(type: string, value: unknown, places: number | undefined, flags: string, at: number): string {
  switch (type) {
    case 's':
      return cut(pyString(value), places);
    case 'r':
    case 'a':
      return cut(pyRepr(value), places);
    case 'c':
      return oneCharacter(value);
    case 'd':
    case 'i':
    case 'u':
      return signed(integerDigits(value, type, 10, places, ''), flags);
    case 'x':
    case 'X':
    case 'o': {
      if (!isNumber(value) || isFloat(value)) {
        throw typeError(`%${type} format: an integer is required, not ${typeName(value)}`);
      }
      const prefix = flags.includes('#') ? (type === 'o' ? '0o' : '0x') : '';
      const digits = integerDigits(value, type, type === 'o' ? 8 : 16, places, prefix);
      return signed(type === 'X' ? digits.toUpperCase() : digits, flags);
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      if (!isNumber(value)) throw typeError(`must be real number, not ${typeName(value)}`);
      const number = value instanceof Float ? value.value : Number(value);
      return signed(formatFloat(number, type, places ?? 6, flags.includes('#')), flags);
    }
    default: {
      const code = type.codePointAt(0)!.toString(16);
      throw valueError(`unsupported format character '${type}' (0x${code}) at index ${at}`);
    }
  }
}

function integerDigits(value: unknown, type: string, base: number, places: number | undefined, prefix: string): string {
  if (!isNumber(value)) throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
  const integer = isFloat(value)
    ? BigInt(Math.trunc(value instanceof Float ? value.value : value))
    : BigInt(value as number | bigint | boolean);
  const digits = (integer < 0n ? -integer : integer).toString(base).padStart(places ?? 0, '0');
  return (integer < 0n ? '-' : '') + prefix + digits;
}

function oneCharacter(value: unknown): string {
  if (isText(value) && Array.from(String(value)).length === 1) return String(value);
  if (isNumber(value) && !isFloat(value)) return String.fromCodePoint(Number(value));
  throw typeError('%c requires int or char');
}

function cut(text: string, places: number | undefined): string {
  return places === undefined ? text : Array.from(text).slice(0, places).join('');
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return (flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + text;
}

function pad(text: string, columns: number, flags: string, type: string): string {
  const missing = columns - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || 'src'.includes(type)) return ' '.repeat(missing) + text;
  const sign = /^[-+ ]?(?:0[xX]|0o)?/.exec(text)![0];
  const head = 'xXo'.includes(type) ? sign : /^[-+ ]?/.exec(text)![0];
  return head + '0'.repeat(missing) + text.slice(head.length);
}
