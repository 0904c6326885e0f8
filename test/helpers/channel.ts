import { type ChildProcess, spawn } from 'node:child_process';
import type { ByteChannel } from '../../run/task.ts';

/** The shells that every host may have as its `sh`. */
export const SHELLS = ['dash', 'ash', 'bash'] as const;
export type Shell = (typeof SHELLS)[number];

/** Program and arguments of a shell that reads its script from stdin, bash as it behaves under the name `sh`. */
export function shellCommand(shell: Shell): [string, string[]] {
  if (shell === 'ash') return ['busybox', ['ash']];
  if (shell === 'bash') return ['bash', ['--posix', '--norc', '--noprofile']];
  return ['dash', []];
}

/** A process of this machine as a channel, as an SSH exec channel would be. */
export function processChannel(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): ByteChannel & { process: ChildProcess } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const done = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 255 : 137)));
  });
  return {
    process: child,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    done,
    close: () => {
      child.stdin.destroy();
      child.kill('SIGKILL');
    },
  };
}
