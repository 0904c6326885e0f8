import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { groupsStarting, killGroup, removeGroup } from './cgroups.ts';
import { cutPower } from './host.ts';
import { writeInventory } from './inventory.ts';
import { writeKnownHosts } from './keys.ts';
import { type LabNetwork, labNetwork, removeNetwork, withMachineLock } from './network.ts';
import { type LabPaths, labPaths } from './paths.ts';
import { hostDir, readHosts, readInstance } from './state.ts';
import { removeStorage } from './storage.ts';
import { locked, nameEachOther, networkOf, pick, type Work } from './work.ts';

/** Removes the named hosts from a lab that stays. */
export async function removeHosts(work: Work, names: string[]): Promise<void> {
  const { paths, progress } = work;
  await pick(paths, names);
  await locked(work, async () => {
    const network = await networkOf(paths);
    for (const host of await pick(paths, names)) {
      await cutPower(network, host);
      await rm(hostDir(paths, host.name), { recursive: true, force: true });
      progress({ host: host.name, text: 'gone' });
    }
    await writeKnownHosts(paths);
    await writeInventory(paths);
    await nameEachOther(paths, network);
  });
}

/** Removes a lab without a trace; with `purge` the cached base images too, which throws LAB while another lab has hosts. */
export async function removeLab(work: Work, purge: boolean): Promise<void> {
  const { paths, progress } = work;
  await locked(work, async () => {
    const instance = await readInstance(paths);
    if (instance) await stopEverything(labNetwork(instance.subnet));
    await removeStorage(paths);
    await rm(paths.dir, { recursive: true, force: true });
    progress({ text: `lab ${paths.instance}: gone` });
    await rmdir(paths.home).catch(() => {});
    if (paths.isDefaultHome) await rmdir(dirname(paths.home)).catch(() => {});
  });
  if (purge) await purgeBases(paths);
}

/** Goes by what runs, not by what is remembered: a damaged file must not keep a host alive. */
async function stopEverything(network: LabNetwork): Promise<void> {
  const groups = await groupsStarting(`lamplighter-${network.subnet}-`);
  await Promise.all(groups.map(killGroup));
  for (const group of groups) await removeGroup(group);
  await withMachineLock(() => removeNetwork(network));
}

async function purgeBases(paths: LabPaths): Promise<void> {
  const names = await readdir(paths.home).catch(() => []);
  const others = await Promise.all(
    names.map((name) => readHosts({ ...paths, hosts: join(paths.home, name, 'hosts') })),
  );
  const running = await groupsStarting('lamplighter-');
  if (running.length > 0 || others.flat().length > 0) {
    throw new LamplighterError('LAB', 'the base images stay: another lab has hosts over them', {
      hint: `Take it down first: lab --instance NAME down. Labs in ${paths.home}: ${names.join(', ') || 'none'}`,
    });
  }
  await rm(paths.cache, { recursive: true, force: true });
  if (paths.cache === labPaths(undefined, {}).cache) await rmdir(dirname(paths.cache)).catch(() => {});
}
