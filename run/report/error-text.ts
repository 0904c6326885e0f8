import { readFileSync } from 'node:fs';
import type { LamplighterError, Place } from '../errors.ts';
import { shortPath } from './place.ts';
import type { Paint } from './style.ts';

const TAB = '        ';

/** A known error for a person: the message, where, the line with a caret, and what to do. Ends in a newline. */
export function errorText(error: LamplighterError, { paint, cwd }: { paint: Paint; cwd: string }): string {
  const lines = [`${paint('failed', 'ERROR!')} ${error.message}`];
  if (error.place) {
    const { file, line, column } = error.place;
    lines.push(`  ${paint('dim', 'at')} ${shortPath(file, cwd)}:${line}:${column}`);
    const source = error.sourceLine ?? sourceLine(error.place);
    if (source !== undefined) lines.push('', ...caretLines(source, line, column, paint), '');
  }
  if (error.hint) lines.push(error.hint);
  return `${lines.join('\n')}\n`;
}

/** The source line beside its number, and a caret below the column; tabs take the room that the eye gives them. */
function caretLines(source: string, line: number, column: number, paint: Paint): string[] {
  const number = `${line}`;
  const before = source.slice(0, column - 1).replaceAll('\t', TAB);
  return [
    `  ${paint('dim', `${number} |`)} ${source.trimEnd().replaceAll('\t', TAB)}`,
    `  ${paint('dim', `${' '.repeat(number.length)} |`)} ${' '.repeat(before.length)}${paint('failed', '^')}`,
  ];
}

function sourceLine({ file, line }: Place): string | undefined {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[line - 1];
  } catch {
    // The file may be gone, or never was one (an inline inventory): the place alone must do.
    return undefined;
  }
}
