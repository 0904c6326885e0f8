import { typeError, valueError } from '../errors.ts';
import { isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { Float, PyObject } from '../values/types.ts';
import { floatRepr, pyString } from './repr.ts';

/** A float in one of the printf notations `e f g` (upper case: likewise). */
export function formatFloat(value: number, type: string, places: number, alternate = false): string {
  const lower = type.toLowerCase();
  const text = Number.isFinite(value) ? finiteText(value, lower, places, alternate) : floatRepr(value);
  return type === lower ? text : text.toUpperCase();
}

function finiteText(value: number, type: string, places: number, alternate: boolean): string {
  const negative = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (type === 'f') return negative + fixed(magnitude, places) + (alternate && places === 0 ? '.' : '');
  if (type === 'e') return negative + pythonExponent(exponential(magnitude, places));
  const significant = places === 0 ? 1 : places;
  const exponent = magnitude === 0 ? 0 : Number(exponential(magnitude, significant - 1).split('e')[1]);
  const small = exponent < -4 || exponent >= significant;
  let text = small
    ? pythonExponent(exponential(magnitude, significant - 1))
    : fixed(magnitude, significant - 1 - exponent);
  if (!alternate && text.includes('.')) text = text.replace(/\.?0+(?=e|$)/, '');
  return negative + text;
}

/** `toFixed` stops at 100 places and turns to exponents at 1e21; exact decimals of a double come from its fraction. */
function fixed(value: number, places: number): string {
  if (value < 1e21 && places <= 100) return exactRound(value, places);
  const whole = BigInt(Math.trunc(value)).toString();
  return places > 0 ? `${whole}.${'0'.repeat(places)}` : whole;
}

/** Rounds the double's exact value half to even, as C's printf does; `toFixed` breaks exact ties upwards. */
function exactRound(value: number, places: number): string {
  const text = value.toFixed(places);
  const doubled = value * 2 * 10 ** places;
  if (places > 22 || !Number.isInteger(doubled) || doubled % 2 === 0 || doubled > 2 ** 53) return text;
  const lower = (doubled - 1) / 2;
  if (Math.abs((lower + 0.5) / 10 ** places - value) > 0 || !isExactTie(value, places)) return text;
  const even = String(lower % 2 === 0 ? lower : lower + 1).padStart(places + 1, '0');
  return places === 0 ? even : `${even.slice(0, -places)}.${even.slice(-places)}`;
}

function isExactTie(value: number, places: number): boolean {
  const digits = value.toFixed(Math.min(100, places + 40)).split('.')[1] ?? '';
  return /^50*$/.test(digits.slice(places));
}

function exponential(value: number, places: number): string {
  return value.toExponential(Math.min(places, 100));
}

function pythonExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

interface FormatSpec {
  fill: string;
  align: string;
  sign: string;
  alternate: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  type: string;
}

const specPattern = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

function parseSpec(spec: string): FormatSpec {
  const match = specPattern.exec(spec);
  if (!match) throw valueError(`Invalid format specifier '${spec}'`);
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, type] = match;
  return {
    fill: fill ?? (zero ? '0' : ' '),
    align: align ?? (zero ? '=' : ''),
    sign: sign ?? '-',
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? '',
    precision: precision === undefined ? undefined : Number(precision),
    type: type ?? '',
  };
}

/** Python's `format(value, spec)`. */
export function formatValue(value: unknown, spec: string): string {
  if (value instanceof PyObject && spec !== '') {
    const formatted = value.operate('format', spec, false);
    if (typeof formatted === 'string') return formatted;
  }
  if (spec === '') return pyString(value);
  if (isText(value)) return formatText(String(value), parseSpec(spec));
  if (!isNumber(value)) throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  return formatNumber(value, parseSpec(spec));
}

function formatText(text: string, spec: FormatSpec): string {
  if (spec.type !== '' && spec.type !== 's') {
    throw valueError(`Unknown format code '${spec.type}' for object of type 'str'`);
  }
  if (spec.grouping !== '') throw valueError(`Cannot specify '${spec.grouping}' with 's'.`);
  if (spec.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  const shown = spec.precision === undefined ? text : Array.from(text).slice(0, spec.precision).join('');
  return align(shown, spec, '<');
}

function formatNumber(value: number | bigint | boolean | Float, spec: FormatSpec): string {
  const floating = isFloat(value) || 'eEfFgG%'.includes(spec.type || 'd');
  if (floating && 'bcdoxX'.includes(spec.type || ' ')) {
    throw valueError(`Unknown format code '${spec.type}' for object of type 'float'`);
  }
  const [sign, prefix, digits, tail] = floating
    ? floatParts(value instanceof Float ? value.value : Number(value), spec)
    : integerParts(BigInt(value as number | bigint | boolean), spec);
  const grouped = group(digits, spec);
  const shownSign = sign || (spec.sign === '+' ? '+' : spec.sign === ' ' ? ' ' : '');
  const head = shownSign + prefix;
  if (spec.align !== '=') return align(head + grouped + tail, spec, '>');
  const room = spec.width - head.length - tail.length;
  if (spec.fill !== '0' || spec.grouping === '') return head + grouped.padStart(room, spec.fill) + tail;
  let padded = digits;
  while (group(padded, spec).length < room) padded = `0${padded}`;
  return head + group(padded, spec) + tail;
}

function integerParts(value: bigint, spec: FormatSpec): [string, string, string, string] {
  if (spec.type === 'c') return ['', '', String.fromCodePoint(Number(value)), ''];
  if (spec.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  const base = spec.type === 'b' ? 2 : spec.type === 'o' ? 8 : spec.type.toLowerCase() === 'x' ? 16 : 10;
  const digits = (value < 0n ? -value : value).toString(base);
  const prefix = spec.alternate && base !== 10 ? `0${spec.type}` : '';
  return [value < 0n ? '-' : '', prefix, spec.type === 'X' ? digits.toUpperCase() : digits, ''];
}

function floatParts(value: number, spec: FormatSpec): [string, string, string, string] {
  const percent = spec.type === '%';
  const shown = percent ? value * 100 : value;
  let text: string;
  if (spec.type === '' && spec.precision === undefined) text = floatRepr(shown);
  else if (spec.type === '') {
    text = formatFloat(shown, 'g', spec.precision!);
    if (/^-?\d+$/.test(text)) text += '.0';
  } else {
    const type = percent ? 'f' : spec.type === 'n' ? 'g' : spec.type;
    text = formatFloat(shown, type, spec.precision ?? 6, spec.alternate);
  }
  const [, sign = '', digits = '', tail = ''] = /^(-?)(\d*|[a-zA-Z]+)(.*)$/.exec(text)!;
  return [sign, '', digits, tail + (percent ? '%' : '')];
}

function group(digits: string, spec: FormatSpec): string {
  if (spec.grouping === '') return digits;
  const size = 'boxX'.includes(spec.type || ' ') ? 4 : 3;
  return digits.replace(new RegExp(`\\B(?=(?:.{${size}})+$)`, 'g'), spec.grouping);
}

function align(text: string, spec: FormatSpec, fallback: string): string {
  const missing = spec.width - Array.from(text).length;
  if (missing <= 0) return text;
  const side = spec.align || fallback;
  if (side === '<') return text + spec.fill.repeat(missing);
  if (side === '>') return spec.fill.repeat(missing) + text;
  const left = Math.floor(missing / 2);
  return spec.fill.repeat(left) + text + spec.fill.repeat(missing - left);
}
