import { join } from 'node:path';
import type { Loopback } from './loopback.ts';
import { program } from './process.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** The runner as the package has it, built anew once a benchmark. */
export async function packaged(): Promise<string[]> {
  const { exitCode, all } = await program(['npm', 'run', '-s', 'build'], { cwd: ROOT });
  if (exitCode !== 0) throw new Error(`the package could not be built:\n${all}`);
  return [process.execPath, join(ROOT, 'dist/run/index.js')];
}

/** The runner without npx, which would cost the same in front of every program. */
export const LAMPLIGHTER = [process.execPath, '--import', 'tsx', join(ROOT, 'run/index.ts')];

/** `ssh HOST true`, as many at the same time as there are hosts. */
export function sshTrue(target: Loopback, count: number, port = target.port): string[] {
  const one = [...sshWords(target, port), '127.0.0.1', 'true'].join(' ');
  return ['sh', '-c', `i=0; while [ $i -lt ${count} ]; do ${one} & i=$((i + 1)); done; wait`];
}

/** The system's ssh with what reaches `target`, before the host's name. */
export function sshWords(target: Loopback, port = target.port): string[] {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const words = ['ssh', '-F', '/dev/null', '-p', String(port), '-i', target.keyFile, '-o', `User=${target.user}`];
  return [...words, ...options.flatMap((option) => ['-o', option])];
}
