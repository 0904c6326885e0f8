const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A range that cannot be expanded; the message says why. */
export class RangeProblem extends Error {}

/** Names that a text with ranges stands for: `lamp[01:03]`, `rack[a:c]-[1:9:2]`; several ranges multiply. */
export function expandRange(text: string): string[] {
  const open = text.indexOf('[');
  if (open < 0) return [text];
  const close = text.indexOf(']', open);
  if (close < 0) throw new RangeProblem('a range that begins with "[" must end with "]"');
  const head = text.slice(0, open);
  const tails = expandRange(text.slice(close + 1));
  const names: string[] = [];
  for (const item of sequence(text.slice(open + 1, close))) for (const tail of tails) names.push(head + item + tail);
  return names;
}

function sequence(range: string): string[] {
  const bounds = range.split(':');
  if (bounds.length !== 2 && bounds.length !== 3) throw new RangeProblem('a range is begin:end or begin:end:step');
  const begin = bounds[0] || '0';
  const end = bounds[1]!;
  if (end === '') throw new RangeProblem('a range must say its end');
  const step = bounds.length === 3 ? integer(bounds[2]!) : 1;
  if (step < 1) throw new RangeProblem('the step of a range must be at least 1');
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length)
    throw new RangeProblem('begin and end of a range with leading zeros must be equally long');
  const first = begin.length === 1 ? LETTERS.indexOf(begin) : -1;
  const last = end.length === 1 ? LETTERS.indexOf(end) : -1;
  if (first >= 0 && last >= 0) {
    if (first > last) throw new RangeProblem('a range must not end before it begins');
    return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => LETTERS[first + index * step]!);
  }
  const from = integer(begin);
  const to = integer(end);
  const count = Math.max(0, Math.floor((to - from) / step) + 1);
  if (count > 1_000_000) throw new RangeProblem('a range of more than a million hosts');
  return Array.from({ length: count }, (_, index) =>
    String(from + index * step).padStart(padded ? begin.length : 0, '0'),
  );
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new RangeProblem(`"${text}" is not a number`);
  return Number(text);
}
