import type { HostStats, RunEvent } from '../events.ts';
import type { Diff } from '../task.ts';
import { placeText } from './place.ts';
import { Recap } from './recap.ts';
import type { Report } from './report.ts';

type TaskEvent = Extract<RunEvent, { event: 'task' }>;

/**
 * One JSON object a line: each task's result on each host, and the recap last. Nothing else goes to `write`; warnings
 * and log lines are for people and go to `tell`.
 */
export class JsonLines implements Report {
  private readonly options: { write(text: string): void; tell(text: string): void; cwd: string; verbosity: number };
  private readonly recap = new Recap();
  /** Differences of a loop's items, which stand with the task. */
  private readonly itemDiffs = new Map<string, Diff[]>();
  private recapShown = false;

  constructor(options: JsonLines['options']) {
    this.options = options;
  }

  see(event: RunEvent): void {
    this.recap.see(event);
    switch (event.event) {
      case 'item':
        this.keepDiffs(event);
        break;
      case 'task':
        this.line(this.taskLine(event));
        break;
      case 'warning':
        this.options.tell(`[WARNING]: ${event.message}\n`);
        break;
      case 'log':
        if (event.level <= this.options.verbosity)
          this.options.tell(`${event.host ? `<${event.host}> ` : ''}${event.message}\n`);
        break;
      case 'recap':
        this.showRecap(event.hosts);
        break;
    }
  }

  close(): void {
    if (!this.recapShown) this.showRecap(this.recap.hosts());
  }

  private showRecap(hosts: Record<string, HostStats>): void {
    this.recapShown = true;
    this.line({ event: 'recap', hosts });
  }

  private keepDiffs({ task, host, diffs }: Extract<RunEvent, { event: 'item' }>): void {
    const key = `${task.id} ${host}`;
    this.itemDiffs.set(key, [...(this.itemDiffs.get(key) ?? []), ...diffs]);
  }

  private taskLine(event: TaskEvent) {
    const key = `${event.task.id} ${event.host}`;
    const ofItems = this.itemDiffs.get(key) ?? [];
    this.itemDiffs.delete(key);
    const { diff: _, ...result } = event.result;
    return {
      event: 'task',
      play: event.play,
      host: event.host,
      task: event.task.name,
      module: event.task.module,
      status: event.status,
      ignored: event.ignored,
      rescued: event.rescued,
      result,
      diff: (event.diffs.length > 0 ? event.diffs : ofItems).map(diffLine),
      place: placeText(event.task.place, this.options.cwd),
    };
  }

  private line(value: object): void {
    this.options.write(`${JSON.stringify(value, plainKeys)}\n`);
  }
}

/** Mappings with keys that are no texts (`on:` in YAML is a boolean) as objects. */
function plainKeys(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries([...value].map(([key, each]) => [String(key), each])) : value;
}

/** `before`, `after` and `path` always stand; a ready text is all "after"; hidden contents say why. */
function diffLine(diff: Diff) {
  const path = diff.path ?? diff.afterHeader ?? diff.beforeHeader ?? null;
  if (diff.hidden !== undefined) return { before: null, after: null, path, hidden: diff.hidden };
  if (diff.prepared !== undefined) return { before: '', after: diff.prepared, path };
  return { before: diff.before ?? '', after: diff.after ?? '', path };
}
