import { bool } from '../args.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import type { TaskResult } from '../task.ts';
import { Barrier } from './barrier.ts';
import { after, type Failure, isRescued, orderOf, type Position } from './cursor.ts';
import { type PlayInputs, PlayState } from './play-state.ts';
import type { Prepared } from './prepare-task.ts';
import { keywordValue } from './settings.ts';
import { type Company, Strand } from './strand.ts';
import { Telling } from './telling.ts';

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
export class PlayRun implements Company {
  readonly barrier: Barrier<Strand>;
  readonly telling: Telling;
  /** A failure was fatal to all (`any_errors_fatal`, `max_fail_percentage`): nothing comes after this play. */
  isOver = false;
  /** Frees connections of hosts that wait. */
  readonly idle: () => void;
  private readonly play: PlayState;
  private readonly strands: Strand[];
  /** Whether an expression for a host's name gives one of this play, on any of its hosts. */
  private readonly namesInside = new Map<string, boolean>();
  private readonly once = new Map<number, Once>();

  constructor({ idle, ...inputs }: Omit<PlayInputs, 'laneOf'> & { idle: () => void }) {
    this.idle = idle;
    this.telling = new Telling(inputs.plan.play.title, inputs.run.emit);
    this.play = new PlayState({ ...inputs, laneOf: (host) => strandOf.get(host)?.lane });
    this.strands = inputs.hosts.map((host) => new Strand(this.play, this, host));
    const strandOf = new Map(this.strands.map((strand) => [strand.host, strand]));
    this.barrier = new Barrier(this.strands);
  }

  /** Takes every host through the play; resolves when the last one has left it. @throws defects */
  async walk(): Promise<void> {
    const outcomes = await Promise.allSettled(this.strands.map((strand) => strand.walk()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  isBarrier(strand: Strand, task: PlanTask, { frame }: Position): boolean {
    if (task.barrier === false || this.barrier.remaining.length < 2) return false;
    if (task.barrier === true) return true;
    return task.barrier.some((expression) => {
      // Who comes first looks for all: hosts that wait need the others to wait as well.
      const known = this.namesInside.get(expression);
      if (known === true) return true;
      const asked = known === undefined ? this.strands : [strand];
      const isInside = asked.some((each) =>
        this.play.isOfPlay(expression, this.play.scope(each.host, task, frame.layers), task.node.place),
      );
      this.namesInside.set(expression, isInside);
      return isInside;
    });
  }

  isOnce(task: PlanTask, scope: VariableScope): boolean {
    const { runOnce } = task.keywords;
    if (this.strands.length < 2) return false;
    if (FOR_ALL.has(task.node.module)) return true;
    if (runOnce === undefined) return false;
    const value = this.play.run.templar.value(runOnce, scope, task.node.place);
    if (!keywordValue<boolean>(bool(), value, 'run_once', task.node.place)) return false;
    const { strategy } = this.play.plan.play;
    if (strategy !== 'free' && strategy !== 'host_pinned') return true;
    this.telling.warnOf(task, `run_once means nothing under "strategy: ${strategy}": every host runs the task`);
    return false;
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
    if (reason === 'ended') this.play.endHost(strand.host.name);
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

  private isFatal(task: PlanTask, strand: Strand, scope = this.play.connectionScope(strand.host)): boolean {
    const { anyErrorsFatal } = task.keywords;
    const written = anyErrorsFatal ?? this.play.run.options.defaults?.anyErrorsFatal;
    if (written !== undefined) {
      const value = this.play.run.templar.value(written, scope, task.node.place);
      if (keywordValue<boolean>(bool(), value, 'any_errors_fatal', task.node.place)) return true;
    }
    const { maxFailPercentage } = this.play.plan.play;
    if (maxFailPercentage === undefined) return false;
    const limit = Number(
      this.play.run.templar.value(maxFailPercentage, this.play.connectionScope(strand.host), this.play.plan.play.place),
    );
    const failed = this.strands.filter((each) => each.host.state === 'failed' || each === strand).length;
    return (failed / this.strands.length) * 100 > limit;
  }
}
