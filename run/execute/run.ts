import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bool } from '../args.ts';
import { LamplighterError, nearest, type Place } from '../errors.ts';
import type { Emit, HostStats, RunEvent } from '../events.ts';
import { hostNamed } from '../inventory/localhost.ts';
import type { Host } from '../inventory/model.ts';
import type { RunOptions } from '../options.ts';
import { allRoles, barrierRule } from '../plan/barriers.ts';
import { inspectRun } from '../plan/inspect/inspect.ts';
import { refuse } from '../plan/inspect/refuse.ts';
import { type Loaded, loadRun, matchingHosts, playHosts } from '../plan/load.ts';
import type { RunFacts } from '../plan/magic.ts';
import { type PlanNode, type PlanPlay, planPlay } from '../plan/program.ts';
import { layer, VariableScope } from '../plan/scope.ts';
import { taskScope } from '../plan/task-scope.ts';
import { FactNames } from '../plan/wanted-facts.ts';
import type { Play, Playbook } from '../playbook/model.ts';
import { Recap } from '../report/recap.ts';
import { connect } from '../transport/connect.ts';
import { playBatches } from './batches.ts';
import { connectionTargets } from './connection-targets.ts';
import { gatherTask } from './gather.ts';
import { HostLink } from './host-link.ts';
import { HostRun } from './host-run.ts';
import { PlayRun } from './play-run.ts';
import { playVariables } from './play-variables.ts';
import type { RunState } from './run-state.ts';
import { keywordValue } from './settings.ts';
import { Slots } from './slots.ts';

/** Exit codes of a run, as ansible-playbook's. */
const OK = 0;
const FAILED = 2;
const DRIFT = 3;
const UNREACHABLE = 4;
const INTERRUPTED = 99;

/**
 * Runs playbooks over the hosts they name. Everything is read and checked before the first connection.
 * @returns the exit code
 * @throws LamplighterError for what a person wrote wrongly, before any host is touched
 */
export async function runPlaybooks(options: RunOptions, emit: Emit, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const stats = new Recap();
  const tell = (event: RunEvent): void => {
    stats.see(event);
    emit(event);
  };
  const loaded = await loadRun(options, (message, place) => tell(warning(message, place)));
  refuse(await inspectRun(loaded, options), (message, place) => tell(warning(message, place)));
  const run = openRun(loaded, options, tell, signal);
  const chosen = options.startAtTask === undefined ? undefined : startAt(loaded, options, options.startAtTask);
  tell({ event: 'run-start', playbooks: options.playbooks, check: options.check, diff: options.diff });
  try {
    for (const playbook of loaded.playbooks) {
      if (signal.aborted || !(await runPlaybook(run, playbook, chosen))) break;
    }
  } finally {
    await run.leaveAll();
    const seconds = (performance.now() - started) / 1000;
    const hosts = Object.fromEntries(Object.entries(stats.hosts()).sort(([a], [b]) => (a < b ? -1 : 1)));
    tell({ event: 'recap', hosts, interrupted: signal.aborted, seconds });
  }
  return exitCode(run, stats, options, signal);
}

/** A run's state with what only this file needs of it. */
interface OpenRun extends RunState {
  loaded: Loaded;
  slots: Slots;
  hosts: Map<string, HostRun>;
  /** Facts named anywhere in the playbooks. */
  wanted: ReadonlySet<string>;
  leaveAll: () => Promise<void>;
}

function openRun(loaded: Loaded, options: RunOptions, emit: Emit, signal: AbortSignal): OpenRun {
  const { templar, extra, modules, context } = loaded;
  const slots = new Slots(options.forks);
  const hosts = new Map<string, HostRun>();
  const contents = new Map<string, Promise<Buffer>>();
  const runId = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  const facts: RunFacts = {
    inventory: loaded.inventory,
    playbookDir: loaded.playbookDir.current,
    check: options.check,
    diff: options.diff,
    verbosity: options.verbosity,
    limit: options.limit,
    tags: options.tags,
    skipTags: options.skipTags,
    forks: options.forks,
    scopeOf: (name) => {
      const host = run.host(name);
      return host && taskScope({ run: facts, extra, host: host.variables, evaluate: templar.evaluate });
    },
  };
  const targets = connectionTargets(options);
  const makeHost = (host: Host): HostRun =>
    new HostRun(host, (own, route) => {
      const target = targets(own, route, () => facts.scopeOf(own.name)!);
      const link = new HostLink(own.name, target, {
        runId,
        connect,
        slots,
        whereabouts: own.whereabouts,
        signal,
        notice: (name, message) => emit({ event: 'progress', host: name, message }),
      });
      link.keep = options.check;
      return { link, target };
    });
  const run: OpenRun = {
    options,
    emit,
    signal,
    inventory: loaded.inventory,
    modules,
    load: context,
    templar,
    extra,
    facts,
    loaded,
    slots,
    hosts,
    wanted: wantedFacts(loaded),
    host(name) {
      const known = hosts.get(name);
      if (known) return known;
      const host = hostNamed(run.inventory, name);
      if (!host) return undefined;
      // All names of the implicit localhost are one host.
      const made = hosts.get(host.name) ?? makeHost(host);
      hosts.set(host.name, made);
      return made;
    },
    newHost(name) {
      const made = makeHost({ name, groups: [], vars: {} });
      hosts.set(name, made);
      return made;
    },
    async refreshInventory() {
      run.inventory = await loaded.reloadInventory();
      facts.inventory = run.inventory;
    },
    readFile(file, decrypt) {
      const key = `${decrypt} ${file}`;
      let content = contents.get(key);
      if (!content) {
        content = readContent(loaded, file, decrypt);
        contents.set(key, content);
      }
      return content;
    },
    plays: 0,
    secret: (text) => options.secret(text),
    async leaveAll() {
      await Promise.allSettled([...hosts.values()].map((host) => (signal.aborted ? host.close() : host.leave())));
    },
  };
  const closeAll = () => Promise.allSettled([...hosts.values()].map((host) => host.close()));
  signal.addEventListener('abort', closeAll, { once: true });
  return run;
}

async function readContent(loaded: Loaded, file: string, decrypt: boolean): Promise<Buffer> {
  let data: Buffer;
  try {
    data = await readFile(file);
  } catch (error) {
    throw new LamplighterError('FILE_UNREADABLE', `cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  return decrypt && loaded.vault.isEncrypted(data) ? loaded.vault.decryptFile(data, file) : data;
}

/** Runs the plays of one playbook; false when the run ends here. */
async function runPlaybook(run: OpenRun, playbook: Playbook, chosen: StartAt | undefined): Promise<boolean> {
  for (const play of playbook.plays) {
    if (run.signal.aborted || !(await runPlay(run, play, chosen))) return false;
  }
  return true;
}

/** Runs one play on all its hosts, batch by batch; false when the run ends here, since a failure is fatal to all. */
async function runPlay(run: OpenRun, play: Play, chosen: StartAt | undefined): Promise<boolean> {
  const { emit, options } = run;
  run.facts.playbookDir = path.dirname(play.place.file);
  run.loaded.playbookDir.current = run.facts.playbookDir;
  const all = playHosts(run.loaded, options, play);
  const hosts = all.map((host) => run.host(host.name)!);
  const alive = hosts.filter((host) => host.state === 'active');
  const start = (batch: readonly HostRun[]): void => {
    const names = batch.map((host) => host.name);
    emit({ event: 'play-start', play: play.title, place: play.place, hosts: names, matched: all.length > 0 });
  };
  const end = (): void => emit({ event: 'play-end', play: play.title });
  if (alive.length === 0) {
    start([]);
    end();
    return true;
  }
  run.plays++;
  const variables = await playVariables(run, play);
  const rule = barrierRule(
    play,
    all.map((host) => run.inventory.variables(host, run.facts.playbookDir)),
  );
  const plan = planPlay(play, { tags: { only: options.tags, skip: options.skipTags }, barrier: rule });
  if (chosen && !chosen.cut(plan)) return true;
  for (const batch of playBatches(run, play, alive)) {
    start(batch);
    const playRun = new PlayRun({
      run,
      plan,
      hosts: batch,
      allHosts: matchingHosts(run.loaded, options, play),
      variables,
      forceHandlers: options.forceHandlers || flagOf(run, play, play.forceHandlers, false),
      gathering: gathers(run, play, batch) ? { task: gatherTask(play), names: run.wanted } : undefined,
      idle: () => run.slots.reclaim(),
    });
    await playRun.walk();
    end();
    if (playRun.isOver) return false;
    // As in Ansible the run ends with a batch of which no host is left.
    if (batch.every((host) => host.state !== 'active')) return false;
  }
  return true;
}

/** Whether a batch is asked for facts; `gathering = smart` of ansible.cfg asks each host once a run. */
function gathers(run: OpenRun, play: Play, batch: readonly HostRun[]): boolean {
  if (run.options.skipTags.includes('always')) return false;
  const { gathering = 'implicit' } = run.options.defaults ?? {};
  if (play.gatherFacts !== undefined) return flagOf(run, play, play.gatherFacts, true);
  if (gathering === 'smart') return batch.some((host) => host.variables.demandFact === undefined);
  return gathering === 'implicit';
}

/** A play's keyword that is a boolean, or a template of one over the play's own variables. */
function flagOf(run: OpenRun, play: Play, written: unknown, otherwise: boolean): boolean {
  if (written === undefined) return otherwise;
  const scope = new VariableScope([layer(run.extra, true), layer(play.vars ?? {}, true)], run.templar.evaluate);
  return keywordValue<boolean>(bool(), run.templar.value(written, scope, play.place), 'play keyword', play.place);
}

function wantedFacts(loaded: Loaded): ReadonlySet<string> {
  const facts = new FactNames();
  for (const { plays } of loaded.playbooks) {
    facts.scan(plays);
    for (const play of plays) for (const role of allRoles(play.roles)) facts.role(role);
  }
  for (const host of loaded.inventory.hosts.values())
    facts.scan(loaded.inventory.variables(host, loaded.playbookDir.current));
  facts.scan(loaded.extra);
  return facts.names;
}

/** @throws LamplighterError USAGE when no task has the name */
function startAt(loaded: Loaded, options: RunOptions, name: string): StartAt {
  const probe = new StartAt(name);
  const tags = { only: options.tags, skip: options.skipTags };
  for (const { plays } of loaded.playbooks)
    for (const play of plays) probe.cut(planPlay(play, { tags, barrier: () => false }));
  probe.check();
  return new StartAt(name);
}

/** `--start-at-task`: leaves out what stands before the named task. */
class StartAt {
  private readonly name: string;
  private readonly pattern: RegExp;
  private readonly seen: string[] = [];
  private found = false;

  constructor(name: string) {
    this.name = name;
    const source = name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    this.pattern = new RegExp(`^${source}$`);
  }

  /** Cuts a play's plan; false when the task is not in it. */
  cut(plan: PlanPlay): boolean {
    if (this.found) return true;
    plan.nodes = this.rest(plan.nodes);
    return this.found;
  }

  /** @throws LamplighterError USAGE when no task has the name */
  check(): void {
    if (this.found) return;
    const near = nearest(this.name, this.seen);
    throw new LamplighterError('USAGE', `--start-at-task: no task is named "${this.name}"`, {
      hint: near ? `did you mean "${near}"?` : '--list-tasks shows their names',
    });
  }

  private rest(nodes: readonly PlanNode[]): PlanNode[] {
    return nodes.flatMap((node): PlanNode[] => {
      if (this.found || node.kind === 'flush') return [node];
      if (node.kind === 'task')
        return this.matches(node.node.name ?? node.node.moduleName, node.keywords.roles.at(-1)?.name) ? [node] : [];
      const block = this.rest(node.block);
      if (this.found) return [{ ...node, block }];
      const always = this.rest(node.always);
      return this.found ? [{ ...node, block, always }] : [];
    });
  }

  private matches(name: string, role: string | undefined): boolean {
    this.seen.push(name);
    this.found = this.pattern.test(name) || (role !== undefined && this.pattern.test(`${role} : ${name}`));
    return this.found;
  }
}

function warning(message: string, place: Place | undefined): RunEvent {
  return place ? { event: 'warning', message, place } : { event: 'warning', message };
}

function exitCode(run: OpenRun, stats: Recap, options: RunOptions, signal: AbortSignal): number {
  if (signal.aborted) return INTERRUPTED;
  const all: HostStats[] = Object.values(stats.hosts());
  if (all.some((host) => host.unreachable > 0) || [...run.hosts.values()].some((host) => host.state === 'unreachable'))
    return UNREACHABLE;
  if ([...run.hosts.values()].some((host) => host.state === 'failed')) return FAILED;
  if (options.check && options.exitDrift && all.some((host) => host.changed > 0)) return DRIFT;
  return OK;
}
