import { constants } from 'node:os';

/** Exit status of a command that a signal ended, as a shell gives it: 128 + n; 255 for a signal this system has not. */
export function exitOfSignal(signal: string | null | undefined): number {
  const number = (constants.signals as Record<string, number | undefined>)[signal ?? ''];
  return number === undefined ? 255 : 128 + number;
}
