import { lookupError } from '../errors.ts';
import { parseIntText } from '../python/numbers.ts';
import { formatPercent } from '../python/percent-format.ts';
import { pyString } from '../python/repr.ts';
import { Tuple } from '../values/types.ts';
import { parseKeyValues } from './key-values.ts';
import type { Lookup } from './plugin.ts';

const number = '(?:0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*|-[0-9]+)';
const shortcut = new RegExp(`^(?:(${number})-)?(${number})(?:/(${number}))?(?::(.+))?$`, 'i');

interface Sequence {
  start: number;
  end: number | undefined;
  count: number | undefined;
  stride: number;
  format: string;
}

function integer(name: string, text: string): number {
  const octal = /^0[0-7]+$/.test(text) ? parseIntText(text, 8) : undefined;
  const value = octal ?? parseIntText(text, 0);
  if (value === undefined) throw lookupError(`can't parse ${name}=${text} as integer`);
  return Number(value);
}

function parse(term: string, options: ReadonlyMap<string, string>): Sequence {
  const sequence: Sequence = { start: 1, end: undefined, count: undefined, stride: 1, format: '%d' };
  const match = shortcut.exec(term);
  const given = new Map(options);
  if (match) {
    const [, start, end, stride, format] = match;
    for (const [name, value] of Object.entries({ start, end, stride, format }))
      if (value !== undefined) given.set(name, value);
  } else {
    const { values, words } = parseKeyValues(term);
    if (words.length > 0) throw lookupError(`unrecognized arguments to with_sequence: ${words.join(' ')}`);
    for (const [name, value] of values) given.set(name, value);
  }
  for (const [name, value] of given) {
    if (name === 'format') sequence.format = value;
    else if (name === 'start' || name === 'end' || name === 'count' || name === 'stride')
      sequence[name] = integer(name, value);
    else throw lookupError(`unrecognized arguments to with_sequence: ['${name}']`);
  }
  return sequence;
}

function generate({ start, end, count, stride, format }: Sequence): string[] {
  if (count === undefined && end === undefined) throw lookupError('must specify count or end in with_sequence');
  if (count !== undefined && end !== undefined) throw lookupError("can't specify both count and end in with_sequence");
  if (count === 0 || stride === 0) return [];
  const last = end ?? start + count! * stride - 1;
  if (stride > 0 && last < start) throw lookupError('to count backwards make stride negative');
  if (stride < 0 && last > start) throw lookupError("to count forward don't make stride negative");
  if (format.split('%').length !== 2) throw lookupError(`bad formatting string: ${format}`);
  const items: string[] = [];
  for (let value = start; stride > 0 ? value <= last : value >= last; value += stride) {
    items.push(formatPercent(format, Tuple.make([value])));
  }
  return items;
}

/** Ansible's `sequence`: numbers as text. */
export const sequence: Lookup = (terms, options) => {
  const given = new Map(Object.entries(options).map(([name, value]) => [name, pyString(value)]));
  return (terms.length > 0 ? terms : ['']).flatMap((term) => generate(parse(pyString(term), given)));
};
