import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Sample } from './benchmark.ts';

let count = 0;

/**
 * Runs a program to its end: seconds by the wall, CPU seconds of it and all its children, megabytes at the peak of the
 * largest of them. By time(1), so that every tool is measured in the same way.
 * @throws when it fails, with the end of what it said
 */
export async function measured(
  command: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Sample & { seconds: number }> {
  const file = join(tmpdir(), `bench-time-${process.pid}-${++count}`);
  const { exitCode, all } = await execa('/usr/bin/time', ['-q', '-f', '%e %U %S %M', '-o', file, ...command], {
    ...options,
    all: true,
    stdin: 'ignore',
    reject: false,
  });
  const text = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with status ${exitCode}:\n${all?.slice(-3000)}`);
  const [seconds, user, system, kilobytes] = text.trim().split(' ').map(Number);
  return { seconds: seconds!, 'CPU s': user! + system!, 'peak MB': kilobytes! / 1024 };
}
