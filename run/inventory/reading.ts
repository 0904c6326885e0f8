import type { Place } from '../errors.ts';
import type { WarningCode } from '../playbook/context.ts';
import { failure } from '../playbook/fail.ts';
import type { YamlFiles } from '../playbook/files.ts';
import { copyPlaces } from '../playbook/places.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { parseAddress } from './address.ts';
import type { InventoryGraph } from './graph.ts';
import { expandRange, RangeProblem } from './range.ts';

/** What every reader of an inventory format is given. */
export interface Reading {
  graph: InventoryGraph;
  files: YamlFiles;
  vault: VaultSecrets | undefined;
  warn: (message: string, place?: Place, code?: WarningCode) => void;
}

/** Hosts that a host entry stands for, and its port. @throws LamplighterError INVENTORY_SHAPE */
export function expandHosts(pattern: string, place: Place): { names: string[]; port: number | undefined } {
  const address = parseAddress(pattern, true);
  try {
    return { names: expandRange(address?.host ?? pattern), port: address?.port };
  } catch (error) {
    if (!(error instanceof RangeProblem)) throw error;
    throw failure('INVENTORY_SHAPE', `"${pattern}" is not a host or a range of hosts: ${error.message}`, place);
  }
}

/** Adds hosts to a group with their variables, as one entry of a source says. */
export function addHosts(
  { graph }: Reading,
  entry: { names: string[]; port: number | undefined },
  group: string,
  vars: Record<string, unknown>,
  place: Place,
): void {
  for (const name of entry.names) {
    const isNew = !graph.hosts.has(name);
    const host = graph.addHost(name, group, place);
    if (isNew && entry.port !== undefined) host.vars.ansible_port = entry.port;
    Object.assign(host.vars, vars);
    copyPlaces(host.vars, host.vars, vars);
  }
}

/** Warns of a group name that Ansible allows but cannot use in templates as a plain word. */
export function checkGroupName(reading: Reading, name: string, place: Place): void {
  if (reading.graph.groups.has(name) || /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return;
  reading.warn(`invalid characters in the group name "${name}" (kept as it is)`, place);
}
