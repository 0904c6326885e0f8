import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sshOptions } from '../../run/lab/inventory.ts';
import { type Lab, type LabHost, openLab } from '../../run/lab/lab.ts';

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. */
export function run(command: string, args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Logs in as a user does, by the system's ssh, and runs a command. */
export function ssh(lab: Lab, host: LabHost, command: string): Promise<Ended> {
  const options = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-i', host.keyFile, ...sshOptions(lab.paths)];
  return run('ssh', [...options, `${host.user}@${host.address}`, command]);
}

/** A lab of this process alone. */
export function scratchLab(purpose: string): Promise<Lab> {
  return openLab({ instance: `test-${purpose}-${process.pid}` });
}

/** Everything on the machine that bears the marks of a lab: its directory's path or its subnet's number. */
export async function traces(dir: string, subnet: number): Promise<string[]> {
  const found: string[] = [];
  const keep = (what: string, lines: string[], mark: RegExp | string) =>
    found.push(
      ...lines
        .filter((line) => (typeof mark === 'string' ? line.includes(mark) : mark.test(line)))
        .map((line) => `${what}: ${line}`),
    );
  const link = new RegExp(`\\bll${subnet}\\b`);
  keep('link', (await run('ip', ['-o', 'link'])).stdout.split('\n'), link);
  keep('namespace', (await run('ip', ['netns'])).stdout.split('\n'), link);
  keep('table', (await run('nft', ['list', 'tables'])).stdout.split('\n'), `lamplighter_${subnet}`);
  keep('mount', (await readFile('/proc/self/mountinfo', 'utf8')).split('\n'), dir);
  keep('route', (await run('ip', ['route'])).stdout.split('\n'), `10.98.${subnet}.`);
  const groups = await run('find', ['/sys/fs/cgroup', '-maxdepth', '3', '-name', `lamplighter-${subnet}-*`]);
  keep('group', groups.stdout.split('\n'), 'lamplighter');
  keep('file', (await run('find', [dir, '-maxdepth', '2'])).stdout.split('\n'), dir);
  keep('nspawn', await readdir('/run/systemd/nspawn').catch(() => []), `ll${subnet}`);
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    keep(`process ${pid}`, [await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '')], dir);
  }
  return found;
}
