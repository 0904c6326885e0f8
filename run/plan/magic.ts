import path from 'node:path';
import { hostNames } from '../inventory/localhost.ts';
import type { Inventory } from '../inventory/model.ts';
import { LazyMapping } from '../jinja/values/types.ts';
import type { Play, Role } from '../playbook/model.ts';
import type { HostVariables } from './host-variables.ts';
import { type Layer, layer, type VariableScope } from './scope.ts';

/** What the whole run knows and every task can ask for. */
export interface RunFacts {
  inventory: Inventory;
  playbookDir: string;
  check: boolean;
  diff: boolean;
  verbosity: number;
  limit: string | undefined;
  tags: readonly string[];
  skipTags: readonly string[];
  forks: number;
  /** The scope of any host, as another host's `hostvars` shows it. */
  scopeOf: (host: string) => VariableScope | undefined;
}

/** What the play knows: its hosts, and those of the current batch that have not failed. */
export interface PlayFacts {
  play: Play;
  hosts: readonly string[];
  /** Those of all batches that have not failed or left. */
  remaining: () => readonly string[];
  batch: () => readonly string[];
}

/** `ansible_version`: the release whose language this is. */
const ANSIBLE_VERSION = { full: '2.14.18', major: 2, minor: 14, revision: 18, string: '2.14.18' };

/** What magic variables are made of. */
interface MagicSource {
  run: RunFacts;
  play: PlayFacts | undefined;
  host: HostVariables;
}

const MAGIC: Record<string, (source: MagicSource) => unknown> = {
  inventory_hostname: ({ host }) => host.host.name,
  inventory_hostname_short: ({ host }) => host.host.name.split('.')[0],
  inventory_file: ({ host }) => host.host.place?.file,
  inventory_dir: ({ host }) => (host.host.place ? path.dirname(path.resolve(host.host.place.file)) : undefined),
  group_names: ({ run, host }) => run.inventory.groupNames(host.host),
  groups: ({ run }) => run.inventory.groupHosts(),
  hostvars: ({ run }) => new HostVars(run),
  ansible_facts: ({ host }) => new Facts(host),
  playbook_dir: ({ run }) => run.playbookDir,
  ansible_check_mode: ({ run }) => run.check,
  ansible_diff_mode: ({ run }) => run.diff,
  ansible_verbosity: ({ run }) => run.verbosity,
  ansible_limit: ({ run }) => run.limit,
  ansible_forks: ({ run }) => run.forks,
  ansible_run_tags: ({ run }) => (run.tags.length > 0 ? [...run.tags] : ['all']),
  ansible_skip_tags: ({ run }) => [...run.skipTags],
  ansible_version: () => ANSIBLE_VERSION,
  ansible_inventory_sources: ({ run }) => run.inventory.sources.map((source) => path.resolve(source)),
  omit: () => OMIT,
  ansible_play_name: ({ play }) => play?.play.title,
  ansible_play_hosts_all: ({ play }) => (play ? [...play.hosts] : undefined),
  ansible_play_hosts: ({ play }) => (play ? [...play.remaining()] : undefined),
  ansible_play_batch: ({ play }) => (play ? [...play.batch()] : undefined),
  play_hosts: ({ play }) => (play ? [...play.batch()] : undefined),
  ansible_play_role_names: ({ play }) => play?.play.roleNames,
  ansible_dependent_role_names: ({ play }) => play && dependencyNames(play.play.roles),
  ansible_role_names: ({ play }) => play && [...new Set([...dependencyNames(play.play.roles), ...play.play.roleNames])],
  role_names: ({ play }) => play?.play.roleNames,
};

/**
 * Magic variables, which nothing can override.
 * Source: https://docs.ansible.com/ansible/2.14/reference_appendices/special_variables.html
 */
export class MagicLayer implements Layer {
  readonly raw = false;
  private readonly source: MagicSource;
  private readonly made = new Map<string, unknown>();

  constructor(run: RunFacts, play: PlayFacts | undefined, host: HostVariables) {
    this.source = { run, play, host };
  }

  get(name: string): unknown {
    const make = Object.hasOwn(MAGIC, name) ? MAGIC[name] : undefined;
    if (!make) return undefined;
    if (!this.made.has(name)) this.made.set(name, make(this.source));
    return this.made.get(name);
  }

  names(): Iterable<string> {
    // Hosts stand in hostvars without it, else what shows one of them would have no end.
    const hidden = this.source.play === undefined ? 'hostvars' : undefined;
    return Object.keys(MAGIC).filter((name) => name !== hidden && this.get(name) !== undefined);
  }
}

/** What `omit` gives: an argument with this value is as if it were not written. */
export const OMIT = '__omit_place_holder__7f1cf8d3b3a54d2e9c0a';

/** `vars` that a role adds for its own tasks. */
export function roleLayer(roles: readonly Role[]): Layer {
  const role = roles.at(-1);
  if (!role) return layer({}, false);
  // A role that only depends on another is not its parent: one that includes or imports it is.
  const parents = roles.slice(0, -1).filter((each, i) => !each.dependencies.includes(roles[i + 1]!));
  const values: Record<string, unknown> = {
    role_name: role.collection ? role.name.slice(role.collection.length + 1) : role.name,
    ansible_role_name: role.name,
    role_path: role.path,
  };
  if (role.collection) values.ansible_collection_name = role.collection;
  if (parents.length > 0) {
    values.ansible_parent_role_names = parents.map(({ name }) => name).toReversed();
    values.ansible_parent_role_paths = parents.map(({ path }) => path).toReversed();
  }
  return layer(values, false);
}

/** The names of the roles that a play's roles depend on, each once. */
function dependencyNames(roles: readonly Role[]): string[] {
  const all = roles.flatMap(({ dependencies }) => [
    ...dependencies.map(({ name }) => name),
    ...dependencyNames(dependencies),
  ]);
  return [...new Set(all)];
}

/** `hostvars`: every host's variables, evaluated when they are asked for. */
class HostVars extends LazyMapping {
  private readonly run: RunFacts;
  constructor(run: RunFacts) {
    super();
    this.run = run;
  }
  get(name: string): unknown {
    const scope = this.run.scopeOf(name);
    return scope && new ScopeMapping(scope);
  }
  keys(): Iterable<string> {
    return hostNames(this.run.inventory);
  }
  override has(name: string): boolean {
    return this.run.scopeOf(name) !== undefined;
  }
}

/** A scope as a mapping: one entry of `hostvars`, or `vars`. */
export class ScopeMapping extends LazyMapping {
  private readonly scope: VariableScope;
  private readonly more: readonly string[];

  /** @param more names among its keys that no layer tells */
  constructor(scope: VariableScope, more: readonly string[] = []) {
    super();
    this.scope = scope;
    this.more = more;
  }
  get(name: string): unknown {
    return this.scope.resolve(name);
  }
  keys(): Iterable<string> {
    return new Set([...this.scope.names(), ...this.more.filter((name) => this.scope.resolve(name) !== undefined)]);
  }
}

/** `ansible_facts`: facts without their prefix, fetched when they are asked for. */
class Facts extends LazyMapping {
  private readonly host: HostVariables;
  constructor(host: HostVariables) {
    super();
    this.host = host;
  }
  get(name: string): unknown {
    const { facts } = this.host;
    if (Object.hasOwn(facts, name) && (!name.startsWith('ansible_') || name === 'ansible_local')) return facts[name];
    return this.host.fact(`ansible_${name}`);
  }
  keys(): Iterable<string> {
    return Object.keys(this.host.everyFact()).map((name) =>
      name === 'ansible_local' ? name : name.replace(/^ansible_/, ''),
    );
  }
}
