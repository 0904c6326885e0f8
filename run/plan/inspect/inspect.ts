import path from 'node:path';
import type { ZodType } from 'zod';
import { LamplighterError, type Place } from '../../errors.ts';
import { hostNamed } from '../../inventory/localhost.ts';
import type { Host } from '../../inventory/model.ts';
import type { RunOptions } from '../../options.ts';
import type { Node, Play } from '../../playbook/model.ts';
import { contentPlaceOf } from '../../playbook/places.ts';
import { canonicalName } from '../../playbook/schema.ts';
import { type Finding, type InspectedTask, standIn, type TaskDefinition } from '../../task.ts';
import { allRoles } from '../barriers.ts';
import { connectionWords } from '../connection-magic.ts';
import { HostVariables } from '../host-variables.ts';
import { type Loaded, playHosts } from '../load.ts';
import { OMIT, type RunFacts } from '../magic.ts';
import { withoutOmitted } from '../omit.ts';
import { type PlanNode, type PlanTask, planPlay } from '../program.ts';
import { VariableScope } from '../scope.ts';
import { Pending, Placeholder, Unknown } from '../signals.ts';
import { taskScope } from '../task-scope.ts';
import type { LocatedFinding } from './finding.ts';
import { inspectHosts } from './hosts.ts';
import { inspectNames } from './inspect-names.ts';
import { placeOfArgument } from './place.ts';
import { type Doubt, holdsStandIn, InspectionScope } from './scope.ts';

/** What of a run's options the look-ahead depends on. */
export type InspectionOptions = Pick<
  RunOptions,
  'check' | 'diff' | 'verbosity' | 'limit' | 'tags' | 'skipTags' | 'forks'
>;

/**
 * What the modules that look ahead (`inspect`) say of all their tasks on all hosts of the inventory, as far as these are
 * known before any host is touched. Findings at one place are told once. `--limit` leaves out what is about other hosts only.
 */
export async function inspectRun(loaded: Loaded, options: InspectionOptions): Promise<LocatedFinding[]> {
  const inspection = new Inspection(loaded, options);
  for (const { plays } of loaded.playbooks) for (const play of plays) await inspection.addPlay(play);
  return inspection.findings([...inspectHosts(loaded, options), ...(await inspectNames(loaded))]);
}

/** One task on one host: what its module is told, and where its arguments were written. */
interface Case {
  task: InspectedTask;
  definition: TaskDefinition;
  locate: (path: readonly (string | number)[], ofKey?: boolean) => Place;
}

class Inspection {
  private readonly loaded: Loaded;
  private readonly options: InspectionOptions;
  private readonly facts: RunFacts;
  private readonly hosts = new Map<string, HostVariables>();
  private readonly cases = new Map<InspectedTask, Case>();
  private readonly said: LocatedFinding[] = [];
  private readonly assigned: ReadonlySet<string>;
  private readonly doubt: Doubt = { met: false };

  constructor(loaded: Loaded, options: InspectionOptions) {
    this.loaded = loaded;
    this.options = options;
    this.assigned = new Set(loaded.playbooks.flatMap(({ plays }) => plays.flatMap(assignedNames)));
    const { check, diff, verbosity, limit, tags, skipTags, forks } = options;
    this.facts = {
      inventory: loaded.inventory,
      playbookDir: loaded.playbookDir.current,
      ...{ check, diff, verbosity, limit, tags, skipTags, forks },
      scopeOf: (name) => {
        const host = hostNamed(loaded.inventory, name);
        return host && this.inspected(taskScope(this.inputs(host)), host);
      },
    };
  }

  async addPlay(play: Play): Promise<void> {
    const files = this.variableFiles(play);
    const selection = { tags: { only: this.options.tags, skip: this.options.skipTags }, barrier: () => false };
    const tasks = planPlay(play, selection).nodes.flatMap(tasksBelow);
    const looked: { task: PlanTask; definition: TaskDefinition }[] = [];
    for (const task of tasks) {
      const definition = task.node.moduleName.includes('{{')
        ? undefined
        : await this.loaded.modules.find(task.node.moduleName);
      if (definition?.inspect) looked.push({ task, definition });
    }
    if (looked.length === 0 || files === undefined) return;
    this.facts.playbookDir = path.dirname(play.place.file);
    const hosts = playHosts(this.loaded, {}, play);
    for (const host of hosts)
      for (const { task, definition } of looked) this.addTask(play, files, hosts, host, task, definition);
  }

  /** All that was found, after what the hosts themselves show. */
  findings(ofHosts: readonly LocatedFinding[]): LocatedFinding[] {
    const byFunction = new Map<NonNullable<TaskDefinition['inspect']>, InspectedTask[]>();
    for (const { task, definition } of this.cases.values()) {
      const inspect = definition.inspect!;
      const tasks = byFunction.get(inspect);
      if (tasks) tasks.push(task);
      else byFunction.set(inspect, [task]);
    }
    const hosts = [...new Set([...this.loaded.inventory.hosts.keys(), 'localhost'])];
    const found = [...byFunction].flatMap(([inspect, tasks]) =>
      inspect(tasks, hosts).map((finding) => this.located(finding)),
    );
    return [...merged([...ofHosts, ...this.said, ...found])].filter(({ hosts }) => this.isWanted(hosts));
  }

  private addTask(
    play: Play,
    files: Record<string, unknown>[],
    hosts: readonly Host[],
    host: Host,
    task: PlanTask,
    definition: TaskDefinition,
  ): void {
    const names = hosts.map(({ name }) => name);
    const variables = { vars: play.vars ?? {}, prompted: pendingValues(play), files, roles: allRoles(play.roles) };
    const plain = taskScope({
      ...this.inputs(host),
      play: { facts: { play, hosts: names, batch: () => names, remaining: () => names }, variables },
      task: { keywords: task.keywords, layers: [], connection: () => connectionWords(host.name, task.keywords) },
    });
    for (const scope of this.items(task, plain)) {
      if (!this.runs(task, scope)) continue;
      const own = this.inspected(scope, host);
      const locate: Case['locate'] = (way, ofKey) =>
        placeOfArgument(task, definition, own, this.facts.scopeOf, host.place, way, ofKey);
      const { values, unknown } = this.argumentsOf(task, definition, own, host.name);
      const args = this.read(definition, values, unknown, host, locate);
      if (args === undefined) continue;
      const module = moduleOf(definition);
      const inspected: InspectedTask = {
        module,
        host: host.name,
        address: this.addressOf(host),
        args,
        unknown: [...unknown],
      };
      this.cases.set(inspected, { task: inspected, definition, locate });
    }
  }

  /** The scopes of a loop's items; none when the loop is not known. */
  private items(task: PlanTask, scope: VariableScope): VariableScope[] {
    const { loop } = task.node;
    if (loop === undefined) return [scope];
    if (loop.kind !== 'loop' && loop.kind !== 'items') return [];
    const list = this.attempt(() => this.loaded.templar.value(loop.value, scope, loop.place));
    return Array.isArray(list) ? list.map((item) => scope.with({ [loop.control.loopVar]: item })) : [];
  }

  /** Whether the task surely runs. */
  private runs(task: PlanTask, scope: VariableScope): boolean {
    return task.keywords.when.every(
      (condition) => this.attempt(() => this.loaded.templar.condition(condition, scope)) === true,
    );
  }

  private argumentsOf(task: PlanTask, definition: TaskDefinition, scope: InspectionScope, host: string) {
    const values: Record<string, unknown> = {};
    const unknown = new Set<string>();
    for (const [written, value] of Object.entries(task.node.args)) {
      const name = canonicalName(definition, written);
      this.doubt.met = false;
      const place = contentPlaceOf(task.node.args, written) ?? task.node.place;
      const known = this.attempt(() => ({ value: this.loaded.templar.value(value, scope, place) }));
      if (known?.value === OMIT) continue;
      if (known === undefined || (this.doubt.met && !holdsStandIn(known.value))) {
        unknown.add(name);
        values[name] = standIn(host, name);
      } else values[name] = withoutOmitted(known.value);
    }
    return { values, unknown };
  }

  /** The arguments by the module's schema, without those that are not known; what does not fit is said. */
  private read(
    definition: TaskDefinition,
    values: Record<string, unknown>,
    unknown: Set<string>,
    host: Host,
    locate: Case['locate'],
  ): Record<string, unknown> | undefined {
    const schema = definition.args as ZodType<Record<string, unknown>>;
    let read = schema.safeParse(values);
    for (const issue of read.error?.issues ?? []) {
      // A stand-in for what is no text; or a text that was put together with one.
      const name = String(issue.path[0]);
      if (!unknown.has(name) && !holdsStandIn(values[name])) continue;
      unknown.add(name);
      delete values[name];
    }
    if (!read.success) read = schema.safeParse(values);
    if (read.success) {
      const args = { ...read.data };
      for (const name of unknown) delete args[name];
      return args;
    }
    // A misspelt key is why another one is missing.
    const misspelt = read.error.issues.filter(({ code }) => code === 'unrecognized_keys');
    for (const issue of misspelt.length > 0 ? misspelt : read.error.issues) {
      const key = issue.code === 'unrecognized_keys' ? issue.keys[0]! : undefined;
      const way = issue.path as (string | number)[];
      const name = way[0] === undefined ? undefined : String(way[0]);
      if (name !== undefined && unknown.has(name)) continue;
      const missing = way.length === 1 && !Object.hasOwn(values, name!);
      this.said.push({
        level: 'error',
        rule: 'argument',
        message: missing
          ? `missing required arguments: ${name}`
          : `${moduleOf(definition)}: ${way.length > 0 ? `"${way.join('.')}": ` : ''}${issue.message}`,
        hosts: [host.name],
        places: [key === undefined ? locate(way) : locate([...way, key], true)],
      });
    }
    return undefined;
  }

  private located({ at, ...finding }: Finding): LocatedFinding {
    return {
      ...finding,
      message: readable(finding.message),
      hosts: [...new Set(at.map(({ task }) => task.host))],
      places: at.map(({ task, path: way }) => this.cases.get(task)!.locate(way)),
    };
  }

  private isWanted(hosts: readonly string[]): boolean {
    const { limit } = this.options;
    if (limit === undefined || hosts.length === 0) return true;
    const wanted = new Set(this.loaded.inventory.select(limit).map(({ name }) => name));
    return hosts.some((host) => wanted.has(host));
  }

  private inputs(host: Host) {
    const { extra, templar } = this.loaded;
    let variables = this.hosts.get(host.name);
    if (variables === undefined) {
      variables = new HostVariables(host);
      variables.demandFact = async () => {};
      for (const name of this.assigned) variables.assign(name, later(name));
      this.hosts.set(host.name, variables);
    }
    return { run: this.facts, extra, host: variables, evaluate: templar.evaluate };
  }

  private inspected(scope: VariableScope, host: Host): InspectionScope {
    return new InspectionScope(scope.layers, this.loaded.templar.evaluate, host.name, this.doubt);
  }

  private addressOf(host: Host): string {
    const scope = taskScope(this.inputs(host));
    return String(this.attempt(() => scope.value('ansible_host')) ?? host.name);
  }

  /** `vars_files`, or undefined where they cannot be had yet. */
  private variableFiles(play: Play): Record<string, unknown>[] | undefined {
    const scope = new VariableScope([], this.loaded.templar.evaluate);
    const directory = path.dirname(play.place.file);
    return this.attempt(() =>
      play.varsFiles.map(({ value, place }) => {
        const name = String(this.loaded.templar.value(Array.isArray(value) ? value[0] : value, scope, place));
        const files = this.loaded.context.files;
        const found = [path.join(directory, 'vars', name), path.resolve(directory, name)].find(
          (each) => files.kind(each) === 'file',
        );
        return (files.read(found ?? name) ?? {}) as Record<string, unknown>;
      }),
    );
  }

  /** Undefined for what cannot be evaluated before a host is touched; the run says what is wrong, if anything is. */
  private attempt<T>(evaluate: () => T): T | undefined {
    try {
      return evaluate();
    } catch (error) {
      if (error instanceof Pending || error instanceof Unknown || error instanceof LamplighterError) return undefined;
      throw error;
    }
  }
}

function moduleOf({ name }: TaskDefinition): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Names that get their values while the run goes. */
function assignedNames(play: Play): string[] {
  const below = (nodes: readonly Node[]): string[] =>
    nodes.flatMap((node) => {
      if (node.kind === 'block') return below([...node.block, ...node.rescue, ...node.always]);
      const facts = node.module === 'set_fact' ? Object.entries(node.args) : [];
      // `x: "{{ x }}"` only publishes what is known.
      const made = facts.filter(([name, value]) => value !== `{{ ${name} }}`).map(([name]) => name);
      return [...made, ...(node.register === undefined ? [] : [node.register])];
    });
  return below([...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks]);
}

function pendingValues(play: Play): Record<string, unknown> {
  return Object.fromEntries(play.varsPrompt.map(({ name }) => [name, later(name)]));
}

function later(name: string): Placeholder {
  return new Placeholder(new Pending(name, async () => {}));
}

/** Tasks that run when nothing fails. */
function tasksBelow(node: PlanNode): PlanTask[] {
  if (node.kind === 'flush') return [];
  if (node.kind === 'task') return [node];
  return [...node.block, ...node.always].flatMap(tasksBelow);
}

/** `unknown--lamp07--device_id--` as "(device_id of lamp07)". */
function readable(message: string): string {
  return message.replace(/unknown--([A-Za-z0-9.-]+?)--(\w+?)--/g, '($2 of $1)');
}

/** One finding for each rule and place: a mistake in a group's variables is that of every host in it. */
function merged(findings: readonly LocatedFinding[]): Iterable<LocatedFinding> {
  const byPlace = new Map<string, LocatedFinding>();
  for (const finding of findings) {
    const key = [finding.rule, ...finding.places.map(({ file, line, column }) => `${file}:${line}:${column}`)].join(
      ' ',
    );
    const same = byPlace.get(key);
    if (same) same.hosts = [...new Set([...same.hosts, ...finding.hosts])];
    else byPlace.set(key, { ...finding });
  }
  return byPlace.values();
}
