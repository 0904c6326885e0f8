import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Sample } from './benchmark.ts';
import { interrupted } from './interrupt.ts';

export interface ProgramOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
}

/**
 * Starts a program that ends with the benchmark, and all that it has started with it. Its end is not judged: `exitCode` is.
 * @throws when the benchmark is interrupted already
 */
export function program([file, ...args]: readonly string[], { input, ...options }: ProgramOptions = {}) {
  interrupted.throwIfAborted();
  // A group of its own: time(1) and shells end by a signal and leave their children running.
  const stdin = input === undefined ? ({ stdin: 'ignore' } as const) : { input };
  const child = execa(file!, args, { ...options, ...stdin, all: true, reject: false, detached: true });
  const stop = () => killGroup(child.pid);
  interrupted.addEventListener('abort', stop);
  void child.finally(() => interrupted.removeEventListener('abort', stop));
  return child;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

let count = 0;

/**
 * Runs a program to its end: seconds by the wall, CPU seconds of it and all its children, megabytes at the peak of the
 * largest of them. By time(1), so that every tool is measured in the same way.
 * @throws when it fails, with the end of what it said
 */
export async function measured(
  command: readonly string[],
  options: ProgramOptions = {},
): Promise<Sample & { seconds: number }> {
  const file = join(tmpdir(), `bench-time-${process.pid}-${++count}`);
  const time = ['/usr/bin/time', '-q', '-f', '%e %U %S %M', '-o', file];
  const { exitCode, all } = await program([...time, ...command], options);
  const text = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  interrupted.throwIfAborted();
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with status ${exitCode}:\n${all?.slice(-3000)}`);
  const [seconds, user, system, kilobytes] = text.trim().split(' ').map(Number);
  return { seconds: seconds!, 'CPU s': user! + system!, 'peak MB': kilobytes! / 1024 };
}
