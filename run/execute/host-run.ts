import type { Host } from '../inventory/model.ts';
import { HostVariables } from '../plan/host-variables.ts';
import type { ConnectionTarget } from '../transport/transport.ts';
import type { HostLink, Whereabouts } from './host-link.ts';

/** Keywords that decide how a host is reached, where variables do not. */
export interface Route {
  connection?: string;
  remoteUser?: string;
  port?: number;
  /** Connection variables that the play or the task sets. */
  variables?: Record<string, unknown>;
}

/** One way to a host. */
export interface Way {
  key: string;
  link: HostLink;
  /** Where the host is reached; asked once. */
  target: () => Promise<ConnectionTarget>;
}

/** One host during a run: its variables, its connections, and whether it is still in it. */
export class HostRun {
  readonly host: Host;
  readonly variables: HostVariables;
  state: 'active' | 'failed' | 'unreachable' = 'active';
  /** Where a task has moved it to. */
  readonly whereabouts: Whereabouts = {};
  private readonly ways = new Map<string, Way>();
  private readonly open: (host: HostRun, route: Route) => Omit<Way, 'key'>;
  private isBusy = false;

  constructor(host: Host, open: (host: HostRun, route: Route) => Omit<Way, 'key'>) {
    this.host = host;
    this.variables = new HostVariables(host);
    this.open = open;
  }

  get name(): string {
    return this.host.name;
  }

  /** The connection by a route; most hosts have one. */
  via(route: Route): Way {
    const { connection, remoteUser, port, variables } = route;
    const key = [connection, remoteUser, port, variables && JSON.stringify(variables)].join(' ');
    let way = this.ways.get(key);
    if (!way) {
      way = { key, ...this.open(this, route) };
      way.link.busy = this.isBusy;
      this.ways.set(key, way);
    }
    return way;
  }

  /** While a host is busy its connections are not closed to make room for others. */
  set busy(busy: boolean) {
    this.isBusy = busy;
    for (const { link } of this.ways.values()) link.busy = busy;
  }

  /** Clears the stop flag of every open shell. */
  async resume(): Promise<void> {
    for (const { link } of this.ways.values()) await link.resume();
  }

  async leave(): Promise<void> {
    await Promise.all([...this.ways.values()].map(({ link }) => link.leave()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.ways.values()].map(({ link }) => link.close()));
  }
}
