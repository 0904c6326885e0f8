import type { Readable, Writable } from 'node:stream';
import type { ByteChannel } from '../task.ts';
import { exitOfSignal } from './exit.ts';
import { tailOf } from './tail.ts';

/** The part of a child process that a channel needs; execa's and node's both have it. */
export interface ChildProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  on(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** A child process as a ByteChannel; `end` stops it. `done` waits for stdout to end while somebody reads it. */
export function processChannel(child: ChildProcess, end: () => void): ByteChannel {
  child.stdin.on('error', () => undefined); // EPIPE: `done` tells
  child.stdout.on('error', () => undefined);
  const stderr = tailOf(child.stderr);
  const { stdout } = child;
  const done = new Promise<number>((resolve) => {
    child.on('error', () => resolve(255));
    child.on('exit', (code, signal) => {
      const status = code ?? exitOfSignal(signal);
      if (stdout.readableFlowing && !stdout.closed && !stdout.readableEnded)
        stdout.once('close', () => resolve(status));
      else resolve(status);
    });
  });
  return {
    stdin: child.stdin,
    stdout,
    stderr,
    done,
    close() {
      child.stdin.destroy();
      stderr.finish();
      end();
    },
  };
}
