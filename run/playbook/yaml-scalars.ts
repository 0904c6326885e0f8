import { Float } from '../jinja/values/types.ts';

/*
 * What a plain scalar means to PyYAML (YAML 1.1, yaml/resolver.py and yaml/constructor.py). `y`, `n`, `1e3` and `08` are
 * strings there; so are dates here, where Python makes a date that prints as the same text.
 */

const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;

/** The value of an untagged plain scalar. */
export function plainScalar(text: string): unknown {
  const first = text.charCodeAt(0);
  // Most scalars are words: one look at the first letter saves five regular expressions.
  if (/[-+.0-9]/.test(text[0] ?? '')) {
    if (INT.test(text)) return intScalar(text);
    if (FLOAT.test(text)) return floatScalar(text);
    return text;
  }
  if (first > 32 && text.length > 5) return text;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (NULL.test(text)) return null;
  return text;
}

/** The value of a plain scalar in a JSON text, where Python's json knows more floats than YAML does. */
export function jsonScalar(text: string): unknown {
  const match = JSON_NUMBER.exec(text);
  if (!match) return plainScalar(text);
  return match[1] || match[2] ? asFloat(Number(text)) : asInt(text);
}

/** An explicit or implicit `!!int`. @throws RangeError when it is none */
export function intScalar(written: string): number | bigint {
  const text = written.replaceAll('_', '');
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  let value: bigint;
  if (/^0b[01]+$/.test(digits) || /^0x[\da-fA-F]+$/.test(digits)) value = BigInt(digits);
  else if (/^0[0-7]+$/.test(digits)) value = BigInt(`0o${digits.slice(1)}`);
  else if (/^\d+(?::\d+)+$/.test(digits)) value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else if (/^\d+$/.test(digits)) value = BigInt(digits);
  else throw new RangeError(`"${written}" is not an integer`);
  return asInt(negative ? -value : value);
}

/** An explicit or implicit `!!float`. @throws RangeError when it is none */
export function floatScalar(written: string): number | Float {
  const text = written.replaceAll('_', '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  const value = digits.includes(':')
    ? digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    : Number(digits);
  if (Number.isNaN(value)) throw new RangeError(`"${written}" is not a number`);
  return asFloat(sign * value);
}

/** An explicit `!!bool`. */
export function boolScalar(text: string): boolean | undefined {
  if (TRUE.test(text)) return true;
  return FALSE.test(text) ? false : undefined;
}

function asInt(value: bigint | string): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function asFloat(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}
