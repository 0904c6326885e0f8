import { LamplighterError } from '../errors.ts';
import { ensureBase } from './base.ts';
import { waitForBoot } from './boot.ts';
import { bootHost, cutPower, groupOf, prepareHost } from './host.ts';
import { initOf } from './inside.ts';
import { writeInventory } from './inventory.ts';
import { ensureHostKeys, ensureLoginKey, writeKnownHosts } from './keys.ts';
import { kindOf, macOf, numberFor, userOf } from './names.ts';
import {
  addressIn,
  chooseSubnet,
  ensureNetwork,
  type LabNetwork,
  labNetwork,
  reachableResolvers,
  withMachineLock,
} from './network.ts';
import type { LabPaths } from './paths.ts';
import { meetRequirements } from './requirements.ts';
import { type HostState, readHosts, readInstance, writeHost, writeJson } from './state.ts';
import { ensureStorage } from './storage.ts';
import type { Suite } from './suites.ts';
import { nameEachOther, networkOf, pick, type Work } from './work.ts';

export interface UpOptions {
  /** The Debian release of hosts that are made now; bookworm when left out. */
  base?: Suite;
  /** Whether hosts that are made now have Python. */
  python?: boolean;
  /** More hosts to have up, whatever they run. */
  also?: string[];
}

/** Makes and boots hosts, and returns when each has booted and its sshd answers. */
export async function up(work: Work, names: string[], options: UpOptions): Promise<HostState[]> {
  const { paths, progress } = work;
  const wanted = [...new Set([...(options.also ?? []), ...names])];
  wanted.forEach(kindOf);
  await meetRequirements(progress);
  const network = await withMachineLock(async () => {
    const subnet = (await readInstance(paths))?.subnet ?? (await chooseSubnet(paths));
    await writeJson(paths.state, { subnet });
    await ensureNetwork(paths, labNetwork(subnet));
    return labNetwork(subnet);
  });
  if ((await reachableResolvers()).length === 0)
    progress({ text: 'hosts cannot resolve names: every resolver of this machine listens on its loopback alone' });
  await ensureStorage(paths, progress);
  await ensureLoginKey(paths);
  await refuseOtherBase(paths, names, options);
  for (const name of wanted) await ensureHost(work, network, name, options);
  await writeKnownHosts(paths);
  await writeInventory(paths);
  const hosts = await bootAll(work, network, await pick(paths, wanted));
  await nameEachOther(paths, network);
  return hosts;
}

/** Gives hosts (all when none are named) the disk of a fresh machine, and boots them. */
export async function reset(work: Work, names: string[]): Promise<HostState[]> {
  const { paths, progress, signal } = work;
  const network = await networkOf(paths);
  const hosts: HostState[] = [];
  for (const host of await pick(paths, names)) {
    const choice = { suite: host.suite, python: host.python };
    hosts.push({ ...host, base: await ensureBase(paths, choice, progress, signal), prepared: false });
  }
  for (const host of hosts) {
    await cutPower(network, host);
    await writeHost(paths, host);
  }
  return await bootAll(work, network, hosts);
}

/** Boots those of the hosts that are not up, at most eight at a time, and waits for all. */
export async function bootAll(work: Work, network: LabNetwork, hosts: HostState[]): Promise<HostState[]> {
  const waiting = [...hosts];
  const lane = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await ensureUp(work, network, host);
  };
  const lanes = await Promise.allSettled(Array.from({ length: 8 }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
  return hosts;
}

async function ensureUp({ paths, progress, signal }: Work, network: LabNetwork, host: HostState): Promise<void> {
  const started = Date.now();
  if (signal?.aborted) throw new LamplighterError('INTERRUPTED', `interrupted before ${host.name} was booted`);
  const alive = (await initOf(await groupOf(network, host.name))) !== undefined;
  if (!alive) {
    if (!host.prepared) {
      progress({ host: host.name, text: 'preparing its disk', passing: true });
      await cutPower(network, host);
      await prepareHost(paths, network, host);
    }
    await bootHost(paths, network, host);
  }
  const health = await waitForBoot(paths, network, host, progress, signal);
  const after = alive ? 'is up' : `up in ${((Date.now() - started) / 1000).toFixed(1)} s`;
  const failed = health.failed.length > 0 ? `; failed units: ${health.failed.join(', ')}` : '';
  progress({ host: host.name, text: `${after} at ${host.user}@${host.address}${failed}` });
}

/** Remembers a host that is new, with the base image that it is to lie over. */
async function ensureHost(work: Work, network: LabNetwork, name: string, options: UpOptions): Promise<void> {
  const known = await readHosts(work.paths);
  if (known.some((host) => host.name === name)) return;
  const choice = { suite: options.base ?? 'bookworm', python: options.python ?? false };
  const base = await ensureBase(work.paths, choice, work.progress, work.signal);
  const number = numberFor(
    name,
    known.map((host) => host.number),
  );
  const host = { name, number, address: addressIn(network, number), user: userOf(name), mac: macOf(name) };
  await ensureHostKeys(work.paths, name);
  await writeHost(work.paths, { ...host, ...choice, base, prepared: false });
}

async function refuseOtherBase(paths: LabPaths, names: string[], options: UpOptions): Promise<void> {
  for (const host of await readHosts(paths)) {
    const other =
      (options.base !== undefined && options.base !== host.suite) ||
      (options.python !== undefined && options.python !== host.python);
    if (names.includes(host.name) && other) {
      throw new LamplighterError('LAB', `${host.name} runs ${host.suite} ${host.python ? 'with' : 'without'} Python`, {
        hint: `Remove it first: lab down ${host.name}`,
      });
    }
  }
}
