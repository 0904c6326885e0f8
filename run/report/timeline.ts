import type { RunEvent, TaskRef } from '../events.ts';

type ItemEvent = Extract<RunEvent, { event: 'item' }>;
type TaskEvent = Extract<RunEvent, { event: 'task' }>;
type RetryEvent = Extract<RunEvent, { event: 'retry' }>;
export type ResultEvent = ItemEvent | TaskEvent | RetryEvent;

/** One task of the play and what is known of it so far, host by host. */
export interface TaskRun {
  task: TaskRef;
  /** Milliseconds, when the first host came to it. */
  since: number;
  results: Map<string, ResultEvent[]>;
}

/**
 * Puts what hosts say at their own pace back into the order of the play: a task is given out once every host has come
 * past it. Holds one play; times are milliseconds of the caller's clock.
 */
export class Timeline {
  private readonly runs = new Map<number, TaskRun>();
  /** The last task that each host is done with; hosts that left the play are gone from here. */
  private readonly positions = new Map<string, number>();
  private readonly order = new Map<string, number>();
  private floor = START;
  private atFloor: number;

  constructor(hosts: readonly string[]) {
    for (const host of hosts) this.join(host);
    this.atFloor = hosts.length;
  }

  start(task: TaskRef, now: number): void {
    if (!this.runs.has(task.id)) this.runs.set(task.id, { task, since: now, results: new Map() });
  }

  add(event: ResultEvent, now: number): void {
    this.start(event.task, now);
    if (!this.order.has(event.host)) this.order.set(event.host, this.order.size);
    const { results } = this.runs.get(event.task.id)!;
    const ofHost = results.get(event.host);
    if (ofHost) ofHost.push(event);
    else results.set(event.host, [event]);
    if (event.event === 'task') this.move(event.host, event.task.id);
  }

  /** The host has left the play. */
  leave(host: string): void {
    const position = this.positions.get(host);
    if (position === undefined) return;
    this.positions.delete(host);
    this.leaveFloor(position);
  }

  /** The tasks that every host has come past since the last call, in the play's order. */
  ready(): TaskRun[] {
    return this.take((id) => id <= this.floor);
  }

  /** Everything that is left, whoever is still under way. */
  rest(): TaskRun[] {
    return this.take(() => true);
  }

  /** The earliest task under way and the hosts that are not past it. */
  front(): { run: TaskRun; hosts: string[] } | undefined {
    const id = Math.min(...this.runs.keys());
    const run = this.runs.get(id);
    return run && { run, hosts: [...this.positions].filter(([, at]) => at < id).map(([host]) => host) };
  }

  /** Hosts still in the play. */
  hosts(): string[] {
    return [...this.positions.keys()];
  }

  /** Where a host stands in the play's order. */
  rank(host: string): number {
    return this.order.get(host) ?? this.order.size;
  }

  private join(host: string): void {
    this.positions.set(host, START);
    this.order.set(host, this.order.size);
  }

  private move(host: string, id: number): void {
    const before = this.positions.get(host);
    if (before === undefined || before >= id) return;
    this.positions.set(host, id);
    this.leaveFloor(before);
  }

  /** Keeps the lowest position without looking at every host for every event. */
  private leaveFloor(position: number): void {
    if (position !== this.floor || --this.atFloor > 0) return;
    this.floor = Infinity;
    for (const at of this.positions.values()) {
      if (at < this.floor) {
        this.floor = at;
        this.atFloor = 0;
      }
      if (at === this.floor) this.atFloor++;
    }
  }

  private take(which: (id: number) => boolean): TaskRun[] {
    const ids = [...this.runs.keys()].filter(which).sort((a, b) => a - b);
    return ids.map((id) => {
      const run = this.runs.get(id)!;
      this.runs.delete(id);
      return run;
    });
  }
}

const START = -Infinity;
