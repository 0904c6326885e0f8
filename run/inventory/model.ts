import type { Place } from '../errors.ts';

export interface Group {
  name: string;
  children: Group[];
  parents: Group[];
  hosts: Host[];
  vars: Record<string, unknown>;
  /** `ansible_group_priority`. */
  priority: number;
}

export interface Host {
  name: string;
  /** Direct groups, and above them by `parents`. */
  groups: Group[];
  /** Variables of the inventory source itself; group_vars and host_vars are asked of the Inventory. */
  vars: Record<string, unknown>;
  /** What `ansible_host` is where no variable says so, if not the name. */
  address?: string;
  place?: Place;
}

/** All hosts and groups of the sources, in the order in which they were written. `all` and `ungrouped` always exist. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Sources as given; `inventory_file` and `inventory_dir` of a host come from `place`. */
  readonly sources: readonly string[];
  /**
   * Hosts that match a pattern (`lamps:!lamp03:&edge`, globs, `~regex`, `group[0:2]`, comma lists), in inventory order;
   * `localhost` is implicit. @throws LamplighterError HOST_PATTERN
   */
  select(pattern: string | string[], place?: Place): Host[];
  /** Names of all groups the host is in, `all` left out, sorted as Ansible's `group_names`. */
  groupNames(host: Host): string[];
  /** Names of the hosts of every group, as Ansible's `groups`; kept until a host or group is added. */
  groupHosts(): Record<string, string[]>;
  /**
   * Variables of a host by Ansible's precedence 3 to 10 (inventory group vars, group_vars/all and group_vars/* of inventory
   * and playbook directories, host vars, host_vars/*), not templated, without magic variables. Cached.
   */
  variables(host: Host, playbookDir: string | undefined): Record<string, unknown>;
  /** Adds a host during the run (`add_host`), or groups (`group_by`). */
  addHost(name: string, groups: string[], vars: Record<string, unknown>): { host: Host; changed: boolean };
  /** Puts a group below another during the run; both are made where they are not there yet. */
  addChild(parent: string, child: string): boolean;
}
