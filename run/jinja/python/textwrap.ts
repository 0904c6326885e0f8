export interface WrapOptions {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

const withHyphens =
  /([\t\n\v\f\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ](?:[^\t\n\v\f\r ])*?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|$)|(?<=[\w!"'&.,?])(?=-{2,}\w)))/;
const simple = /([\t\n\v\f\r ]+)/;

/** Python's `textwrap.wrap` without tab expansion or whitespace replacement, as Jinja2 calls it: the lines of one line. */
export function wrapText(text: string, options: WrapOptions): string[] {
  const chunks = text
    .split(options.breakOnHyphens ? withHyphens : simple)
    .filter((chunk) => chunk !== undefined && chunk !== '')
    .reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let size = 0;
    if (chunks.at(-1)!.trim() === '' && lines.length > 0) chunks.pop();
    while (chunks.length > 0 && size + chunks.at(-1)!.length <= options.width) {
      const chunk = chunks.pop()!;
      line.push(chunk);
      size += chunk.length;
    }
    if (chunks.length > 0 && chunks.at(-1)!.length > options.width) placeLongWord(chunks, line, size, options);
    if (line.length > 0 && line.at(-1)!.trim() === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

function placeLongWord(chunks: string[], line: string[], size: number, options: WrapOptions): void {
  const room = options.width < 1 ? 1 : options.width - size;
  const chunk = chunks.at(-1)!;
  if (options.breakLongWords) {
    const hyphen = options.breakOnHyphens && chunk.length > room ? chunk.lastIndexOf('-', room - 1) : -1;
    const end = hyphen > 0 && /[^-]/.test(chunk.slice(0, hyphen)) ? hyphen + 1 : room;
    line.push(chunk.slice(0, end));
    chunks[chunks.length - 1] = chunk.slice(end);
  } else if (line.length === 0) line.push(chunks.pop()!);
}
