import { valueError } from '../errors.ts';
import { textArgument } from './method.ts';

/** What Python's `str.isspace` and `str.split` take for whitespace. */
export const whitespace = /^[\s\x1c-\x1f\x85]$/;
const blanks = /[\s\x1c-\x1f\x85]+/g;

/** Python's `str.split`. */
export function splitText(text: string, separator: unknown, most: number): string[] {
  if (separator === undefined || separator === null) return splitBlanks(text, most);
  const mark = textArgument(separator);
  if (mark === '') throw valueError('empty separator');
  const parts = text.split(mark);
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(mark)];
}

function splitBlanks(text: string, most: number): string[] {
  const words: string[] = [];
  let at = text.length - trimStart(text).length;
  while (at < text.length) {
    if (most >= 0 && words.length === most) {
      words.push(text.slice(at));
      return words;
    }
    blanks.lastIndex = at;
    const gap = blanks.exec(text);
    words.push(text.slice(at, gap?.index ?? text.length));
    at = gap ? blanks.lastIndex : text.length;
  }
  return words;
}

/** Python's `str.rsplit`. */
export function splitTextRight(text: string, separator: unknown, most: number): string[] {
  if (most < 0) return splitText(text, separator, most);
  if (separator !== undefined && separator !== null) {
    const mark = textArgument(separator);
    if (mark === '') throw valueError('empty separator');
    const parts = text.split(mark);
    const kept = Math.max(parts.length - most, 1);
    return [parts.slice(0, kept).join(mark), ...parts.slice(kept)];
  }
  const reversed = splitBlanks(Array.from(text).reverse().join(''), most);
  return reversed.map((word) => Array.from(word).reverse().join('')).reverse();
}

function trimStart(text: string): string {
  return text.replace(/^[\s\x1c-\x1f\x85]+/, '');
}

/** Python's `str.splitlines`. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines = text.match(
    /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g,
  );
  if (!lines) return [];
  return keepEnds ? lines : lines.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, ''));
}

/** Python's `str.title`: every run of letters starts upper case. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => {
    const [first = '', ...rest] = Array.from(word);
    return first.toUpperCase() + rest.join('').toLowerCase();
  });
}
