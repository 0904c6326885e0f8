import { join } from 'node:path';
import { LamplighterError } from '../errors.ts';

/** The instance that people use when they name none; its addresses never change. */
const DEFAULT_INSTANCE = 'lab';

const DEFAULT_HOME = '/var/lib/lamplighter/lab';
const DEFAULT_CACHE = '/var/cache/lamplighter/lab';

/** Where the files of one lab instance live. */
export interface LabPaths {
  instance: string;
  /** The root that holds every instance, `/var/lib/lamplighter/lab` unless LAMPLIGHTER_LAB_HOME says otherwise. */
  home: string;
  /** The root of the base images, shared by all instances. LAMPLIGHTER_LAB_CACHE moves it. */
  cache: string;
  /** The directory of this instance. */
  dir: string;
  state: string;
  keyFile: string;
  knownHosts: string;
  hosts: string;
  /** An Ansible inventory of every host, written whenever hosts come or go. */
  inventory: string;
  isDefaultHome: boolean;
  /** Whether it is the lab whose hosts inventory.yaml names. */
  isDefault: boolean;
}

/** The paths of an instance. Throws LAB when the name cannot be a directory and part of names in the kernel. */
export function labPaths(instance?: string, env: NodeJS.ProcessEnv = process.env): LabPaths {
  const name = instance ?? (env.LAMPLIGHTER_LAB || DEFAULT_INSTANCE);
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new LamplighterError('LAB', `"${name}" cannot name a lab`, {
      hint: 'Use up to 31 lower-case letters, digits and dashes, a letter first.',
    });
  }
  const home = env.LAMPLIGHTER_LAB_HOME || DEFAULT_HOME;
  const dir = join(home, name);
  return {
    instance: name,
    home,
    cache: env.LAMPLIGHTER_LAB_CACHE || DEFAULT_CACHE,
    dir,
    state: join(dir, 'instance.json'),
    keyFile: join(dir, 'id_ed25519'),
    knownHosts: join(dir, 'known_hosts'),
    hosts: join(dir, 'hosts'),
    inventory: join(dir, 'inventory.yaml'),
    isDefaultHome: home === DEFAULT_HOME,
    isDefault: home === DEFAULT_HOME && name === DEFAULT_INSTANCE,
  };
}
