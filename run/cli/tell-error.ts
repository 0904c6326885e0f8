import { LamplighterError } from '../errors.ts';
import { errorText } from '../report/error-text.ts';
import type { Paint } from '../report/style.ts';

const EXIT_ERROR = 1;
const EXIT_INTERRUPTED = 99;
const EXIT_DEFECT = 250;

/** Says what ended the run, and returns the exit code: a known error never shows a stack, a defect only at -vvv. */
export function tellError(
  error: unknown,
  style: { cwd: string; paint: Paint; verbosity: number },
  write: (text: string) => void,
): number {
  if (error instanceof LamplighterError) {
    write(errorText(error, style));
    return error.code === 'INTERRUPTED' ? EXIT_INTERRUPTED : EXIT_ERROR;
  }
  const text = error instanceof Error ? error.message : String(error);
  write(`${style.paint('failed', 'A defect of Lamplighter:')} ${text}\n`);
  const stack = error instanceof Error ? error.stack : undefined;
  write(style.verbosity >= 3 && stack ? `${stack}\n` : '-vvv shows where it happened.\n');
  return EXIT_DEFECT;
}
