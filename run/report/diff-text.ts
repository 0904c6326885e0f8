import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Diff } from '../task.ts';

/** Edits beyond which finding the smallest difference would take minutes: such files are shown whole. */
const MAX_EDITS = 4000;

/** A unified diff, without colours, ending in a newline; empty when nothing differs. */
export function diffText(diff: Diff): string {
  if (diff.hidden !== undefined) return `${headers(diff)}(not shown: ${diff.hidden})\n`;
  if (diff.prepared !== undefined) return diff.prepared.endsWith('\n') ? diff.prepared : `${diff.prepared}\n`;
  const before = asText(diff.before);
  const after = asText(diff.after);
  if (before === after) return '';
  return headers(diff) + hunks(before, after);
}

/** The first character of a diff's line says what it is. */
export function diffLineKind(line: string): 'title' | 'added' | 'removed' | 'hunk' | 'plain' {
  if (/^(--- before|\+\+\+ after)(:|$)/.test(line)) return 'title';
  if (line.startsWith('@@')) return 'hunk';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'plain';
}

function headers({ path, beforeHeader, afterHeader }: Diff): string {
  const line = (sign: string, word: string, name?: string) => `${sign} ${word}${name ? `: ${name}` : ''}\n`;
  return line('---', 'before', beforeHeader ?? path) + line('+++', 'after', afterHeader ?? path);
}

function hunks(before: string, after: string): string {
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength: MAX_EDITS });
  if (!patch) return marked('-', before) + marked('+', after);
  return patch.hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) => {
      const title = `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
      return `${[title, ...lines].join('\n')}\n`;
    })
    .join('');
}

/** As `diff -u` writes it: one line is named alone, an empty range begins at the line before it. */
function range(start: number, lines: number): string {
  if (lines === 1) return String(start);
  return `${lines === 0 ? Math.max(0, start - 1) : start},${lines}`;
}

function marked(sign: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return text === '' ? '' : lines.map((line) => `${sign}${line}\n`).join('');
}

/** Data is compared as YAML. */
function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
