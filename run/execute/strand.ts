import { LamplighterError } from '../errors.ts';
import type { PlanNode, PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { Pending, Placeholder, Unknown } from '../plan/signals.ts';
import type { Role } from '../playbook/model.ts';
import type { TaskResult } from '../task.ts';
import { isAwaited } from './awaited.ts';
import type { Barrier } from './barrier.ts';
import { type Batch, control } from './control.ts';
import {
  after,
  blockOfRescue,
  comparePositions,
  end,
  enterHandlers,
  type Failure,
  fail,
  isRescued,
  next,
  type Position,
  placeInBlock,
  start,
} from './cursor.ts';
import { type Entry, judgedItem, stepOf, takeFacts, wholeResult } from './entry.ts';
import { failedResult } from './failed-result.ts';
import { fetchFacts, prepareGather } from './gather.ts';
import { notifiedBy } from './handlers.ts';
import { isUnreachable } from './host-link.ts';
import type { HostRun } from './host-run.ts';
import { type Item, issue } from './issue.ts';
import { isComputed } from './outcome.ts';
import type { Gathering, PlayState } from './play-state.ts';
import { type Prepared, prepareTask, unprepared } from './prepare-task.ts';
import type { Telling } from './telling.ts';

/** The other hosts of the batch, as one of them deals with them. */
export interface Company extends Batch {
  readonly telling: Telling;
  readonly barrier: Barrier<Strand>;
  /** Frees connections of hosts that wait. */
  idle(): void;
  /** Whether hosts wait for each other at a task to which one of them has come. */
  isBarrier(strand: Strand, task: PlanTask, at: Position): boolean;
  isOnce(task: PlanTask, scope: VariableScope): boolean;
  leads(strand: Strand, at: Position, group: readonly Strand[]): Promise<boolean>;
  concluded(strand: Strand, task: PlanTask, at: Position, prepared: Prepared, result: TaskResult, lost: boolean): void;
  left(strand: Strand, reason: 'done' | 'failed' | 'unreachable' | 'ended'): void;
}

/**
 * One host's way through a play. Tasks are issued as soon as what they need is known, without waiting for those before;
 * their results are settled in order behind. When one fails, those issued after it have not run on the host (its
 * shell stops), are taken back, and the host goes on where the failure leads.
 */
export class Strand {
  readonly host: HostRun;
  readonly notified = new Set<PlanTask>();
  private readonly play: PlayState;
  private readonly company: Company;
  private position: Position;
  private inFlight: Entry[] = [];
  private discarded: Entry[] = [];
  private tail: Promise<void> = Promise.resolve();
  private broken: { at: Position; failure: Failure } | undefined;
  private doomed: Position | undefined;
  private passed: Position | undefined;
  /** The handler that is being run. */
  private due: Position | undefined;
  /** The hosts that went past the last barrier together with this one. */
  private group: readonly Strand[] = [];
  private flushing: (Position & { rounds: number }) | undefined;
  /** Roles of which a task has run, by identity, as they were used first. */
  private readonly rolesRun = new Map<string, Role>();
  private ended: 'done' | 'failed' | 'unreachable' | 'ended' | undefined;
  private crash: unknown;

  constructor(play: PlayState, company: Company, host: HostRun) {
    this.play = play;
    this.company = company;
    this.host = host;
    this.position = start(play.plan.nodes);
  }

  /** Walks the play to its end; never throws for what befalls the host. @throws defects */
  async walk(): Promise<void> {
    this.host.busy = true;
    try {
      if (this.play.gathering) await this.gather(this.play.gathering);
      while (this.ended === undefined) await this.step();
      await this.settleAll();
    } finally {
      this.host.busy = false;
      this.company.left(this, this.ended ?? 'failed');
    }
    if (this.crash) throw this.crash;
  }

  /** Ends this host's part of the play (`meta: end_host`, `end_play`, interrupts). */
  end(reason: 'ended' | 'failed'): void {
    this.ended ??= reason;
    if (reason === 'failed' && this.host.state === 'active') this.host.state = 'failed';
  }

  /** Ends this host's part as failed behind a task that was fatal to all: what is under way there counts. */
  endBehind(at: Position): void {
    this.doomed ??= at;
  }

  /** The shell that the tasks under way are in; undefined when none is. */
  get lane(): string | undefined {
    return this.inFlight.findLast((entry) => entry.prepared.talks)?.prepared.lane;
  }

  /** Everything issued has been settled. */
  async settleAll(): Promise<void> {
    await this.tail;
  }

  get isBroken(): boolean {
    return this.broken !== undefined || this.ended !== undefined;
  }

  /** Goes on behind `at`, or inside a list that stands for it. */
  goTo(position: Position): void {
    this.position = position;
  }

  /** Puts a task's outcome in the queue as if it had run: for statements of the language. */
  report(task: PlanTask, at: Position, scope: VariableScope, prepared: Prepared, results: TaskResult[]): void {
    const items = results.map((result, i): Item => {
      const { item } = prepared.works[i]!;
      return { label: item?.label() ?? '', loop: item, result: Promise.resolve(result) };
    });
    this.enqueue(task, at, scope, prepared, items);
  }

  /** `meta: flush_handlers` at a task's place. */
  async flushHere(at: Position): Promise<void> {
    this.goTo(at);
    await this.flush(at);
  }

  private async step(): Promise<void> {
    if (this.play.run.signal.aborted) return this.end('ended');
    if (this.broken) return this.recover();
    const upcoming = next(this.position, (task) => this.hasRun(task));
    if (upcoming.kind === 'end') {
      await this.settleAll();
      if (this.doomed) return this.end('failed');
      if (!this.isBroken) this.ended = this.host.state === 'failed' ? 'failed' : 'done';
      return;
    }
    if (upcoming.kind === 'failed') return this.lose();
    if (this.doomed && comparePositions(upcoming.at, this.doomed) > 0) {
      await this.settleAll();
      return this.end('failed');
    }
    this.position = upcoming.at;
    if (upcoming.at.frame.kind === 'handlers' && !(await this.isDue(upcoming.node, upcoming.at))) return;
    try {
      if (upcoming.node.kind === 'flush') await this.flush(upcoming.at);
      else await this.visit(upcoming.node, upcoming.at);
    } catch (signal) {
      if (!(signal instanceof Pending)) throw signal;
      await signal.wait();
    }
  }

  /** Asks for the facts that the playbook names, ahead of everything else; others are fetched when they are asked for. */
  private async gather({ task, names }: Gathering): Promise<void> {
    const { variables } = this.host;
    const at: Position = { frame: this.position.frame, index: -1 };
    const scope = this.play.scope(this.host, task, []);
    if (this.play.run.templar.firstFalse(task.keywords.when, scope)) return;
    let settled = Promise.resolve();
    try {
      const prepared = await prepareGather(this.play, this.host, task, names);
      variables.forget(names);
      const items = (await issue(this.play, this.host, task, prepared, () => {}))!;
      this.enqueue(task, at, scope, prepared, items);
      settled = this.tail.then(() => {
        for (const name of names) variables.fetched.add(name);
      });
    } catch (error) {
      if (!(error instanceof LamplighterError)) throw error;
      const prepared = unprepared(this.play, task, scope, failedResult(error));
      this.report(task, at, scope, prepared, [failedResult(error)]);
    }
    variables.demandFact = async (name) => {
      await settled;
      if (!variables.fetched.has(name) && !variables.allFetched) await fetchFacts(this.play, this.host, name);
    };
  }

  /** Whether a task is of a further use of a role that has run on this host and may not run twice. */
  private hasRun({ keywords, handler }: PlanTask): boolean {
    const role = keywords.roles.at(-1);
    if (!role || role.allowDuplicates || handler) return false;
    const before = this.rolesRun.get(role.identity);
    return before !== undefined && before !== role;
  }

  private async visit(task: PlanTask, at: Position): Promise<void> {
    if (!(await this.meetOthers(task, at))) return;
    const scope = this.play.scope(this.host, task, at.frame.layers);
    if (this.company.isOnce(task, scope)) {
      await this.settleAll();
      if (this.isBroken || !(await this.company.leads(this, at, this.group))) return;
    }
    const prepared = await prepareTask(this.play, this.host, task, scope);
    if (this.isBroken) return;
    const { plays } = this.play.run;
    prepared.within = { place: placeInBlock(at, plays), block: blockOfRescue(at, plays) };
    // A meta that its condition leaves out is nothing to tell of.
    if (prepared.early && task.node.module === 'meta') {
      this.position = after(at);
      return;
    }
    if (prepared.definition.control && !prepared.early) {
      await this.settleAll();
      if (this.isBroken) return;
      await control(this.play, this.company, this, task, at, scope, prepared);
      return;
    }
    const throttle = this.play.throttleOf(task, scope);
    if (!throttle) return this.carryOut(task, at, scope, prepared);
    await throttle.during(async () => {
      await this.carryOut(task, at, scope, prepared);
      await this.settleAll();
    });
    await this.leaveOthers(at);
  }

  private async carryOut(task: PlanTask, at: Position, scope: VariableScope, prepared: Prepared): Promise<void> {
    const otherShell = this.inFlight.some((entry) => entry.prepared.talks && entry.prepared.lane !== prepared.lane);
    if (prepared.talks && (prepared.alone || otherShell)) {
      await this.settleAll();
      if (this.isBroken) return;
    }
    const retry: Parameters<typeof issue>[4] = (result, attempt) => {
      if (!this.isBroken) this.company.telling.retry({ host: this.host, task, at, prepared }, result, attempt);
    };
    if (isAwaited(task, this.inFlight)) {
      await this.settleAll();
      if (this.isBroken) return;
    }
    let items = await issue(this.play, this.host, task, prepared, retry);
    if (!items) {
      prepared.alone = true;
      await this.settleAll();
      if (this.isBroken) return;
      items = (await issue(this.play, this.host, task, prepared, retry))!;
    }
    this.enqueue(task, at, scope, prepared, items);
    this.position = after(at);
    if (prepared.alone || prepared.definition.facts || isComputed(task.node.failedWhen)) await this.settleAll();
    if (isSame(this.passed, at) && task.keywords.runOnce === undefined && task.keywords.throttle === undefined)
      await this.leaveOthers(at);
  }

  /** Behind a task that looks at other hosts nobody goes on before all have looked. */
  private async leaveOthers(at: Position): Promise<void> {
    await this.settleAll();
    if (!this.isBroken) await this.wait({ frame: at.frame, index: at.index + 0.5 });
  }

  private enqueue(task: PlanTask, at: Position, scope: VariableScope, prepared: Prepared, items: Item[]): void {
    const entry: Entry = {
      task,
      at,
      name: prepared.name,
      prepared,
      scope,
      items,
      undo: [],
      settled: Promise.resolve(),
      startedAt: Date.now(),
    };
    if (this.inFlight.length === 0) this.company.telling.started(task, prepared.name, at);
    this.inFlight.push(entry);
    const role = task.keywords.roles.at(-1);
    if (role && !prepared.early && !this.rolesRun.has(role.identity)) this.rolesRun.set(role.identity, role);
    entry.settled = this.tail.then(() => this.settle(entry));
    this.tail = entry.settled;
    if (task.node.register) {
      const waiting = new Placeholder(
        new Pending(task.node.register, () => entry.settled),
        stepOf(task, prepared, items),
      );
      entry.undo.push(this.host.variables.assign(task.node.register, waiting));
    }
    for (const item of items) if (item.assumed && !prepared.isCut) entry.undo.push(...item.assumed());
  }

  /** Takes the results of one task; never throws, since tasks behind wait for it. */
  private async settle(entry: Entry): Promise<void> {
    try {
      const results: TaskResult[] = [];
      if (!this.isBroken) this.company.telling.started(entry.task, entry.name, entry.at);
      for (const item of entry.items) {
        const result = await item.result;
        if (this.isBroken || result === undefined) break;
        const judged = judgedItem(entry, item, result, this.play.run.templar);
        if (item.loop) this.company.telling.item({ host: this.host, ...entry }, item.label, judged);
        results.push(judged);
      }
      this.inFlight.shift();
      if (this.isBroken) this.discarded.push(entry);
      else await this.conclude(entry, results);
    } catch (error) {
      this.inFlight.shift();
      if (this.isBroken) this.discarded.push(entry);
      else if (this.play.run.signal.aborted) this.ended = 'ended';
      else if (isUnreachable(error)) this.unreachable(entry, error);
      else if (error instanceof LamplighterError) await this.conclude(entry, [failedResult(error)]);
      else {
        this.crash = error;
        this.ended = 'failed';
      }
    }
  }

  private async conclude(entry: Entry, results: TaskResult[]): Promise<void> {
    const { task, prepared, at } = entry;
    const result = wholeResult(entry, results);
    const failed = result.failed === true;
    const ignored = failed && prepared.settings.ignoreErrors;
    if (!(prepared.loop && prepared.isCut)) for (const each of results) takeFacts(entry, each, this.host);
    if (task.node.register) {
      const value =
        result.unknown === undefined ? result : new Placeholder(new Unknown(`"${task.node.register}" (${entry.name})`));
      this.host.variables.assign(task.node.register, value);
    }
    // As in Ansible a task that failed notifies nobody, not even when the failure is ignored.
    if (!failed && (result.changed || result.unknown !== undefined)) {
      const missing = this.notifyFor(entry, results);
      if (missing) Object.assign(result, { failed: true, msg: missing });
    }
    const lost = result.failed === true && !ignored;
    const seconds = (Date.now() - entry.startedAt) / 1000;
    this.company.telling.task({ host: this.host, ...entry }, result, {
      ignored,
      rescued: lost && isRescued(at),
      seconds,
    });
    if (lost) {
      const failed = { name: task.node.name ?? '', action: task.node.moduleName, args: task.node.args };
      this.breakAt(at, { task: failed, result });
    }
    this.company.concluded(this, task, at, prepared, result, lost);
  }

  /** Fails at a task, by its own result or by that of the host that ran it for all. */
  breakAt(at: Position, failure: Failure): void {
    this.broken = { at, failure };
    if (!isRescued(at)) return;
    // As in Ansible they stay when the rescue is over.
    this.host.variables.assign('ansible_failed_task', failure.task);
    this.host.variables.assign('ansible_failed_result', failure.result);
  }

  get failure(): Failure | undefined {
    return this.broken?.failure;
  }

  /** Notifies the handlers of a changed task: of a loop, as each item that ran names them (Ansible asks for no more). */
  private notifyFor({ task, items, scope }: Entry, results: TaskResult[]): string | undefined {
    for (const [i, { skipped, unknown }] of results.entries()) {
      if (skipped && unknown === undefined) continue;
      const { loop } = items[i]!;
      const handlers = notifiedBy(this.play, task, loop ? scope.with(loop.variables) : scope);
      if (typeof handlers === 'string') return handlers;
      for (const handler of handlers) this.notified.add(handler);
    }
    return undefined;
  }

  private unreachable(entry: Entry, error: LamplighterError): void {
    const result: TaskResult = {
      unreachable: true,
      changed: false,
      msg: error.hint ? `${error.message}\n${error.hint}` : error.message,
    };
    const ignored = entry.prepared.settings.ignoreUnreachable;
    this.company.telling.unreachable({ host: this.host, ...entry }, result, ignored);
    this.discarded.push(entry);
    if (ignored) return;
    this.host.state = 'unreachable';
    this.ended = 'unreachable';
  }

  /** After a failure: what was issued behind it never ran. */
  private async recover(): Promise<void> {
    const { at, failure } = this.broken!;
    // A handler that fails takes those behind it along.
    if (at.frame.kind === 'handlers') this.notified.clear();
    await this.settleAll();
    for (const entry of this.discarded.toReversed()) for (const undo of entry.undo.toReversed()) undo();
    this.discarded = [];
    await this.host.resume();
    this.broken = undefined;
    const onward = fail(at, failure);
    if (onward) this.position = onward.position;
    else this.lose();
  }

  /** The host has failed for good; notified handlers still run where the playbook forces them. */
  private lose(): void {
    this.host.state = 'failed';
    if (this.play.forceHandlers && this.notified.size > 0) {
      this.position = enterHandlers(end(this.play.plan.nodes), [...this.play.plan.handlers], 0);
      return;
    }
    this.ended = 'failed';
  }

  /** Whether a handler has been notified, also by the handlers before it; goes past one that was not. */
  private async isDue(handler: PlanNode, at: Position): Promise<boolean> {
    if (handler.kind !== 'task' || isSame(this.due, at)) return true;
    if (this.inFlight.some(({ task }) => task.node.notify)) await this.settleAll();
    if (this.isBroken) return false;
    if (this.notified.delete(handler)) this.due = at;
    else this.position = after(at);
    return isSame(this.due, at);
  }

  /** Waits for the other hosts where the task demands it; false when the host does not go on here. */
  private async meetOthers(task: PlanTask, at: Position): Promise<boolean> {
    if (isSame(this.passed, at)) return true;
    if (!this.company.isBarrier(this, task, at)) {
      this.group = [this];
      return true;
    }
    await this.settleAll();
    if (this.isBroken) return false;
    this.group = await this.wait(at);
    this.passed = at;
    return !this.isBroken;
  }

  /**
   * Runs notified handlers once when all hosts have come here. A handler that is notified by one behind it has to wait for
   * the next flush, as in Ansible.
   */
  private async flush(at: Position): Promise<void> {
    if (this.play.plan.handlers.length === 0) {
      this.position = after(at);
      return;
    }
    await this.settleAll();
    if (this.isBroken) return;
    const rounds = this.flushing?.frame === at.frame && this.flushing.index === at.index ? this.flushing.rounds : 0;
    this.flushing = { ...at, rounds: rounds + 1 };
    const gate = enterHandlers(at, [], rounds);
    const group = await this.wait({ frame: gate.frame, index: -1 });
    if (this.isBroken) return;
    if (rounds > 0 || !group.some((strand) => strand.notified.size > 0)) {
      this.flushing = undefined;
      this.position = after(at);
    } else if (this.notified.size > 0) {
      // Counted only when all have seen it: the others of the group look at this set in the same turn.
      await Promise.resolve();
      this.position = enterHandlers(at, [...this.play.plan.handlers], rounds);
    }
  }

  private async wait(at: Position): Promise<Strand[]> {
    this.host.busy = false;
    this.company.idle();
    const group = await this.company.barrier.arrive(this, at);
    this.host.busy = true;
    return group;
  }
}

function isSame(a: Position | undefined, b: Position): boolean {
  return a?.frame === b.frame && a.index === b.index;
}
