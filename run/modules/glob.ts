/** A pattern of Python's `fnmatch` (`*`, `?`, `[a-z]`, `[!a]`) as a regular expression over the whole text. */
export function globRegex(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    const close = char === '[' ? pattern.indexOf(']', i + 2) : -1;
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (close > 0) {
      const inside = pattern.slice(i + 1, close).replaceAll('\\', '\\\\');
      source += `[${inside.startsWith('!') ? `^${inside.slice(1)}` : inside.replace(/^\^/, '\\^')}]`;
      i = close;
    } else source += char.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 's');
}
