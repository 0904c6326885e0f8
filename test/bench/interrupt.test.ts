import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canMakeUsers } from '../helpers/sshd.ts';

/*
 * A benchmark that is ended from outside while a tool is at work: neither its sshd, its user, its directories nor the tool
 * stay behind.
 */

const test = suite('an interrupted benchmark');
const ROOT = join(import.meta.dirname, '../..');

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`takes away what it made at ${signal}`, async () => {
    // A process group of its own, as a terminal gives it: SIGINT reaches all of it at once.
    const bench = spawn(process.execPath, ['--import', 'tsx', 'bench/index.ts', 'hosts', '--rounds', '1'], {
      cwd: ROOT,
      detached: true,
      stdio: 'ignore',
    });
    try {
      const tool = await started(bench.pid!, /^\/usr\/bin\/time .* (\/tmp\/bench-\w+)\/hosts/);
      const sshd = await started(bench.pid!, /sshd.* -f (\S+)\/sshd_config/);
      const user = usersOf(bench.pid!);
      assert.is(user.length, 1);
      process.kill(signal === 'SIGINT' ? -bench.pid! : bench.pid!, signal);
      if (bench.exitCode === null && bench.signalCode === null) await once(bench, 'exit');
      assert.is(bench.exitCode, 99);
      assert.equal(usersOf(bench.pid!), []);
      assert.not.ok(existsSync(`/home/${user[0]}`), 'its home');
      for (const directory of [tool[1]!, sshd[1]!]) assert.not.ok(existsSync(directory), directory);
      const left = commands().filter(({ words }) => words.includes(tool[1]!) || words.includes(sshd[1]!));
      assert.equal(left, []);
    } finally {
      if (bench.exitCode === null && bench.signalCode === null) bench.kill('SIGKILL');
    }
  });

/** Waits for a child of `parent` whose command line is like this. */
async function started(parent: number, like: RegExp): Promise<RegExpExecArray> {
  for (let tries = 0; tries < 1200; tries++) {
    for (const { words } of commands(parent)) {
      const match = like.exec(words);
      if (match) return match;
    }
    await sleep(50);
  }
  throw new Error(`never started: ${like}`);
}

/** Processes with their command lines; those of one parent, or all. */
function commands(parent?: number): { pid: number; words: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parent === undefined || new RegExp(`^PPid:\\s+${parent}$`, 'm').test(read(name, 'status')))
    .map((name) => ({ pid: Number(name), words: read(name, 'cmdline').replaceAll('\0', ' ') }));
}

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return ''; // It has ended since.
  }
}

function usersOf(pid: number): string[] {
  return [...readFileSync('/etc/passwd', 'utf8').matchAll(new RegExp(`^lltest${pid}x\\w+`, 'gm'))].map(
    ([name]) => name,
  );
}

if (canMakeUsers() && existsSync('/usr/bin/time')) test.run();
else console.log('skipped: needs root and /usr/bin/time');
