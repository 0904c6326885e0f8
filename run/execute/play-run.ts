import { bool, int } from '../args.ts';
import { LamplighterError } from '../errors.ts';
import type { Host } from '../inventory/model.ts';
import { CONNECTION_MAGIC, ConnectionLayer, connectionWords } from '../plan/connection-magic.ts';
import { NOTHING_INHERITED } from '../plan/effective.ts';
import { type PlayFacts, ScopeMapping } from '../plan/magic.ts';
import type { PlanNode, PlanPlay, PlanTask } from '../plan/program.ts';
import { type Layer, VariableScope } from '../plan/scope.ts';
import { Placeholder } from '../plan/signals.ts';
import { FileOfHost, type PlayVariables, taskScope } from '../plan/task-scope.ts';
import type { Role } from '../playbook/model.ts';
import type { TaskResult } from '../task.ts';
import { Barrier } from './barrier.ts';
import { CONNECTION_NAME } from './connection-targets.ts';
import { after, type Failure, isRescued, orderOf, type Position } from './cursor.ts';
import { fetchFacts, type Gathering, gatherTask } from './gather.ts';
import { handlersNamed } from './handlers.ts';
import type { HostRun, Route } from './host-run.ts';
import { type Prepared, unknownModule } from './prepare-task.ts';
import type { RunState } from './run-state.ts';
import { keywordValue, type Settings, settingsOf } from './settings.ts';
import { Strand } from './strand.ts';
import { Telling } from './telling.ts';
import { Throttle } from './throttle.ts';

/** What a task with `run_once` gave, for the hosts that did not run it. */
interface Once {
  leader: Strand;
  done: Promise<void>;
  finish: () => void;
  lost: boolean;
  failure?: Failure | undefined;
}

/** Modules that act once for all hosts. */
const FOR_ALL = new Set(['add_host', 'pause']);

/** One batch of hosts going through one play. */
export class PlayRun {
  readonly run: RunState;
  readonly plan: PlanPlay;
  readonly barrier: Barrier<Strand>;
  readonly telling: Telling;
  readonly forceHandlers: boolean;
  /** A failure was fatal to all (`any_errors_fatal`, `max_fail_percentage`): nothing comes after this play. */
  isOver = false;
  /** Facts that every host is asked for first. */
  readonly gathering: Gathering | undefined;
  private readonly strands: Strand[];
  private readonly strandOf: ReadonlyMap<HostRun, Strand>;
  private readonly variables: PlayVariables;
  private readonly playFacts: PlayFacts;
  private readonly once = new Map<number, Once>();
  private readonly throttles = new Map<PlanTask, Throttle>();
  /** Hosts that `meta: end_host` took out of the play. */
  private readonly ended = new Set<string>();
  private readonly includes = new Map<string, Promise<PlanNode[]>>();
  /** Frees connections of hosts that wait. */
  readonly idle: () => void;

  constructor(inputs: {
    run: RunState;
    plan: PlanPlay;
    hosts: HostRun[];
    /** All hosts of the play, in the inventory's order whatever `order` says. */
    allHosts: readonly Host[];
    variables: PlayVariables;
    forceHandlers: boolean;
    gathering: Gathering | undefined;
    idle: () => void;
  }) {
    this.run = inputs.run;
    this.plan = inputs.plan;
    this.telling = new Telling(inputs.plan.play.title, inputs.run.emit);
    this.variables = inputs.variables;
    this.forceHandlers = inputs.forceHandlers;
    this.gathering = inputs.gathering;
    this.idle = inputs.idle;
    const batch = inputs.hosts;
    const names = inputs.allHosts.map((host) => host.name);
    this.playFacts = {
      play: inputs.plan.play,
      hosts: names,
      remaining: () => names.filter((name) => this.isIn(name)),
      batch: () => batch.map(({ name }) => name).filter((name) => this.isIn(name)),
    };
    this.strands = batch.map((host) => new Strand(this, host));
    this.strandOf = new Map(this.strands.map((strand) => [strand.host, strand]));
    this.barrier = new Barrier(this.strands);
  }

  /** Whether a host has neither failed nor been taken out of the play. */
  private isIn(name: string): boolean {
    const state = this.run.host(name)?.state;
    return (state === undefined || state === 'active') && !this.ended.has(name);
  }

  /** Takes every host through the play; resolves when the last one has left it. @throws defects */
  async walk(): Promise<void> {
    const outcomes = await Promise.allSettled(this.strands.map((strand) => strand.walk()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** The variables a task sees on a host. */
  scope(host: HostRun, task: PlanTask, layers: readonly Layer[]): VariableScope {
    return taskScope({
      run: this.run.facts,
      extra: this.run.extra,
      host: host.variables,
      evaluate: this.run.templar.evaluate,
      play: { facts: this.playFacts, variables: this.variables },
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
    return taskScope({
      run: this.run.facts,
      extra: this.run.extra,
      host: host.variables,
      evaluate: this.run.templar.evaluate,
      play: { facts: this.playFacts, variables: this.variables },
    });
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

  /** A task whose result is known before anything of it was evaluated. */
  unprepared(task: PlanTask, scope: VariableScope, result: TaskResult): Prepared {
    const settings = this.settingsOfFailure(task, scope);
    return {
      name: this.taskName(task, scope),
      definition: unknownModule(task),
      works: [{ kind: 'known', item: undefined, scope, settings, result, isFinal: true }],
      later: [],
      loop: false,
      settings,
      early: true,
      alone: false,
      talks: false,
      lane: '',
      delegated: undefined,
    };
  }

  /** Facts that nobody named beforehand. */
  async fetchFacts(host: HostRun, name: string): Promise<void> {
    await fetchFacts(this, host, this.gathering?.task ?? gatherTask(this.plan.play), name);
  }

  moduleName(task: PlanTask): string {
    return task.node.moduleName;
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

  laneOf(host: HostRun): string | undefined {
    return this.strandOf.get(host)?.lane;
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

  isOnce(task: PlanTask, scope: VariableScope): boolean {
    const { runOnce } = task.keywords;
    if (this.strands.length < 2) return false;
    if (FOR_ALL.has(task.node.module)) return true;
    if (runOnce === undefined) return false;
    const value = this.run.templar.value(runOnce, scope, task.node.place);
    return keywordValue<boolean>(bool(), value, 'run_once', task.node.place);
  }

  /**
   * Whether this host runs a `run_once` task; the others wait here for its result, take it over and go on behind it.
   * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_strategies.html#running-on-a-single-machine-with-run-once
   */
  async leads(strand: Strand, at: Position, group: readonly Strand[]): Promise<boolean> {
    const key = orderOf(at);
    const leader = group[0] ?? strand;
    if (!this.once.has(key)) {
      let finish = (): void => {};
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      this.once.set(key, { leader, done, finish, lost: false });
    }
    const known = this.once.get(key)!;
    if (known.leader === strand) return true;
    await known.done;
    if (known.failure && isRescued(at)) strand.breakAt(at, known.failure);
    else if (known.lost) strand.end('failed');
    else strand.goTo(after(at));
    return false;
  }

  /** A task has been settled on a host: shares what `run_once` gave, and ends the play where a failure is fatal to all. */
  concluded(strand: Strand, task: PlanTask, at: Position, prepared: Prepared, result: TaskResult, lost: boolean): void {
    const once = this.once.get(orderOf(at));
    if (once?.leader === strand) {
      once.lost = lost;
      once.failure = strand.failure;
      if (!lost) this.share(strand, task, prepared, result);
      once.finish();
    }
    if (!lost || isRescued(at) || !this.isFatal(task, strand, prepared.works.at(-1)?.scope)) return;
    this.isOver = true;
    for (const other of this.strands) if (other !== strand) other.endBehind(at);
  }

  /** Adds the handlers that a task notifies; returns what is wrong when one does not exist. */
  notify(strand: Strand, task: PlanTask, scope: VariableScope): string | undefined {
    for (const written of task.node.notify ?? []) {
      const value = this.run.templar.value(written, scope, task.node.place);
      for (const name of Array.isArray(value) ? value : [value]) {
        const handlers = handlersNamed(this.plan.handlers, String(name), scope, this.run.templar);
        if (handlers.length === 0)
          return `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
        for (const handler of handlers) strand.notified.add(handler);
      }
    }
    return undefined;
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

  /** `meta: clear_host_errors`: failed hosts take part again from the next play on. */
  clearErrors(): void {
    for (const strand of this.strands) strand.host.state = 'active';
  }

  /** Ends the play for every host of the batch. */
  endAll(): void {
    for (const strand of this.strands) strand.end('ended');
  }

  left(strand: Strand, reason: 'done' | 'failed' | 'unreachable' | 'ended'): void {
    for (const once of this.once.values()) {
      if (once.leader !== strand) continue;
      // A leader that never came to a result must not hold the others.
      once.lost ||= reason === 'failed' || reason === 'unreachable';
      once.finish();
    }
    if (reason === 'ended') this.ended.add(strand.host.name);
    this.barrier.leave(strand);
    this.idle();
    this.telling.left(strand.host, reason);
  }

  private share(leader: Strand, task: PlanTask, prepared: Prepared, result: TaskResult): void {
    const { register } = task.node;
    const facts = result.ansible_facts ?? {};
    const assigns = prepared.definition.name.endsWith('.set_fact') && !prepared.settings.delegateFacts;
    for (const strand of this.strands) {
      if (strand === leader) continue;
      const { variables } = strand.host;
      if (register) variables.assign(register, leader.host.variables.assigned[register]);
      if (assigns) for (const [name, value] of Object.entries(facts)) variables.assign(name, value);
    }
  }

  private isFatal(task: PlanTask, strand: Strand, scope = this.connectionScope(strand.host)): boolean {
    const { anyErrorsFatal } = task.keywords;
    const written = anyErrorsFatal ?? this.run.options.defaults?.anyErrorsFatal;
    if (written !== undefined) {
      const value = this.run.templar.value(written, scope, task.node.place);
      if (keywordValue<boolean>(bool(), value, 'any_errors_fatal', task.node.place)) return true;
    }
    const { maxFailPercentage } = this.plan.play;
    if (maxFailPercentage === undefined) return false;
    const limit = Number(
      this.run.templar.value(maxFailPercentage, this.connectionScope(strand.host), this.plan.play.place),
    );
    const failed = this.strands.filter((each) => each.host.state === 'failed' || each === strand).length;
    return (failed / this.strands.length) * 100 > limit;
  }
}
