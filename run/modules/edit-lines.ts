import { compileRegex, type Regex, replaceRegex, searchRegex } from '../jinja/python/regex.ts';

/** What `lineinfile` is asked to do; texts are bytes, one character each (latin1). */
export interface LineEdit {
  state: 'present' | 'absent';
  line?: string | undefined;
  regexp?: string | undefined;
  search?: string | undefined;
  insertAfter?: string | undefined;
  insertBefore?: string | undefined;
  backrefs: boolean;
  firstMatch: boolean;
}

export interface EditedLines {
  text: string;
  /** Ansible's message; empty when nothing was done. */
  msg: string;
  found: number;
}

/** A Python pattern over bytes. @throws LamplighterError for what is no pattern */
export function bytesRegex(pattern: string): Regex {
  const bytes = Buffer.from(pattern, 'utf8').toString('latin1');
  const flags = /^\(\?([aimsx]+)\)/.exec(bytes);
  // Letters, digits and spaces are those of ASCII in a pattern over bytes.
  return compileRegex(flags ? `(?a${flags[1]})${bytes.slice(flags[0].length)}` : `(?a)${bytes}`);
}

export function matches(regex: Regex, text: string): boolean {
  return searchRegex(regex, text, 'search') !== undefined;
}

/** Lines with their line feeds, as Python's `readlines` of a binary file. */
function bytesLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** `lineinfile` on a text, after ansible/modules/lineinfile.py of 2.14. */
export function editLines(text: string, edit: LineEdit): EditedLines {
  const lines = bytesLines(text);
  return edit.state === 'absent' ? removeLines(lines, edit) : putLine(lines, edit);
}

function removeLines(lines: string[], { line, regexp, search }: LineEdit): EditedLines {
  const regex = regexp === undefined ? undefined : bytesRegex(regexp);
  const kept = lines.filter((each) => {
    if (regex) return !matches(regex, each);
    if (search !== undefined) return !each.includes(search);
    return chomp(each) !== line;
  });
  const found = lines.length - kept.length;
  return { text: kept.join(''), msg: found > 0 ? `${found} line(s) removed` : '', found };
}

function putLine(lines: string[], edit: LineEdit): EditedLines {
  const line = edit.line ?? '';
  const { at, spot, expanded } = findPlaces(lines, edit, line);
  const done = (msg: string) => ({ text: lines.join(''), msg, found: 0 });
  if (at !== -1) {
    const text = expanded ?? line;
    const wanted = text.endsWith('\n') ? text : `${text}\n`;
    if (lines[at] === wanted) return done('');
    lines[at] = wanted;
    return done('line replaced');
  }
  if (edit.backrefs) return done('');
  return insertLine(lines, edit, line, spot) ? done('line added') : done('');
}

/** Where the line is to be replaced (`at`) or, if nowhere, inserted (`spot`). */
function findPlaces(lines: string[], edit: LineEdit, line: string) {
  const regex = edit.regexp === undefined ? undefined : bytesRegex(edit.regexp);
  const { insertAfter, insertBefore, search } = edit;
  let insert: Regex | undefined;
  if (insertAfter !== undefined && insertAfter !== 'BOF' && insertAfter !== 'EOF') insert = bytesRegex(insertAfter);
  else if (insertBefore !== undefined && insertBefore !== 'BOF') insert = bytesRegex(insertBefore);
  const hit = (text: string) => (regex ? matches(regex, text) : search !== undefined && text.includes(search));
  const at = edit.firstMatch ? lines.findIndex(hit) : lines.findLastIndex(hit);
  if (at !== -1) {
    const expanded = edit.backrefs && regex ? expand(regex, lines[at]!, line) : undefined;
    return { at, spot: -1, expanded };
  }
  let exact = -1;
  let spot = -1;
  for (const [i, each] of lines.entries()) {
    if (chomp(each) === line) exact = i;
    else if (insert && matches(insert, each)) {
      spot = insertAfter ? i + 1 : i;
      if (edit.firstMatch) break;
    }
  }
  return { at: exact, spot, expanded: undefined };
}

/** Puts the line in; false when it stands there already. */
function insertLine(lines: string[], edit: LineEdit, line: string, spot: number): boolean {
  const { insertAfter, insertBefore } = edit;
  if (insertBefore === 'BOF' || insertAfter === 'BOF') lines.unshift(`${line}\n`);
  else if (insertAfter === 'EOF' || spot === -1) {
    const last = lines.at(-1);
    if (last !== undefined && !/[\r\n]$/.test(last)) lines.push('\n');
    lines.push(`${line}\n`);
  } else if (insertAfter) {
    const there = lines.length === spot ? lines[spot - 1]! : lines[spot]!;
    if (chomp(there) === line) return false;
    lines.splice(spot, 0, `${line}\n`);
  } else lines.splice(spot, 0, `${line}\n`);
  return true;
}

/** Python's `match.expand`: the template with its references filled from the first match in the text. */
function expand(regex: Regex, text: string, template: string): string {
  const match = searchRegex(regex, text, 'search')!;
  const replaced = replaceRegex(regex, template, text, 1).text;
  return replaced.slice(match.index, replaced.length - (text.length - match.index - match[0].length));
}

function chomp(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}
