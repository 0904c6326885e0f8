import { compileRegex, type Regex, replaceRegex, searchRegex } from '../jinja/python/regex.ts';
import { bytesRegex, matches } from './edit-lines.ts';

/** What `blockinfile` is asked to do; texts are bytes, one character each (latin1). */
export interface BlockEdit {
  /** The marker lines without their line feeds. */
  begin: string;
  end: string;
  /** What stands between them; empty to remove all. */
  block: string;
  insertAfter?: string | undefined;
  insertBefore?: string | undefined;
}

/** A marker line: the template with `{mark}` replaced, as Python's `re.sub` replaces (a backslash in the mark counts). */
export function markerLine(marker: string, mark: string): string {
  return replaceRegex(compileRegex('{mark}'), mark, marker).text;
}

/** The block with its marker lines; empty when the block is to go. */
export function markedBlock({ begin, end, block }: Pick<BlockEdit, 'begin' | 'end' | 'block'>): string {
  if (block === '') return '';
  return `${begin}\n${block}${block.endsWith('\n') ? '' : '\n'}${end}\n`;
}

/**
 * `blockinfile` on a text, after ansible/modules/blockinfile.py of 2.14.
 * @param text undefined when there is no file yet
 */
export function editBlock(text: string | undefined, edit: BlockEdit): { text: string; msg: string } {
  const lines = splitLines(text ?? '');
  const first = lines.lastIndexOf(`${edit.begin}\n`);
  const last = lines.lastIndexOf(`${edit.end}\n`);
  let spot: number;
  if (first === -1 || last === -1) spot = place(lines, text ?? '', edit);
  else {
    spot = Math.min(first, last);
    lines.splice(spot, Math.abs(last - first) + 1);
  }
  if (spot > 0 && lines[spot - 1]?.endsWith('\n') === false) lines[spot - 1] += '\n';
  const inserted = markedBlock(edit);
  lines.splice(spot, 0, inserted);
  const result = lines.join('');
  return { text: result, msg: message(text, result, inserted) };
}

function message(before: string | undefined, after: string, inserted: string): string {
  if (before === after) return '';
  if (before === undefined) return 'File created';
  return inserted === '' ? 'Block removed' : 'Block inserted';
}

/** Lines with their ends, as Python's `splitlines` of bytes. */
function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+/g) ?? [];
}

/** The number of the line before which a new block goes. */
function place(lines: string[], text: string, { insertAfter, insertBefore }: BlockEdit): number {
  const pattern = insertAfter ?? insertBefore;
  if (pattern === undefined || insertAfter === 'EOF') return lines.length;
  if (insertAfter === undefined && insertBefore === 'BOF') return 0;
  const regex = bytesRegex(pattern);
  const found = isMultiline(pattern)
    ? lineOfMatch(regex, text, insertAfter !== undefined)
    : lines.findLastIndex((line) => matches(regex, line));
  if (found === -1) return lines.length;
  return insertAfter === undefined ? found : found + 1;
}

/** With `(?m)` the pattern is looked for in the whole text. */
function isMultiline(pattern: string): boolean {
  return /^\(\?[aisx]*m/.test(pattern);
}

function lineOfMatch(regex: Regex, text: string, end: boolean): number {
  const match = searchRegex(regex, text, 'search');
  if (!match) return -1;
  return text.slice(0, match.index + (end ? match[0].length : 0)).split('\n').length - 1;
}
