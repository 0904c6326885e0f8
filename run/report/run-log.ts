import type { HostStats, RunEvent, TaskRef } from '../events.ts';
import { Recap } from './recap.ts';
import type { ResultEvent } from './timeline.ts';

export interface LoggedTask {
  task: TaskRef;
  /** What each host said, in the order in which it came. */
  results: Map<string, ResultEvent[]>;
}

export interface LoggedPlay {
  title: string;
  hosts: string[];
  /** In the play's order. */
  tasks: LoggedTask[];
}

/** A whole run, kept for reports that are written at its end. */
export class RunLog {
  readonly plays: LoggedPlay[] = [];
  readonly warnings: string[] = [];
  readonly started = new Date();
  playbooks: string[] = [];
  check = false;
  interrupted = true;
  seconds: number | undefined;
  private readonly recap = new Recap();
  private readonly byId = new Map<number, LoggedTask>();

  see(event: RunEvent): void {
    this.recap.see(event);
    switch (event.event) {
      case 'run-start':
        this.playbooks = event.playbooks;
        this.check = event.check;
        break;
      case 'play-start':
        this.byId.clear();
        this.plays.push({ title: event.play, hosts: event.hosts, tasks: [] });
        break;
      case 'item':
      case 'retry':
      case 'task':
        this.add(event);
        break;
      case 'warning':
        this.warnings.push(event.message);
        break;
      case 'recap':
        this.interrupted = event.interrupted;
        this.seconds = event.seconds;
        break;
    }
  }

  /** What a task's hosts said, in the play's order of hosts: they come to a task at their own pace. */
  static inOrder(play: LoggedPlay, { results }: LoggedTask): [host: string, events: ResultEvent[]][] {
    const rank = new Map(play.hosts.map((host, index) => [host, index]));
    const of = (host: string): number => rank.get(host) ?? rank.size;
    return [...results].sort(([a], [b]) => of(a) - of(b));
  }

  hosts(): Record<string, HostStats> {
    return Object.fromEntries(Object.entries(this.recap.hosts()).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private add(event: ResultEvent): void {
    let logged = this.byId.get(event.task.id);
    if (!logged) {
      logged = { task: event.task, results: new Map() };
      this.byId.set(event.task.id, logged);
      const { tasks } = this.plays.at(-1)!;
      tasks.push(logged);
      // Hosts come to tasks at their own pace.
      tasks.sort((a, b) => a.task.id - b.task.id);
    }
    const ofHost = logged.results.get(event.host);
    if (ofHost) ofHost.push(event);
    else logged.results.set(event.host, [event]);
  }
}
