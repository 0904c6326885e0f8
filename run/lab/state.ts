import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LamplighterError } from '../errors.ts';
import type { LabPaths } from './paths.ts';
import type { Suite } from './suites.ts';

/** What an instance remembers: the third number of its subnet 10.98.N.0/24. */
export interface InstanceState {
  subnet: number;
}

/** What is remembered of a host, in hosts/NAME/host.json. */
export interface HostState {
  name: string;
  /** The last number of its address. */
  number: number;
  address: string;
  user: string;
  mac: string;
  suite: Suite;
  python: boolean;
  /** The directory of the base image that its files lie over. */
  base: string;
  /** False until the upper directory holds all that a first boot needs. */
  prepared: boolean;
}

/** The directory of a host. */
export function hostDir(paths: LabPaths, name: string): string {
  return join(paths.hosts, name);
}

/** Reads the state of an instance, or undefined when it has none yet. */
export function readInstance(paths: LabPaths): Promise<InstanceState | undefined> {
  return readJson<InstanceState>(paths.state);
}

/** Every host of an instance, running or not, in the order of their names. */
export async function readHosts(paths: LabPaths): Promise<HostState[]> {
  const names = await list(paths.hosts);
  const states = await Promise.all(names.map((name) => readJson<HostState>(join(paths.hosts, name, 'host.json'))));
  return states.filter((state) => state !== undefined);
}

/** Remembers a host. */
export function writeHost(paths: LabPaths, host: HostState): Promise<void> {
  return writeJson(join(hostDir(paths, host.name), 'host.json'), host);
}

/** The subnets that other instances of the same home hold. */
export async function subnetsInHome(paths: LabPaths): Promise<number[]> {
  const names = await list(paths.home);
  const states = await Promise.all(
    names.map((name) => readJson<InstanceState>(join(paths.home, name, 'instance.json'))),
  );
  return states.filter((state) => state !== undefined).map((state) => state.subnet);
}

/** Writes JSON to a file in one step: a reader sees the old text or the new. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`);
  await rename(temporary, file);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new LamplighterError('LAB', `${file} is damaged`, { hint: '`lab down` removes it and its lab.', cause });
  }
}

async function list(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).sort();
}
