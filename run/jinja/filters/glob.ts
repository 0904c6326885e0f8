import { readdirSync, statSync } from 'node:fs';

/** Python's `fnmatch` of one path segment as a pattern. */
function segmentPattern(segment: string): RegExp {
  let source = '';
  for (let at = 0; at < segment.length; at++) {
    const character = segment[at]!;
    const close = character === '[' ? segment.indexOf(']', at + 2) : -1;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (close > 0) {
      const inside = segment.slice(at + 1, close).replaceAll('\\', '\\\\');
      source += inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside}]`;
      at = close;
    } else source += character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 's');
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory === '' ? '.' : directory).sort();
  } catch {
    return [];
  }
}

/** Python's `glob.glob`: the existing paths that match; dotfiles only when the pattern says so. */
export function globFiles(pattern: string): string[] {
  let found = [pattern.startsWith('/') ? '/' : ''];
  const segments = pattern.split('/').filter((segment) => segment !== '');
  for (const segment of segments) {
    const matches = /[*?[]/.test(segment) ? segmentPattern(segment) : undefined;
    found = found.flatMap((base) => {
      const join = (name: string) => (base === '' || base === '/' ? base + name : `${base}/${name}`);
      if (!matches) return statSync(join(segment), { throwIfNoEntry: false }) ? [join(segment)] : [];
      const visible = names(base).filter((name) => segment.startsWith('.') || !name.startsWith('.'));
      return visible.filter((name) => matches.test(name)).map(join);
    });
  }
  return found.filter((name) => name !== '');
}
