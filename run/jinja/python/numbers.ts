import { overflowError } from '../errors.ts';
import { makeInt } from './arithmetic.ts';

const bases: Record<number, RegExp> = {
  2: /^([+-]?)(?:0[bB])?([01](?:_?[01])*)$/,
  8: /^([+-]?)(?:0[oO])?([0-7](?:_?[0-7])*)$/,
  10: /^([+-]?)(\d(?:_?\d)*)$/,
  16: /^([+-]?)(?:0[xX]_?)?([\da-fA-F](?:_?[\da-fA-F])*)$/,
};

/** Python's `int(text, base)`; `undefined` for text that is no such number. Base 0 takes Python's own prefixes. */
export function parseIntText(text: string, base = 10): number | bigint | undefined {
  const trimmed = text.trim();
  if (base === 0) {
    const prefix = /^[+-]?0([xXoObB])/.exec(trimmed)?.[1]?.toLowerCase();
    return parseIntText(trimmed, prefix === 'x' ? 16 : prefix === 'o' ? 8 : prefix === 'b' ? 2 : 10);
  }
  const pattern = bases[base];
  if (!pattern) return parseOther(trimmed, base);
  const match = pattern.exec(trimmed);
  if (!match) return undefined;
  const digits = match[2]!.replaceAll('_', '');
  const prefix = base === 16 ? '0x' : base === 8 ? '0o' : base === 2 ? '0b' : '';
  const value = BigInt(prefix + digits);
  return makeInt(match[1] === '-' ? -value : value);
}

function parseOther(text: string, base: number): number | undefined {
  if (base < 2 || base > 36) return undefined;
  const match = /^([+-]?)([\da-z]+)$/i.exec(text);
  if (!match) return undefined;
  const digits = [...match[2]!.toLowerCase()].map((digit) => Number.parseInt(digit, 36));
  if (digits.some((digit) => digit >= base)) return undefined;
  const value = Number.parseInt(match[2]!, base);
  if (!Number.isSafeInteger(value))
    throw overflowError(`int() of ${digits.length} digits in base ${base} is too large`);
  return match[1] === '-' ? -value : value;
}

/** Python's `float(text)`; `undefined` for text that is no number. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = text.trim().replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  const special = /^([+-]?)(nan|inf(?:inity)?)$/i.exec(trimmed);
  if (!special) return undefined;
  if (special[2]!.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
