import { valueError } from '../errors.ts';
import { DateTime } from './datetime.ts';
import { pyRepr } from './repr.ts';
import { days, months } from './strftime.ts';

const names = (list: readonly string[]) => list.join('|');
const short = (list: readonly string[]) => names(list.map((name) => name.slice(0, 3)));

const patterns: Record<string, string> = {
  a: short(days),
  A: names(days),
  b: short(months),
  B: names(months),
  d: '3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]',
  f: '\\d{1,6}',
  H: '2[0-3]|[01]\\d|\\d',
  I: '1[0-2]|0[1-9]|[1-9]',
  j: '36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]',
  m: '1[0-2]|0[1-9]|[1-9]',
  M: '[0-5]\\d|\\d',
  p: 'am|pm',
  S: '6[01]|[0-5]\\d|\\d',
  y: '\\d\\d',
  Y: '\\d{4}',
  z: '[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d)?|Z',
  Z: 'utc|gmt',
};

const composed: Record<string, string> = {
  c: '%a %b %d %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/** Python's `datetime.strptime`. Throws a `ValueError` for text that does not fit the format. */
export function parseTime(text: string, format: string): DateTime {
  const directives: string[] = [];
  const expanded = format.replace(/%([cDFRTxX])/g, (_whole, letter: string) => composed[letter]!);
  const source = expanded
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/\s+/g, '\\s+')
    .replace(/%(.?)/g, (_whole, letter: string) => {
      if (letter === '%') return '%';
      const pattern = patterns[letter];
      if (pattern === undefined) throw valueError(`'${letter || '%'}' is a bad directive in format ${pyRepr(format)}`);
      directives.push(letter);
      return `(${pattern})`;
    });
  const match = new RegExp(`^${source}`, 'i').exec(text);
  if (!match) throw valueError(`time data ${pyRepr(text)} does not match format ${pyRepr(format)}`);
  if (match[0].length < text.length) {
    throw valueError(`unconverted data remains: ${text.slice(match[0].length)}`);
  }
  return build(new Map(directives.map((letter, index) => [letter, match[index + 1]!])));
}

function build(found: ReadonlyMap<string, string>): DateTime {
  const number = (letter: string): number | undefined => {
    const text = found.get(letter);
    return text === undefined ? undefined : Number(text);
  };
  const named = (letter: string, list: readonly string[]): number | undefined => {
    const text = found.get(letter)?.toLowerCase();
    return text === undefined ? undefined : list.findIndex((name) => name.toLowerCase().startsWith(text)) + 1;
  };
  const shortYear = number('y');
  const year = number('Y') ?? (shortYear === undefined ? 1900 : shortYear + (shortYear < 69 ? 2000 : 1900));
  const month = number('m') ?? named('b', months) ?? named('B', months);
  const twelve = number('I');
  const afternoon = found.get('p')?.toLowerCase() === 'pm';
  const hour = number('H') ?? (twelve === undefined ? 0 : (twelve % 12) + (afternoon ? 12 : 0));
  const micro = Number((found.get('f') ?? '0').padEnd(6, '0'));
  const dayOfYear = number('j');
  const day = number('d') ?? (month === undefined && dayOfYear !== undefined ? dayOfYear : 1);
  if (month !== undefined && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) {
    throw valueError('day is out of range for month');
  }
  return DateTime.fromFields(year, month ?? 1, day, hour, number('M') ?? 0, number('S') ?? 0, micro);
}
