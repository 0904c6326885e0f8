import type { Place } from '../errors.ts';
import type { WarningCode } from '../playbook/context.ts';
import type { YamlFiles } from '../playbook/files.ts';
import { copyPlaces } from '../playbook/places.ts';
import { byName, type HostNode, type InventoryGraph, sortedGroups } from './graph.ts';
import { LOCALHOST } from './localhost.ts';
import type { Group, Host, Inventory } from './model.ts';
import { matchPattern } from './patterns.ts';
import { directoryOfSource, varsBeside } from './vars-files.ts';

/** The inventory of a run: the graph of its sources with what is asked of it. */
export class LoadedInventory implements Inventory {
  readonly sources: readonly string[];
  private readonly graph: InventoryGraph;
  private readonly files: YamlFiles;
  private readonly warnOnce: (message: string, place?: Place, code?: WarningCode) => void;
  private readonly directories: string[];
  private readonly hostVariables = new Map<string, Record<string, unknown>>();
  private readonly groupFiles = new Map<string, Record<string, unknown>>();
  private localhost: HostNode | undefined;
  private hostsOfGroups: Record<string, string[]> | undefined;

  constructor(
    sources: readonly string[],
    graph: InventoryGraph,
    files: YamlFiles,
    warn: (message: string, place?: Place, code?: WarningCode) => void,
  ) {
    this.sources = sources;
    this.graph = graph;
    this.files = files;
    const directories = sources.map((source) => directoryOfSource(source, files)).filter((each) => each !== undefined);
    this.directories = [...new Set(directories.toReversed())].reverse();
    const said = new Set<string>();
    this.warnOnce = (message, place, code) => {
      if (said.has(message)) return;
      said.add(message);
      warn(message, place, code);
    };
  }

  get hosts(): ReadonlyMap<string, Host> {
    return this.graph.hosts;
  }

  get groups(): ReadonlyMap<string, Group> {
    return this.graph.groups;
  }

  select(pattern: string | string[], place?: Place): Host[] {
    const scope = {
      hosts: this.hosts,
      groups: this.groups,
      implicit: (name: string) => (LOCALHOST.includes(name) ? this.implicitLocalhost(name) : undefined),
      warn: this.warnOnce,
    };
    return matchPattern(pattern, scope, place);
  }

  groupNames(host: Host): string[] {
    return sortedGroups(host as HostNode)
      .map((group) => group.name)
      .sort(byName);
  }

  groupHosts(): Record<string, string[]> {
    this.hostsOfGroups ??= Object.fromEntries(
      [...this.groups.keys()].map((name) => [name, this.select(name).map((host) => host.name)]),
    );
    return this.hostsOfGroups;
  }

  variables(host: Host, playbookDir: string | undefined): Record<string, unknown> {
    const key = `${playbookDir ?? ''}\0${host.name}`;
    let vars = this.hostVariables.get(key);
    if (!vars) {
      vars = this.gather(host as HostNode, playbookDir);
      this.hostVariables.set(key, vars);
    }
    return vars;
  }

  addHost(name: string, groups: string[], vars: Record<string, unknown>): { host: Host; changed: boolean } {
    let changed = !this.graph.hosts.has(name);
    const host = this.graph.hosts.get(name) ?? this.graph.addHost(name, 'all');
    for (const [key, value] of Object.entries(vars)) {
      if (Object.hasOwn(host.vars, key) && JSON.stringify(host.vars[key]) === JSON.stringify(value)) continue;
      host.vars[key] = value;
      changed = true;
    }
    for (const group of groups) if (this.graph.join(host, group)) changed = true;
    if (changed) {
      this.graph.reconcile();
      this.hostVariables.clear();
      this.hostsOfGroups = undefined;
    }
    return { host, changed };
  }

  addChild(parent: string, child: string): boolean {
    const changed = this.graph.addChild(parent, child);
    if (changed) {
      this.graph.reconcile();
      this.hostVariables.clear();
    }
    return changed;
  }

  /** Precedence 3 to 10: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html */
  private gather(host: HostNode, playbookDir: string | undefined): Record<string, unknown> {
    const all = this.graph.groups.get('all')!;
    const groups = sortedGroups(host);
    const vars: Record<string, unknown> = {};
    const take = (more: Record<string, unknown>): void => {
      Object.assign(vars, more);
      copyPlaces(vars, vars, more);
    };
    take(all.vars);
    for (const group of groups) take(group.vars);
    const playbook = playbookDir === undefined ? [] : [playbookDir];
    for (const directory of [...this.directories, ...playbook]) take(this.ofGroup(directory, 'all'));
    for (const directory of [...this.directories, ...playbook])
      for (const group of groups) take(this.ofGroup(directory, group.name));
    take(host.vars);
    for (const directory of [...this.directories, ...playbook])
      take(varsBeside(directory, 'host_vars', host.name, this.files));
    return vars;
  }

  private ofGroup(directory: string, name: string): Record<string, unknown> {
    const key = `${directory}\0${name}`;
    let vars = this.groupFiles.get(key);
    if (!vars) {
      vars = varsBeside(directory, 'group_vars', name, this.files);
      this.groupFiles.set(key, vars);
    }
    return vars;
  }

  private implicitLocalhost(name: string): HostNode {
    for (const known of LOCALHOST) {
      const host = this.graph.hosts.get(known);
      if (host) return host;
    }
    this.localhost ??= { name, groups: [], vars: { ansible_connection: 'local' }, address: '127.0.0.1' };
    return this.localhost;
  }
}
