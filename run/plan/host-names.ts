import type { Group, Host } from '../inventory/model.ts';
import { matchPattern } from '../inventory/patterns.ts';

/**
 * The names of the hosts that match patterns, as the lookup `inventory_hostnames` tells them: by `groups` as a task sees it,
 * none where a pattern is wrong.
 * Source: ansible/plugins/lookup/inventory_hostnames.py
 */
export function matchingNames(groups: Record<string, readonly string[]>, patterns: string[]): string[] {
  const hosts = new Map<string, Host>();
  const known = new Map<string, Group>();
  for (const [name, names] of Object.entries(groups)) {
    const group: Group = { name, children: [], parents: [], hosts: [], vars: {}, priority: 1 };
    for (const each of names) {
      if (!hosts.has(each)) hosts.set(each, { name: each, groups: [], vars: {} });
      group.hosts.push(hosts.get(each)!);
    }
    known.set(name, group);
  }
  try {
    const scope = { hosts, groups: known, implicit: () => undefined, warn: () => {} };
    return matchPattern(patterns, scope).map(({ name }) => name);
  } catch {
    return [];
  }
}
