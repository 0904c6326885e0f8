import type { Emit, RunEvent, Status, TaskRef } from '../events.ts';
import type { PlanTask } from '../plan/program.ts';
import type { TaskResult } from '../task.ts';
import { orderOf, type Position } from './cursor.ts';
import type { HostRun } from './host-run.ts';
import { diffsOf } from './outcome.ts';
import type { Prepared } from './prepare-task.ts';

/** A task at its place on one host. */
export interface Told {
  host: HostRun;
  task: PlanTask;
  at: Position;
  prepared: Prepared;
}

/** Says what happens in a play, as events. */
export class Telling {
  private readonly play: string;
  private readonly emit: Emit;
  private readonly announced = new Set<number>();
  private readonly warned = new Set<string>();

  constructor(play: string, emit: Emit) {
    this.play = play;
    this.emit = emit;
  }

  /** Says once that a task has begun. */
  started(task: PlanTask, name: string, at: Position): void {
    const ref = refOf(task, name, at);
    if (this.announced.has(ref.id)) return;
    this.announced.add(ref.id);
    this.emit({ event: 'task-start', play: this.play, task: ref });
  }

  item({ host, task, at, prepared }: Told, label: string, result: TaskResult): void {
    this.emit({
      event: 'item',
      play: this.play,
      task: refOf(task, prepared.name, at),
      host: host.name,
      status: statusOf(result),
      label,
      ignored: result.failed === true && prepared.settings.ignoreErrors,
      result: shown(result),
      diffs: prepared.settings.diff ? diffsOf(result) : [],
      noLog: prepared.settings.noLog,
    });
  }

  task(told: Told, result: TaskResult, more: { ignored: boolean; rescued: boolean; seconds: number }): void {
    const { host, task, at, prepared } = told;
    const parts = prepared.loop && Array.isArray(result.results) ? (result.results as TaskResult[]) : [result];
    const event: Extract<RunEvent, { event: 'task' }> = {
      event: 'task',
      play: this.play,
      task: refOf(task, prepared.name, at),
      host: host.name,
      status: statusOf(result),
      result: shown(result),
      diffs: prepared.settings.diff ? parts.flatMap(diffsOf) : [],
      noLog: prepared.settings.noLog,
      loop: prepared.loop,
      ...more,
    };
    if (!prepared.settings.noLog) this.warn(host, parts);
    if (prepared.delegated) event.delegatedTo = prepared.delegated.name;
    if (result.unknown !== undefined) event.unknown = result.unknown;
    this.emit(event);
  }

  unreachable({ host, task, at, prepared }: Told, result: TaskResult, ignored: boolean): void {
    this.emit({
      event: 'task',
      play: this.play,
      task: refOf(task, prepared.name, at),
      host: host.name,
      status: 'unreachable',
      ignored,
      rescued: false,
      result,
      diffs: [],
      noLog: false,
      loop: false,
      seconds: 0,
    });
  }

  retry({ host, task, at, prepared }: Told, result: TaskResult, attempt: { left: number; retries: number }): void {
    const { noLog } = prepared.settings;
    const ref = refOf(task, prepared.name, at);
    this.emit({ event: 'retry', play: this.play, task: ref, host: host.name, ...attempt, result, noLog });
  }

  left(host: HostRun, reason: 'done' | 'failed' | 'unreachable' | 'ended'): void {
    this.emit({ event: 'host-end', play: this.play, host: host.name, reason });
  }

  /** Warns of a task as it is written, once however many hosts come to it. */
  warnOf({ node: { place } }: PlanTask, message: string): void {
    const key = `${place.file}:${place.line}: ${message}`;
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.emit({ event: 'warning', message, place });
  }

  /** Says what modules warn of, each text once a play however many hosts it comes from. */
  private warn(host: HostRun, results: readonly TaskResult[]): void {
    for (const message of results.flatMap((result) => result.warnings ?? [])) {
      if (this.warned.has(message)) continue;
      this.warned.add(message);
      this.emit({ event: 'warning', message: `${host.name}: ${message}` });
    }
  }
}

function refOf(task: PlanTask, name: string, at: Position): TaskRef {
  return { id: orderOf(at), name, module: task.node.module, place: task.node.place, handler: task.handler };
}

function statusOf(result: TaskResult): Status {
  if (result.failed) return 'failed';
  if (result.skipped || result.unknown !== undefined) return 'skipped';
  return result.changed ? 'changed' : 'ok';
}

/** A result as reports see it: diffs travel beside it. */
function shown(result: TaskResult): TaskResult {
  const { diff: _, ...rest } = result;
  return rest;
}
