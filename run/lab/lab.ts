import { LamplighterError } from '../errors.ts';
import { type Health, healthOf } from './boot.ts';
import { removeHosts, removeLab } from './down.ts';
import { cutPower, groupOf, shutDown } from './host.ts';
import { initOf, type RunOptions, type RunResult, runInside } from './inside.ts';
import { inventoryOf, type LabInventory } from './inventory.ts';
import { deviceIdOf } from './names.ts';
import { labNetwork } from './network.ts';
import { type LabPaths, labPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { type HostState, readHosts, readInstance } from './state.ts';
import { bootAll, reset, type UpOptions, up } from './up.ts';
import { locked, networkOf, pick, type Work } from './work.ts';

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
  const work: Work = { paths, progress, signal: options.signal };
  const find = async (name: string) => (await pick(paths, [name]))[0]!;
  const toLogins = (hosts: HostState[]) => hosts.map((host) => toLabHost(paths, host));
  return {
    paths,
    up: async (names, upOptions = {}) => toLogins(await locked(work, () => up(work, names, upOptions))),
    status: () => status(paths),
    reset: async (names = []) => toLogins(await locked(work, () => reset(work, names))),
    down: async (names = [], { purge = false } = {}) => {
      if (names.length > 0 && purge) throw new LamplighterError('LAB', 'base images can go only with the whole lab');
      await (names.length > 0 ? removeHosts(work, names) : removeLab(work, purge));
    },
    inventory: async () => inventoryOf(paths, await readHosts(paths)),
    run: async (name, command, runOptions) =>
      runInside(await runningInit(paths, await find(name)), command, runOptions),
    address: async (name) => (await find(name)).address,
    deviceId: async (name) => deviceIdOf((await find(name)).mac),
    kill: async (name) => cutPower(await networkOf(paths), await find(name)),
    stop: async (name) => shutDown(await networkOf(paths), await find(name)),
    start: async (name) => {
      const host = await find(name);
      await locked(work, async () => bootAll(work, await networkOf(paths), [host]));
      return toLabHost(paths, host);
    },
  };
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

async function runningInit(paths: LabPaths, host: HostState): Promise<number> {
  const init = await initOf(await groupOf(await networkOf(paths), host.name));
  if (init === undefined) throw new LamplighterError('LAB', `${host.name} is off`, { hint: `lab up ${host.name}` });
  return init;
}

function toLabHost(paths: LabPaths, { name, address, user, mac }: HostState): LabHost {
  return { name, address, user, mac, deviceId: deviceIdOf(mac), keyFile: paths.keyFile, knownHosts: paths.knownHosts };
}
