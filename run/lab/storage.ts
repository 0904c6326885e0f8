import { mkdir, readFile } from 'node:fs/promises';
import type { LabPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { $, attempt } from './script.ts';

/**
 * Makes the directory of the hosts one that can hold upper directories of overlays. A file system that cannot (an overlay
 * itself, as in a Docker container, or NFS) gets a tmpfs mounted over it, which lasts until the lab goes down.
 */
export async function ensureStorage(paths: LabPaths, progress: Progress): Promise<void> {
  await mkdir(paths.hosts, { recursive: true });
  if (await isMountPoint(paths.hosts)) return;
  const trial = await $({ nothrow: true, cwd: paths.hosts })`
    mkdir -p .probe/lower .probe/upper .probe/work .probe/root
    status=0
    unshare --mount mount -t overlay overlay \
      -o lowerdir=.probe/lower,upperdir=.probe/upper,workdir=.probe/work .probe/root || status=1
    rm -rf .probe
    exit $status`;
  if (trial.exitCode === 0) return;
  progress({ text: `${paths.hosts} cannot hold overlays: the hosts' files go to memory` });
  await attempt('mount a tmpfs for the hosts', $`mount -t tmpfs -o mode=755 lamplighter ${paths.hosts}`);
}

/** Unmounts what ensureStorage mounted. */
export async function removeStorage(paths: LabPaths): Promise<void> {
  if (await isMountPoint(paths.hosts)) await attempt('unmount the hosts', $`umount ${paths.hosts}`);
}

async function isMountPoint(dir: string): Promise<boolean> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  return mountinfo.split('\n').some((line) => line.split(' ')[4] === dir);
}
