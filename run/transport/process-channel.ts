import { PassThrough, pipeline, type Readable, type Writable } from 'node:stream';
import type { ByteChannel } from '../task.ts';
import { exitOfSignal } from './exit.ts';
import { tailOf } from './tail.ts';

/** The part of a child process that a channel needs; execa's and node's both have it. */
export interface ChildProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  exitCode: number | null;
  signalCode: NodeJS.Signals | null;
  on(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What a child process writes, waiting for its reader. */
export interface Outputs {
  stdout: Readable;
  stderr: Readable;
}

/**
 * Keeps what a child process writes until somebody reads: execa (with `buffer: false`) and, at its exit, node throw away what
 * nobody does. To be called in the turn that started it.
 */
export function holdOutputs(child: ChildProcess): Outputs {
  return { stdout: held(child.stdout), stderr: held(child.stderr) };
}

/** A child process as a ByteChannel; `end` stops it. `done` waits for stdout to end while somebody reads it. */
export function processChannel(child: ChildProcess, end: () => void, outputs = holdOutputs(child)): ByteChannel {
  child.stdin.on('error', () => undefined); // EPIPE: `done` tells
  const stderr = tailOf(outputs.stderr);
  const { stdout } = outputs;
  const done = new Promise<number>((resolve) => {
    child.on('error', () => resolve(255));
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
      const status = code ?? exitOfSignal(signal);
      if (stdout.readableFlowing && !stdout.closed && !stdout.readableEnded)
        stdout.once('close', () => resolve(status));
      else resolve(status);
    };
    if (child.exitCode === null && child.signalCode === null) child.on('exit', onExit);
    else onExit(child.exitCode, child.signalCode);
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

function held(source: Readable): PassThrough {
  const kept = new PassThrough();
  kept.on('error', () => undefined);
  pipeline(source, kept, () => undefined);
  return kept;
}
