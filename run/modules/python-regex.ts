/*
 * Python's regular expressions where JavaScript's differ, and the part of them that `grep -E` reads alike.
 */

/**
 * A Python pattern as JavaScript's, with `^` and `$` at every line.
 * @throws SyntaxError for a pattern that JavaScript cannot take
 */
export function pythonRegex(pattern: string): RegExp {
  let flags = 'm';
  let source = pattern.replace(/^\(\?([aimsux]+)\)/, (_, letters: string) => {
    if (letters.includes('i')) flags += 'i';
    if (letters.includes('s')) flags += 's';
    return '';
  });
  source = source
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\A/g, '(?<![\\s\\S])')
    .replace(/\\Z/g, '(?![\\s\\S])');
  return new RegExp(source, flags);
}

/** Whether `grep -E` would find just what Python finds: no classes by letter, groups, negations or lazy repeats. */
export function isGrepPattern(pattern: string): boolean {
  if (/[\n(){}]|\[\^|\[\[|[*+?]\?|[*+?]\+|\*\*/.test(pattern) || /^[*+?|]|\|$|\|\||\|[*+?]/.test(pattern)) return false;
  // A backslash escapes punctuation in both; before a letter it means something only to Python.
  if (/\\(?![.*+?^$|[\]\\/-])/.test(pattern)) return false;
  // Inside brackets a backslash is an escape to Python alone.
  return !/\[[^\]]*\\/.test(pattern);
}
