import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Io } from '../../run/cli/io.ts';

/** The process as the command line sees it, with ends that a test holds. */
export function fakeIo(more: { cwd?: string; env?: NodeJS.ProcessEnv; isTTY?: boolean } = {}) {
  const signals = new EventEmitter();
  const stdin = Object.assign(new PassThrough(), { isTTY: more.isTTY ?? false });
  const stdout = Object.assign(new PassThrough(), { isTTY: false });
  const stderr = Object.assign(new PassThrough(), { isTTY: false });
  const exits: number[] = [];
  const io: Io = {
    stdin,
    stdout,
    stderr,
    env: more.env ?? {},
    cwd: () => more.cwd ?? process.cwd(),
    on: (signal, listener) => signals.on(signal, listener),
    off: (signal, listener) => signals.off(signal, listener),
    exit: ((code: number) => {
      exits.push(code);
    }) as Io['exit'],
  };
  return {
    io,
    stdin,
    stdout,
    stderr,
    exits,
    signals,
    out: () => String(stdout.read() ?? ''),
    err: () => String(stderr.read() ?? ''),
  };
}
