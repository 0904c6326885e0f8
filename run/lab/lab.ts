import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LamplighterError, nearest } from '../errors.ts';
import { ensureBase, type Suite } from './base.ts';
import { type Health, healthOf, waitForBoot } from './boot.ts';
import { bootHost, cutPower, groupOf, prepareHost, shutDown } from './host.ts';
import { updateHostsFile } from './hosts-file.ts';
import { initOf, type RunOptions, type RunResult, runInside } from './inside.ts';
import { inventoryOf, type LabInventory } from './inventory.ts';
import { ensureHostKeys, ensureLoginKey, writeKnownHosts } from './keys.ts';
import { lockDirectory } from './lock.ts';
import { deviceIdOf, kindOf, macOf, numberFor, userOf } from './names.ts';
import {
  addressIn,
  chooseSubnet,
  ensureNetwork,
  type LabNetwork,
  labNetwork,
  removeNetwork,
  withMachineLock,
} from './network.ts';
import { type LabPaths, labPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { meetRequirements } from './requirements.ts';
import { type HostState, hostDir, readHosts, readInstance, writeHost, writeJson } from './state.ts';
import { ensureStorage, removeStorage } from './storage.ts';

/** A host of a lab, as somebody who wants to log in needs it. */
export interface LabHost {
  name: string;
  address: string;
  user: string;
  mac: string;
  /** The MAC address of eth0 without colons. */
  deviceId: string;
  keyFile: string;
  knownHosts: string;
}

/** A host and how it is. */
export interface LabHostStatus extends LabHost, Health {
  suite: string;
  python: boolean;
}

export interface UpOptions {
  /** The Debian release of hosts that are made now; bookworm when left out. */
  base?: Suite;
  /** Whether hosts that are made now have Python. */
  python?: boolean;
  /** More hosts to have up, whatever they run. */
  also?: string[];
}

export interface LabOptions {
  /** The name of the lab; LAMPLIGHTER_LAB or `lab` when left out. */
  instance?: string;
  /** Told what stays of interest, one line a call. */
  log?: (line: string) => void;
  /** Told everything, for a display. */
  progress?: Progress;
  /** Interrupts what is under way; the next command finishes or clears what is left. */
  signal?: AbortSignal;
}

/** A lab: real Debian hosts on this machine. Every failure is a LamplighterError with code LAB or INTERRUPTED. */
export interface Lab {
  readonly paths: LabPaths;
  /** Makes and boots hosts, and returns when each has booted and its sshd answers. What is up stays as it is. */
  up(names: string[], options?: UpOptions): Promise<LabHost[]>;
  /** Every host of the lab, running or not. */
  status(): Promise<LabHostStatus[]>;
  /** Gives hosts (all when none are named) the disk of a fresh machine; names, addresses and keys stay. */
  reset(names?: string[]): Promise<LabHost[]>;
  /** Removes hosts; without names the whole lab, and with `purge` the cached base images too. */
  down(names?: string[], options?: { purge?: boolean }): Promise<void>;
  /** An Ansible inventory of every host. */
  inventory(): Promise<LabInventory>;
  /** Runs a command by `sh` in a running host, as root unless told otherwise; needs no sshd. */
  run(name: string, command: string, options?: RunOptions): Promise<RunResult>;
  address(name: string): Promise<string>;
  deviceId(name: string): Promise<string>;
  /** Pulls the plug: kills every process of the host. Its disk stays. */
  kill(name: string): Promise<void>;
  /** Shuts a host down cleanly. */
  stop(name: string): Promise<void>;
  /** Switches a host on again after `kill`, `stop` or a shutdown from inside, and waits until it has booted. */
  start(name: string): Promise<LabHost>;
}

/** Opens a lab, which need not exist yet: nothing is made before `up`. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const paths = labPaths(options.instance);
  const progress: Progress = (event) => {
    options.progress?.(event);
    if (!event.passing) options.log?.(event.host ? `${event.host}: ${event.text}` : event.text);
  };
  const work = { paths, progress, signal: options.signal };
  const find = async (name: string) => (await pick(paths, [name]))[0]!;
  return {
    paths,
    up: (names, upOptions = {}) => locked(work, () => up(work, names, upOptions)),
    status: () => status(paths),
    reset: (names = []) => locked(work, () => reset(work, names)),
    down: (names = [], { purge = false } = {}) => down(work, names, purge),
    inventory: async () => inventoryOf(paths, await readHosts(paths)),
    run: async (name, command, runOptions) =>
      runInside(await runningInit(paths, await find(name)), command, runOptions),
    address: async (name) => (await find(name)).address,
    deviceId: async (name) => deviceIdOf((await find(name)).mac),
    kill: async (name) => cutPower(await networkOf(paths), await find(name)),
    stop: async (name) => shutDown(await networkOf(paths), await find(name)),
    start: (name) => locked(work, async () => (await bootAll(work, await networkOf(paths), [await find(name)]))[0]!),
  };
}

/** What every operation on a lab is given. */
interface Work {
  paths: LabPaths;
  progress: Progress;
  signal: AbortSignal | undefined;
}

async function up(work: Work, names: string[], options: UpOptions): Promise<LabHost[]> {
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
  await ensureStorage(paths, progress);
  await ensureLoginKey(paths);
  await refuseOtherBase(paths, names, options);
  for (const name of wanted) await ensureHost(work, network, name, options);
  await writeKnownHosts(paths);
  const hosts = await bootAll(work, network, await pick(paths, wanted));
  await nameEachOther(paths, network);
  return hosts;
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

/** Boots those of the hosts that are not up, at most eight at a time, and waits for all. */
async function bootAll(work: Work, network: LabNetwork, hosts: HostState[]): Promise<LabHost[]> {
  const waiting = [...hosts];
  const lane = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await ensureUp(work, network, host);
  };
  const lanes = await Promise.allSettled(Array.from({ length: 8 }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
  return hosts.map((host) => toLabHost(work.paths, host));
}

async function ensureUp({ paths, progress, signal }: Work, network: LabNetwork, host: HostState): Promise<void> {
  const started = Date.now();
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

async function reset(work: Work, names: string[]): Promise<LabHost[]> {
  const network = await networkOf(work.paths);
  const hosts = await pick(work.paths, names);
  for (const host of hosts) await cutPower(network, host);
  for (const host of hosts) await writeHost(work.paths, { ...host, prepared: false });
  return await bootAll(
    work,
    network,
    hosts.map((host) => ({ ...host, prepared: false })),
  );
}

async function down(work: Work, names: string[], purge: boolean): Promise<void> {
  const { paths, progress, signal } = work;
  const instance = await readInstance(paths);
  const hosts = await readHosts(paths);
  await pick(paths, names);
  const lock = await lockDirectory(paths.dir, () => progress({ text: 'waiting for another lab command' }), signal);
  try {
    const network = instance && labNetwork(instance.subnet);
    const going = names.length > 0 ? hosts.filter((host) => names.includes(host.name)) : hosts;
    if (network) await Promise.all(going.map((host) => cutPower(network, host)));
    await Promise.all(going.map((host) => rm(hostDir(paths, host.name), { recursive: true, force: true })));
    for (const host of going) progress({ host: host.name, text: 'gone' });
    if (names.length > 0 && network) {
      await writeKnownHosts(paths);
      await nameEachOther(paths, network);
    } else {
      if (network) await withMachineLock(() => removeNetwork(network));
      await removeStorage(paths);
      await rm(paths.dir, { recursive: true, force: true });
      await removeEmpty(paths.home);
    }
  } finally {
    await lock.release();
  }
  if (purge) await purgeBases(paths);
}

async function purgeBases(paths: LabPaths): Promise<void> {
  const left = await readHosts(paths);
  if (left.length > 0) throw new LamplighterError('LAB', 'base images are in use by the hosts that stay');
  await rm(paths.cache, { recursive: true, force: true });
}

async function status(paths: LabPaths): Promise<LabHostStatus[]> {
  const instance = await readInstance(paths);
  if (instance === undefined) return [];
  const network = labNetwork(instance.subnet);
  return await Promise.all(
    (await readHosts(paths)).map(async (host) => ({
      ...toLabHost(paths, host),
      suite: host.suite,
      python: host.python,
      ...(await healthOf(network, host.name)),
    })),
  );
}

/** Tells every running host the names of all. */
async function nameEachOther(paths: LabPaths, network: LabNetwork): Promise<void> {
  const hosts = await readHosts(paths);
  await Promise.all(
    hosts.map(async (host) => {
      const init = await initOf(await groupOf(network, host.name));
      if (init !== undefined) await updateHostsFile(init, hosts);
    }),
  );
}

async function locked<T>({ paths, progress, signal }: Work, work: () => Promise<T>): Promise<T> {
  const lock = await lockDirectory(paths.dir, () => progress({ text: 'waiting for another lab command' }), signal);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** The hosts with these names, all when none are given. Throws LAB on a name that the lab has not. */
async function pick(paths: LabPaths, names: string[]): Promise<HostState[]> {
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

async function networkOf(paths: LabPaths): Promise<LabNetwork> {
  const instance = await readInstance(paths);
  if (instance === undefined) throw new LamplighterError('LAB', 'the lab is not up', { hint: 'Start it: lab up' });
  return labNetwork(instance.subnet);
}

async function runningInit(paths: LabPaths, host: HostState): Promise<number> {
  const init = await initOf(await groupOf(await networkOf(paths), host.name));
  if (init === undefined) throw new LamplighterError('LAB', `${host.name} is off`, { hint: `lab up ${host.name}` });
  return init;
}

function toLabHost(paths: LabPaths, { name, address, user, mac }: HostState): LabHost {
  return { name, address, user, mac, deviceId: deviceIdOf(mac), keyFile: paths.keyFile, knownHosts: paths.knownHosts };
}

async function removeEmpty(dir: string): Promise<void> {
  await rmdir(dir).then(
    () => removeEmpty(join(dir, '..')),
    () => {},
  );
}
