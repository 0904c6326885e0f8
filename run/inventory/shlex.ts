/** A text that Python's shlex cannot split; `message` is Python's. */
export class ShlexProblem extends Error {}

/** Words of a line as Python's `shlex.split(line, comments=True)`: POSIX quotes, `#` begins a comment. */
export function shlexSplit(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (quote === "'") {
      if (char === "'") quote = '';
      else word += char;
    } else if (quote === '"') {
      if (char === '"') quote = '';
      else if (char === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')) word += line[++at]!;
      else word += char;
    } else if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '#') {
      break;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (char === '\\') {
      if (at + 1 >= line.length) throw new ShlexProblem('No escaped character');
      word = (word ?? '') + line[++at]!;
    } else word = (word ?? '') + char;
  }
  if (quote) throw new ShlexProblem('No closing quotation');
  if (word !== undefined) words.push(word);
  return words;
}
