import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { processesIn } from './cgroups.ts';

/** What a command in a host said, and how it ended (128 + N after signal N). */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** What the command reads; nothing when left out. */
  input?: string | Uint8Array;
  /** The user that runs it, root when left out. */
  user?: string;
}

const SIGNALS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };

/**
 * The process on the controller that is the first one of a host, or undefined when none is in its control group:
 * the one whose number is 1 in a process namespace right below ours.
 */
export async function initOf(group: string): Promise<number | undefined> {
  const depth = (await namespacedPids('self'))?.length ?? 1;
  for (const pid of await processesIn(group)) {
    const pids = await namespacedPids(pid);
    if (pids?.length === depth + 1 && pids.at(-1) === '1') return pid;
  }
  return undefined;
}

/** Runs a command by `sh` in a host, through the namespaces of its first process; needs no sshd. */
export async function runInside(init: number, command: string, options: RunOptions = {}): Promise<RunResult> {
  const user = options.user ?? 'root';
  const become = user === 'root' ? ['/bin/sh'] : ['/sbin/runuser', '-u', user, '--', '/bin/sh'];
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const env = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=${home} LANG=C.UTF-8`.split(' ');
  const namespaces = `--target ${init} --mount --uts --ipc --net --pid --cgroup --root --wd`.split(' ');
  const child = spawn('nsenter', [...namespaces, 'env', '-i', ...env, ...become, '-c', command]);
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
  // A command need not read what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? 128 + (SIGNALS[signal ?? ''] ?? 0)));
  });
  return { code, stdout: Buffer.concat(output.stdout).toString(), stderr: Buffer.concat(output.stderr).toString() };
}

async function namespacedPids(pid: number | 'self'): Promise<string[] | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^NSpid:\t(.+)$/m.exec(status)?.[1]?.split('\t');
}
