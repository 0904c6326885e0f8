import type { Place } from '../errors.ts';
import { LamplighterError } from '../errors.ts';
import { failure } from '../playbook/fail.ts';
import type { Group, Host } from './model.ts';

/** A group with what sorts it: the longest way down from `all`. */
export interface GroupNode extends Group {
  children: GroupNode[];
  parents: GroupNode[];
  depth: number;
}

export interface HostNode extends Host {
  groups: GroupNode[];
}

/** Hosts and groups while the sources are read: what the readers of the formats add to. */
export class InventoryGraph {
  readonly hosts = new Map<string, HostNode>();
  readonly groups = new Map<string, GroupNode>();
  private readonly members = new Map<string, Set<string>>();

  constructor() {
    this.addGroup('all');
    this.addGroup('ungrouped');
    this.addChild('all', 'ungrouped');
  }

  addGroup(name: string): GroupNode {
    let group = this.groups.get(name);
    if (!group) {
      group = { name, children: [], parents: [], hosts: [], vars: {}, priority: 1, depth: 0 };
      this.groups.set(name, group);
      this.members.set(name, new Set());
    }
    return group;
  }

  /** @throws LamplighterError INVENTORY_SHAPE for a circle */
  addChild(parentName: string, childName: string, place?: Place): boolean {
    const parent = this.addGroup(parentName);
    const child = this.addGroup(childName);
    if (parent.children.includes(child)) return false;
    if (child === parent || ancestors(parent).has(child))
      throw failure(
        'INVENTORY_SHAPE',
        child === parent
          ? `the group "${childName}" cannot be its own child`
          : `the group "${childName}" as a child of "${parentName}" makes a circle: "${parentName}" is below it already`,
        place,
      );
    parent.children.push(child);
    child.parents.push(parent);
    return true;
  }

  addHost(name: string, groupName: string, place?: Place): HostNode {
    if (name === '') throw new LamplighterError('INVENTORY_SHAPE', 'a host without a name', { place });
    let host = this.hosts.get(name);
    if (!host) {
      host = place ? { name, groups: [], vars: {}, place } : { name, groups: [], vars: {} };
      this.hosts.set(name, host);
    }
    this.join(host, groupName);
    return host;
  }

  join(host: HostNode, groupName: string): boolean {
    const group = this.addGroup(groupName);
    const members = this.members.get(groupName)!;
    if (members.has(host.name)) return false;
    members.add(host.name);
    group.hosts.push(host);
    host.groups.push(group);
    return true;
  }

  /** `ansible_group_priority` is not a variable: it sorts the group among those of its depth. */
  setGroupVariable(group: GroupNode, key: string, value: unknown, place?: Place): void {
    if (key !== 'ansible_group_priority') {
      group.vars[key] = value;
      return;
    }
    const priority = typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof priority !== 'number' || !Number.isInteger(priority))
      throw failure('INVENTORY_SHAPE', `ansible_group_priority of "${group.name}" must be an integer`, place);
    group.priority = priority;
  }

  /** Ansible's rules after reading: every group is below `all`, `ungrouped` holds exactly the hosts without another group. */
  reconcile(): void {
    for (const group of this.groups.values())
      if (group.name !== 'all' && group.parents.length === 0) this.addChild('all', group.name);
    const ungrouped = this.groups.get('ungrouped')!;
    const members = this.members.get('ungrouped')!;
    const leaving = new Set<Host>();
    for (const host of this.hosts.values()) {
      const elsewhere = host.groups.some((group) => group.name !== 'all' && group !== ungrouped);
      if (elsewhere && members.has(host.name)) {
        leaving.add(host);
        members.delete(host.name);
        host.groups = host.groups.filter((group) => group !== ungrouped);
      } else if (!elsewhere) this.join(host, 'ungrouped');
    }
    if (leaving.size) ungrouped.hosts = ungrouped.hosts.filter((host) => !leaving.has(host));
    this.setDepths();
  }

  private setDepths(): void {
    const known = new Map<GroupNode, number>();
    const depth = (group: GroupNode): number => {
      let value = known.get(group);
      if (value === undefined) {
        value = group.parents.length === 0 ? 0 : Math.max(...group.parents.map(depth)) + 1;
        known.set(group, value);
      }
      return value;
    };
    for (const group of this.groups.values()) group.depth = depth(group);
  }
}

/** All groups above a group. */
function ancestors(group: GroupNode, found = new Set<GroupNode>()): Set<GroupNode> {
  for (const parent of group.parents)
    if (!found.has(parent)) {
      found.add(parent);
      ancestors(parent, found);
    }
  return found;
}

/** Hosts of a group and of all groups below it, level by level. */
export function hostsBelow(group: Group): Host[] {
  const hosts = new Set<Host>();
  const seen = new Set<Group>([group]);
  // A Set keeps its order while it grows under the loop: this is a breadth-first walk.
  for (const each of seen) {
    for (const host of each.hosts) hosts.add(host);
    for (const child of each.children) seen.add(child);
  }
  return [...hosts];
}

/** Groups a host is in, those above included, `all` left out, in the order in which their variables apply. */
export function sortedGroups(host: HostNode): GroupNode[] {
  const groups = new Set<GroupNode>(host.groups);
  for (const group of host.groups) for (const above of ancestors(group)) groups.add(above);
  return [...groups]
    .filter((group) => group.name !== 'all')
    .sort((a, b) => a.depth - b.depth || a.priority - b.priority || byName(a.name, b.name));
}

/** Python's order of strings: by code point. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
