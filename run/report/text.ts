import type { HostStats, RunEvent } from '../events.ts';
import { diffLineKind } from './diff-text.ts';
import { type Entry, entriesOf } from './entries.ts';
import { hostList } from './host-list.ts';
import { placeText } from './place.ts';
import { Recap } from './recap.ts';
import { recapLines } from './recap-text.ts';
import type { Report } from './report.ts';
import { cut, type Paint, width } from './style.ts';
import { type TaskRun, Timeline } from './timeline.ts';

export interface TextOptions {
  /** Takes finished lines for stdout. */
  print(text: string): void;
  /** Takes finished lines for stderr. */
  tell(text: string): void;
  paint: Paint;
  /** Cells of the terminal's line, asked each time. */
  columns(): number;
  verbosity: number;
  cwd: string;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** Off a terminal, silence longer than this (milliseconds) is explained. */
const PATIENCE = 30_000;

/** Cells that names of hosts get at least. */
const MIN_ROOM = 24;

/** Ansible's words on the screen; results of one task stand together, and hosts that said the same share a line. */
export class TextReport implements Report {
  private readonly options: TextOptions;
  private readonly recap = new Recap();
  private timeline: Timeline | undefined;
  private readonly messages = new Map<string, string>();
  private readonly warned = new Set<string>();
  private check = false;
  private recapShown = false;
  private lastPrint: number;
  private playSince: number;

  constructor(options: TextOptions) {
    this.options = options;
    this.lastPrint = options.now();
    this.playSince = this.lastPrint;
  }

  see(event: RunEvent): void {
    this.recap.see(event);
    switch (event.event) {
      case 'run-start':
        this.check = event.check;
        break;
      case 'play-start':
        this.startPlay(event);
        break;
      case 'play-end':
        this.flush();
        break;
      case 'task-start':
        this.timeline?.start(event.task, this.options.now());
        break;
      case 'item':
      case 'retry':
        this.timeline?.add(event, this.options.now());
        break;
      case 'task':
        this.messages.delete(event.host);
        this.timeline?.add(event, this.options.now());
        this.printRuns(this.timeline?.ready() ?? []);
        break;
      case 'host-end':
        this.messages.delete(event.host);
        this.timeline?.leave(event.host);
        this.printRuns(this.timeline?.ready() ?? []);
        break;
      case 'progress':
        this.messages.set(event.host, event.message);
        break;
      case 'warning':
        this.warn(event);
        break;
      case 'log':
        if (event.level <= this.options.verbosity)
          this.print(this.options.paint('verbose', `${event.host ? `<${event.host}> ` : ''}${event.message}`));
        break;
      case 'recap':
        this.flush();
        this.printRecap(event.hosts, event.interrupted, event.seconds);
        break;
    }
  }

  close(): void {
    this.flush();
    const hosts = this.recap.hosts();
    if (!this.recapShown && Object.keys(hosts).length > 0) this.printRecap(hosts, true);
  }

  /** One line about what is under way, for the bottom of a terminal. */
  status(): string | undefined {
    if (!this.timeline || this.recapShown) return undefined;
    const front = this.timeline.front();
    const hosts = front?.hosts ?? this.timeline.hosts();
    if (hosts.length === 0) return undefined;
    const seconds = Math.floor((this.options.now() - (front?.run.since ?? this.playSince)) / 1000);
    const speaking = hosts.find((host) => this.messages.has(host));
    const message = speaking ? `${hosts.length > 1 ? `${speaking}: ` : ''}${this.messages.get(speaking)}` : '';
    const parts = [`${seconds} s`, front?.run.task.name ?? '', hostList(hosts, 40), message];
    return cut(parts.filter(Boolean).join(' · '), this.options.columns() - 3);
  }

  /** Off a terminal, called now and then: says what a long silence is about. */
  explainSilence(): void {
    if (!this.timeline || this.recapShown) return;
    const now = this.options.now();
    const front = this.timeline.front();
    const hosts = front?.hosts ?? this.timeline.hosts();
    if (hosts.length === 0 || now - this.lastPrint < PATIENCE) return;
    const seconds = Math.floor((now - (front?.run.since ?? this.playSince)) / 1000);
    const message = hosts.map((host) => this.messages.get(host)).find(Boolean);
    const what = [front?.run.task.name, message].filter(Boolean).join(': ');
    this.print(`… still waiting for ${hostList(hosts, 60)} (${seconds} s)${what ? `: ${what}` : ''}`);
  }

  private startPlay({ play, hosts, matched }: Extract<RunEvent, { event: 'play-start' }>): void {
    this.flush();
    this.timeline = new Timeline(hosts);
    this.playSince = this.options.now();
    this.banner(`PLAY [${play}]`);
    if (!matched) this.print(this.options.paint('skipped', 'skipping: no hosts matched'));
  }

  private flush(): void {
    this.printRuns(this.timeline?.rest() ?? []);
    this.timeline = undefined;
    this.messages.clear();
  }

  private printRuns(runs: TaskRun[]): void {
    for (const run of runs) {
      const groups = this.groupsOf(run);
      // Nothing to say of a task that every host went around.
      if (groups.length === 0) continue;
      this.banner(`${run.task.handler ? 'RUNNING HANDLER' : 'TASK'} [${run.task.name}]`);
      if (this.options.verbosity >= 2)
        this.print(this.options.paint('dim', `task path: ${placeText(run.task.place, this.options.cwd)}`));
      for (const { hosts, entries } of groups) for (const entry of entries) this.printEntry(hosts, entry);
    }
  }

  /** Hosts with the same entries together, in the play's order of their first. */
  private groupsOf({ results }: TaskRun): { hosts: string[]; entries: Entry[] }[] {
    const groups = new Map<string, { hosts: string[]; entries: Entry[] }>();
    const hosts = [...results.keys()].sort((a, b) => this.timeline!.rank(a) - this.timeline!.rank(b));
    for (const host of hosts) {
      const entries = entriesOf(results.get(host)!, this.options);
      if (entries.length === 0) continue;
      const key = JSON.stringify(entries.map((entry) => withoutAddress(entry, host)));
      const group = groups.get(key);
      if (!group) groups.set(key, { hosts: [host], entries });
      else {
        group.hosts.push(host);
        if (group.hosts.length === 2 && JSON.stringify(group.entries) !== JSON.stringify(entries))
          for (const entry of group.entries) entry.lines.push('the same of the others, each by its own address');
      }
    }
    return [...groups.values()];
  }

  private printEntry(hosts: string[], entry: Entry): void {
    const { paint, verbosity } = this.options;
    if (entry.diff) this.print(`${this.paintDiff(entry.diff.trimEnd())}\n`);
    const to = entry.delegatedTo === undefined ? '' : ` -> ${entry.delegatedTo}`;
    const room = this.options.columns() - width(`${entry.word}: [${to}]${entry.tail}`);
    // Whoever failed is named, however many; of the others as many as fit.
    const all = verbosity >= 1 || (entry.word === 'fatal' && entry.after === undefined);
    const names = all ? hosts.join(', ') : hostList(hosts, Math.max(MIN_ROOM, room));
    this.print(paint(entry.colour, `${entry.word}: [${names}${to}]${entry.tail}`));
    for (const line of entry.lines) this.print(line === '' ? '' : paint(entry.colour, `    ${line}`));
    if (entry.after) this.print(paint('skipped', entry.after));
  }

  private paintDiff(text: string): string {
    return text
      .split('\n')
      .map((line) => {
        const kind = diffLineKind(line);
        return kind === 'plain' ? line : this.options.paint(kind, line);
      })
      .join('\n');
  }

  private printRecap(hosts: Record<string, HostStats>, interrupted: boolean, seconds?: number): void {
    this.recapShown = true;
    const { paint, columns, verbosity } = this.options;
    this.banner('PLAY RECAP');
    for (const line of recapLines(hosts, { paint, columns: columns(), verbose: verbosity >= 1 })) this.print(line);
    if (interrupted) this.print(paint('failed', '\nThe run ended early: these are the counts up to then.'));
    if (this.check) this.print(paint('unknown', '\nCheck mode: nothing was changed.'));
    if (seconds !== undefined && verbosity >= 1) this.print(`\nIt took ${seconds.toFixed(1)} s.`);
    this.print('');
  }

  private warn({ message, place }: Extract<RunEvent, { event: 'warning' }>): void {
    const text = `[WARNING]: ${message}${place ? ` (${placeText(place, this.options.cwd)})` : ''}`;
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.options.tell(`${this.options.paint('warning', text)}\n`);
  }

  private banner(text: string): void {
    const stars = '*'.repeat(Math.max(3, this.options.columns() - width(text) - 1));
    this.print(`\n${text} ${this.options.paint('dim', stars)}`);
  }

  private print(line: string): void {
    this.lastPrint = this.options.now();
    this.options.print(`${line}\n`);
  }
}

/** Hosts that cannot be reached for one reason say it with their own names and addresses: they are told once. */
function withoutAddress(entry: Entry, host: string): Entry {
  if (entry.word !== 'fatal' || !entry.tail.startsWith(': UNREACHABLE!')) return entry;
  const own = `${host} (`;
  const anonymous = (text: string): string => text.replaceAll(own, '(').replace(/\([^\s()]+@[^\s()]+\)/g, '()');
  return { ...entry, tail: anonymous(entry.tail), lines: entry.lines.map(anonymous) };
}
