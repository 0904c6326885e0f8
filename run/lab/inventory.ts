import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { kindOf } from './names.ts';
import type { LabPaths } from './paths.ts';
import { type HostState, readHosts } from './state.ts';

/** A lab as Ansible's YAML inventories have it. */
export interface LabInventory {
  all: {
    vars: Record<string, string>;
    children: Record<string, { hosts: Record<string, Record<string, string>> }>;
  };
}

const GROUP = { cloud: 'cloud', lamp: 'lamps', home: 'homes' };

/** The options that make OpenSSH use the lab's key and trust the lab's host keys, and those alone. */
export function sshOptions(paths: LabPaths): string[] {
  const options = [`UserKnownHostsFile=${paths.knownHosts}`, 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
  return options.flatMap((option) => ['-o', option]);
}

/** The inventory of a lab: groups cloud, lamps, and homes when it has any. */
export function inventoryOf(paths: LabPaths, hosts: HostState[]): LabInventory {
  const children: LabInventory['all']['children'] = { cloud: { hosts: {} }, lamps: { hosts: {} } };
  for (const host of hosts) {
    const group = GROUP[kindOf(host.name)];
    children[group] ??= { hosts: {} };
    children[group].hosts[host.name] = { ansible_host: host.address, ansible_user: host.user };
  }
  const vars = { ansible_ssh_private_key_file: paths.keyFile, ansible_ssh_common_args: sshOptions(paths).join(' ') };
  return { all: { vars, children } };
}

/** Writes the lab's inventory as it is now to its file. */
export async function writeInventory(paths: LabPaths): Promise<void> {
  await writeFile(paths.inventory, stringify(inventoryOf(paths, await readHosts(paths)), { lineWidth: 0 }));
}
