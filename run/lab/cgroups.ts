import { readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../errors.ts';

/**
 * The trees in which nspawn makes groups for processes, the one that tracks them first: the v2 tree wherever it is
 * mounted (alone, or beside v1 ones), and systemd's own v1 tree. Empty when there is neither.
 */
export function cgroupTrees(mountinfo: string): string[] {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const path = left?.split(' ')[4];
    const [type, , options] = right?.split(' ') ?? [];
    return path === undefined ? [] : [{ path, type, options }];
  });
  const v2 = mounts.findLast((mount) => mount.type === 'cgroup2' && mount.path.startsWith('/sys/fs/cgroup'));
  const v1 = mounts.findLast((mount) => mount.type === 'cgroup' && mount.options?.includes('name=systemd'));
  return [v2, v1].flatMap((mount) => mount?.path ?? []);
}

/** A host's group in each tree of this machine, the one that tracks its processes first. Throws LAB without a tree. */
export async function groupsNamed(name: string): Promise<[string, ...string[]]> {
  const [main, ...others] = cgroupTrees(await readFile('/proc/self/mountinfo', 'utf8'));
  if (main === undefined) throw new LamplighterError('LAB', 'no control groups are mounted under /sys/fs/cgroup');
  return [join(main, name), ...others.map((tree) => join(tree, name))];
}

/** The groups of every tree whose names start so. */
export async function groupsStarting(prefix: string): Promise<string[]> {
  const trees = cgroupTrees(await readFile('/proc/self/mountinfo', 'utf8'));
  const groups = (await Promise.all(trees.map(subgroups))).flat();
  return groups.filter((group) => basename(group).startsWith(prefix));
}

/** Every process in a group and below it. None when the group does not exist. */
export async function processesIn(group: string): Promise<number[]> {
  const own = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  const below = await Promise.all((await subgroups(group)).map(processesIn));
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()];
}

/** Kills every process in a group and below it, and returns when they are gone. */
export async function killGroup(group: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const processes = await processesIn(group);
    if (processes.length === 0) return;
    if (Date.now() > deadline)
      throw new LamplighterError('LAB', `processes of ${group} do not end: ${processes.join(', ')}`);
    // One write since Linux 5.14, which no fork can escape; before that, again and again until none is left.
    await writeFile(join(group, 'cgroup.kill'), '1').catch(() => processes.forEach(kill));
    await sleep(10);
  }
}

/** Removes a group and the groups below it, all empty by now. */
export async function removeGroup(group: string): Promise<void> {
  for (const below of await subgroups(group)) await removeGroup(below);
  for (let tries = 0; tries < 100; tries++) {
    try {
      return await rmdir(group);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY') throw error;
      await sleep(20);
    }
  }
  throw new LamplighterError('LAB', `the control group ${group} stays busy`);
}

async function subgroups(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(group, entry.name));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
