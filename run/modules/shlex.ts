/*
 * Words as Python's shlex reads them (POSIX rules): how Ansible splits a `command` and the line of a `script`.
 * Source: shlex.py of CPython, `shlex.split(text)` with comments off.
 */

export interface ShlexWord {
  text: string;
  /** Where the word begins and ends in the line, quotes included. */
  start: number;
  end: number;
}

/**
 * The words of a line.
 * @throws RangeError "No closing quotation" or "No escaped character", in Python's words
 */
export function shlexWords(line: string): ShlexWord[] {
  const words: ShlexWord[] = [];
  let at = 0;
  while (at < line.length) {
    if (isBlank(line[at]!)) {
      at++;
      continue;
    }
    const word = readWord(line, at);
    words.push(word);
    at = word.end;
  }
  return words;
}

/** The texts of the words of a line. */
export function shlexSplit(line: string): string[] {
  return shlexWords(line).map((word) => word.text);
}

function readWord(line: string, start: number): ShlexWord {
  let text = '';
  let at = start;
  while (at < line.length && !isBlank(line[at]!)) {
    const char = line[at]!;
    if (char === "'") {
      const close = line.indexOf("'", at + 1);
      if (close < 0) throw new RangeError('No closing quotation');
      text += line.slice(at + 1, close);
      at = close + 1;
    } else if (char === '"') {
      const quoted = readDoubleQuoted(line, at);
      text += quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      if (at + 1 >= line.length) throw new RangeError('No escaped character');
      text += line[at + 1];
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
  return { text, start, end: at };
}

function readDoubleQuoted(line: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const char = line[at]!;
    if (char === '"') return { text, end: at + 1 };
    if (char !== '\\') {
      text += char;
      continue;
    }
    const next = line[at + 1];
    if (next === undefined) throw new RangeError('No closing quotation');
    // Inside double quotes a backslash escapes only itself and the quote.
    text += next === '"' || next === '\\' ? next : `\\${next}`;
    at++;
  }
  throw new RangeError('No closing quotation');
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}
