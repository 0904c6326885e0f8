import type { RunEvent } from '../../run/events.ts';
import { painter } from '../../run/report/style.ts';
import { TextReport } from '../../run/report/text.ts';

export interface Page {
  verbosity?: number;
  columns?: number;
  colours?: boolean;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** A text report that writes into `lines()`. */
export function pageReport({ verbosity = 0, columns = 80, colours = false, now = () => 0 }: Page = {}) {
  let out = '';
  let err = '';
  const report = new TextReport({
    print: (text) => {
      out += text;
    },
    tell: (text) => {
      err += text;
    },
    paint: painter(colours),
    columns: () => columns,
    verbosity,
    cwd: '/home/ada/site',
    now,
  });
  return { report, out: () => out, err: () => err };
}

/** What the text report prints for these events when the run ends after them; stars of the banners left out. */
export function textOf(events: RunEvent[], page: Page = {}): string {
  const { report, out } = pageReport(page);
  if (!events.some(({ event }) => event === 'play-start')) report.see(implicitPlay(events));
  for (const event of events) report.see(event);
  report.close();
  return out().replace(/ \*{3,}$/gm, '');
}

/** The lines between the play's title and the recap. */
export function tasksOf(events: RunEvent[], page: Page = {}): string[] {
  const lines = textOf(events, page).split('\n');
  const end = lines.indexOf('PLAY RECAP');
  return lines.slice(3, end < 0 ? undefined : end - 1);
}

function implicitPlay(events: RunEvent[]): RunEvent {
  const hosts = new Set(events.flatMap((event) => ('host' in event && event.host !== undefined ? [event.host] : [])));
  const place = { file: 'site.yaml', line: 1, column: 1 };
  return { event: 'play-start', play: 'lamps', place, hosts: [...hosts], matched: true };
}
