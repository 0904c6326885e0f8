import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** The terminal that the program was started from, whatever stdin is; undefined where there is none. */
export function terminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return undefined;
  }
}
