import { LamplighterError, nearest } from '../errors.ts';
import { groupOf } from './host.ts';
import { updateHostsFile } from './hosts-file.ts';
import { initOf } from './inside.ts';
import { lockDirectory } from './lock.ts';
import { type LabNetwork, labNetwork } from './network.ts';
import type { LabPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { type HostState, readHosts, readInstance } from './state.ts';

/** What every operation on a lab is given. */
export interface Work {
  paths: LabPaths;
  progress: Progress;
  signal: AbortSignal | undefined;
}

/** Runs an operation that changes a lab, one at a time. */
export async function locked<T>({ paths, progress, signal }: Work, work: () => Promise<T>): Promise<T> {
  const lock = await lockDirectory(paths.dir, () => progress({ text: 'waiting for another lab command' }), signal);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** The hosts with these names, all when none are given. Throws LAB on a name that the lab has not. */
export async function pick(paths: LabPaths, names: string[]): Promise<HostState[]> {
  const hosts = await readHosts(paths);
  for (const name of names) {
    if (hosts.some((host) => host.name === name)) continue;
    const near = nearest(
      name,
      hosts.map((host) => host.name),
    );
    throw new LamplighterError('LAB', `the lab has no host ${name}`, {
      hint: near ? `Did you mean ${near}?` : `\`lab up ${name}\` makes it.`,
    });
  }
  return names.length > 0 ? names.map((name) => hosts.find((host) => host.name === name)!) : hosts;
}

/** The network of a lab. Throws LAB when it was never up. */
export async function networkOf(paths: LabPaths): Promise<LabNetwork> {
  const instance = await readInstance(paths);
  if (instance === undefined) throw new LamplighterError('LAB', 'the lab is not up', { hint: 'Start it: lab up' });
  return labNetwork(instance.subnet);
}

/** Tells every running host the names of all. */
export async function nameEachOther(paths: LabPaths, network: LabNetwork): Promise<void> {
  const hosts = await readHosts(paths);
  await Promise.all(
    hosts.map(async (host) => {
      const init = await initOf(await groupOf(network, host.name));
      if (init !== undefined) await updateHostsFile(init, hosts);
    }),
  );
}
