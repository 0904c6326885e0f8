const LITERAL = String.raw`(?:[A-Za-z0-9_ #=:,@%&"'<>;!~/-]|\\[^A-Za-z0-9\\\n])`;
const SIMPLE = new RegExp(String.raw`^(\^?)(${LITERAL}\?)?(${LITERAL}+)(\$?)$`);

/**
 * A Python pattern as patterns of the shell (`case`), one of which matches wherever it is found in a line, and nowhere else. The line
 * comes without its line feed.
 * @returns undefined for all but literal texts, which `^`, one optional character and `$` may stand around
 */
export function shellPatterns(pattern: string): string[] | undefined {
  const [whole, start, option, text, end] = SIMPLE.exec(pattern) ?? [];
  if (whole === undefined) return undefined;
  const around = (literal: string) => `${start ? '' : '*'}${inShell(literal)}${end ? '' : '*'}`;
  return option === undefined ? [around(text!)] : [around(text!), around(option.slice(0, -1) + text!)];
}

/** A text as a pattern of the shell that matches it alone. */
export function inShell(literal: string): string {
  return literal.replace(/\\(.)/g, '$1').replace(/[*?[]/g, '[$&]');
}
