import { int } from '../args.ts';
import { LamplighterError, type Place } from '../errors.ts';
import { hostNamed } from '../inventory/localhost.ts';
import type { Host } from '../inventory/model.ts';
import { looksAtHosts } from '../plan/barriers.ts';
import { CONNECTION_MAGIC, ConnectionLayer, connectionWords } from '../plan/connection-magic.ts';
import { NOTHING_INHERITED } from '../plan/effective.ts';
import { type PlayFacts, ScopeMapping } from '../plan/magic.ts';
import type { PlanNode, PlanPlay, PlanTask } from '../plan/program.ts';
import { type Layer, VariableScope } from '../plan/scope.ts';
import { Placeholder } from '../plan/signals.ts';
import { FileOfHost, type PlayVariables, taskScope } from '../plan/task-scope.ts';
import type { Role } from '../playbook/model.ts';
import { CONNECTION_NAME } from './connection-targets.ts';
import type { HostRun, Route } from './host-run.ts';
import type { RunState } from './run-state.ts';
import { keywordValue, type Settings, settingsOf } from './settings.ts';
import { Throttle } from './throttle.ts';

/** What a play gathers, and the task that stands for it. */
export interface Gathering {
  task: PlanTask;
  names: ReadonlySet<string>;
}

export interface PlayInputs {
  run: RunState;
  plan: PlanPlay;
  hosts: HostRun[];
  /** All hosts of the play, in the inventory's order whatever `order` says. */
  allHosts: readonly Host[];
  variables: PlayVariables;
  forceHandlers: boolean;
  gathering: Gathering | undefined;
  /** The shell that tasks of a host of the batch are in at the moment. */
  laneOf: (host: HostRun) => string | undefined;
}

/** What the hosts of a batch share of their play: its plan and variables, and how its tasks look on a host. */
export class PlayState {
  readonly run: RunState;
  readonly plan: PlanPlay;
  readonly forceHandlers: boolean;
  /** Facts that every host is asked for first. */
  readonly gathering: Gathering | undefined;
  readonly laneOf: PlayInputs['laneOf'];
  private readonly variables: PlayVariables;
  private readonly facts: PlayFacts;
  private readonly throttles = new Map<PlanTask, Throttle>();
  private readonly includes = new Map<string, Promise<PlanNode[]>>();
  /** Hosts that `meta: end_host` took out of the play. */
  private readonly ended = new Set<string>();

  constructor(inputs: PlayInputs) {
    this.run = inputs.run;
    this.plan = inputs.plan;
    this.forceHandlers = inputs.forceHandlers;
    this.gathering = inputs.gathering;
    this.variables = inputs.variables;
    this.laneOf = inputs.laneOf;
    const names = inputs.allHosts.map((host) => host.name);
    this.facts = {
      play: inputs.plan.play,
      hosts: names,
      remaining: () => names.filter((name) => this.isIn(name)),
      batch: () => inputs.hosts.map(({ name }) => name).filter((name) => this.isIn(name)),
    };
  }

  /** Whether an expression names a host of this play, or one whose variables may look at it; what cannot be known does. */
  isOfPlay(expression: string, scope: VariableScope, place: Place): boolean {
    let name: unknown;
    try {
      name = this.run.templar.expression(expression, scope, place);
    } catch {
      return true;
    }
    if (typeof name !== 'string' || this.facts.hosts.includes(name)) return true;
    const host = hostNamed(this.run.inventory, name);
    return host === undefined || looksAtHosts(this.run.inventory.variables(host, this.run.facts.playbookDir));
  }

  /** Takes a host out of the play without its having failed. */
  endHost(name: string): void {
    this.ended.add(name);
  }

  /** Whether a host has neither failed nor been taken out of the play. */
  private isIn(name: string): boolean {
    const state = this.run.host(name)?.state;
    return (state === undefined || state === 'active') && !this.ended.has(name);
  }

  /** The variables a task sees on a host. */
  scope(host: HostRun, task: PlanTask, layers: readonly Layer[]): VariableScope {
    return taskScope({
      ...this.inputs(host),
      task: {
        keywords: task.keywords,
        layers,
        connection: () => connectionWords(host.host.address ?? host.name, task.keywords, this.run.options),
      },
    });
  }

  /**
   * The variables of a task on the host that it is delegated to: of that host are the connection and
   * `ansible_delegated_vars`, the rest is the play's host's.
   */
  delegatedScope(scope: VariableScope, task: PlanTask, on: HostRun): VariableScope {
    const { layers } = this.connectionScope(on);
    const connection = new ConnectionLayer(() => connectionWords(on.name, task.keywords, this.run.options), layers);
    const theirs = new VariableScope([...layers, connection], this.run.templar.evaluate);
    const written = scope.layers.filter((each) => !(each instanceof ConnectionLayer));
    const names = CONNECTION_MAGIC.filter((name) => written.every((each) => each.get(name) === undefined));
    return scope.with({
      ...Object.fromEntries(names.map((name) => [name, theirs.resolve(name)])),
      ansible_delegated_vars: { [on.name]: new ScopeMapping(theirs, CONNECTION_MAGIC) },
    });
  }

  /** The variables of a host outside of any task: its connection, `hostvars`. */
  connectionScope(host: HostRun): VariableScope {
    return taskScope(this.inputs(host));
  }

  private inputs(host: HostRun) {
    return {
      run: this.run.facts,
      extra: this.run.extra,
      host: host.variables,
      evaluate: this.run.templar.evaluate,
      play: { facts: this.facts, variables: this.variables },
    };
  }

  /** `role : name`, with the name's templates rendered where they can be. */
  taskName(task: PlanTask, scope: VariableScope): string {
    const { node } = task;
    const role = task.keywords.roles.at(-1);
    // Ansible shows an include_role without the role that it stands in, and which one it includes.
    const isInclude = node.module === 'include_role';
    const included = isInclude && node.name === undefined ? (node.args.name ?? node.args.role) : undefined;
    if (included !== undefined) return `${node.moduleName} : ${String(included)}`;
    let name = node.name ?? node.moduleName;
    if (name.includes('{{')) {
      try {
        name = String(this.run.templar.value(name, scope, node.place));
      } catch {
        // A name is for people: one whose variables are not there yet is shown as written.
      }
    }
    return role && !isInclude ? `${role.name} : ${name}` : name;
  }

  plainSettings(): Settings {
    const { check, diff } = this.run.options;
    return {
      become: undefined,
      check,
      checkAlone: false,
      diff,
      noLog: false,
      ignoreErrors: false,
      ignoreUnreachable: false,
      environment: {},
      timeoutSeconds: undefined,
      delegateFacts: false,
    };
  }

  /** The settings of a task that failed before they were evaluated: whether the failure counts, and may be shown. */
  settingsOfFailure(task: PlanTask, scope: VariableScope): Settings {
    const { ignoreErrors, noLog } = task.keywords;
    const keywords = {
      ...NOTHING_INHERITED,
      ...(ignoreErrors === undefined ? {} : { ignoreErrors }),
      ...(noLog === undefined ? {} : { noLog }),
    };
    try {
      const { ignoreErrors, noLog } = settingsOf(this.run, keywords, scope, scope, task.node.place);
      return { ...this.plainSettings(), ignoreErrors, noLog };
    } catch (error) {
      if (error instanceof LamplighterError) return this.plainSettings();
      throw error;
    }
  }

  /** A task's settings as they are for another host that it reaches. */
  settingsFor(task: PlanTask, scope: VariableScope): Settings {
    return settingsOf(this.run, task.keywords, scope, scope, task.node.place);
  }

  /** The host a task acts on. @throws LamplighterError HOST_PATTERN */
  delegatedTo(task: PlanTask, scope: VariableScope, host: HostRun): HostRun {
    const { delegateTo } = task.keywords;
    if (delegateTo === undefined) return host;
    const name = String(this.run.templar.value(delegateTo, scope, task.node.place));
    return name === host.name ? host : (this.run.host(name) ?? this.run.newHost(name));
  }

  /** How keywords say that a host is reached. */
  routeOf(task: PlanTask, scope: VariableScope): Route {
    const { connection, remoteUser, port } = task.keywords;
    const value = (raw: unknown): string | undefined =>
      raw === undefined ? undefined : String(this.run.templar.value(raw, scope, task.node.place));
    const route: Route = {};
    const [how, user, number] = [value(connection), value(remoteUser), value(port)];
    if (how !== undefined) route.connection = how;
    if (user !== undefined) route.remoteUser = user;
    if (number !== undefined) route.port = Number(number);
    const variables = this.connectionVariables(task, scope);
    if (variables) route.variables = variables;
    return route;
  }

  /** Variables that say how a host is reached and come from the play, a task or a result, not from the inventory. */
  private connectionVariables(task: PlanTask, scope: VariableScope): Record<string, unknown> | undefined {
    const host = this.run.host(String(scope.resolve('inventory_hostname')));
    const { vars, prompted, files, roles } = this.variables;
    const sources = [
      ...[vars, prompted],
      ...files.map((file) => (!(file instanceof FileOfHost) ? file : host ? file.known(host.variables) : {})),
      ...[...roles, ...task.keywords.roles].flatMap((role) => [role.defaults, role.vars, role.params]),
      ...[...task.keywords.vars, ...task.keywords.params],
      ...(host ? [host.variables.assigned, host.variables.included] : []),
    ];
    const names = sources.flatMap((values) => Object.keys(values).filter((name) => CONNECTION_NAME.test(name)));
    if (names.length === 0) return undefined;
    return Object.fromEntries(names.map((name) => [name, scope.resolve(name)]));
  }

  /** The step that will bring a registered result, for conditions that the host itself can test. */
  stepOf(host: HostRun, register: string): number | undefined {
    const value = Object.hasOwn(host.variables.assigned, register) ? host.variables.assigned[register] : undefined;
    return value instanceof Placeholder ? value.stepId : undefined;
  }

  /** What keeps a task to a number of hosts at a time; undefined without `throttle`. */
  throttleOf(task: PlanTask, scope: VariableScope): Throttle | undefined {
    const written = task.keywords.throttle;
    if (written === undefined) return undefined;
    const { place } = task.node;
    const places = keywordValue<number>(int(), this.run.templar.value(written, scope, place), 'throttle', place);
    if (places <= 0) return undefined;
    let throttle = this.throttles.get(task);
    if (!throttle) {
      throttle = new Throttle(places);
      this.throttles.set(task, throttle);
    }
    return throttle;
  }

  /** A role that is included while the play runs brings its handlers and, where it is public, its variables. */
  addRole(handlers: readonly PlanTask[], role: Role, isPublic: boolean): void {
    for (const handler of handlers) {
      if (!this.plan.handlers.some((known) => known.node === handler.node)) this.plan.handlers.push(handler);
    }
    if (isPublic && !this.variables.roles.includes(role)) this.variables.roles.push(role);
  }

  /** Included nodes, planned once for all hosts that include the same. */
  included(key: string, make: () => Promise<PlanNode[]>): Promise<PlanNode[]> {
    let nodes = this.includes.get(key);
    if (!nodes) {
      nodes = make();
      this.includes.set(key, nodes);
    }
    return nodes;
  }
}
