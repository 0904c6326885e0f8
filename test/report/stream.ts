import type { RunEvent, Status } from '../../run/events.ts';
import type { TaskResult } from '../../run/task.ts';

/*
 * Short ways to write the events of an invented run.
 */

export const PLACE = { file: 'playbooks/site.yaml', line: 3, column: 5 };

type Of<K extends RunEvent['event']> = Extract<RunEvent, { event: K }>;

export function task(id: number, name: string, module = 'command', more: { handler?: boolean } = {}) {
  return { id, name, module, place: { ...PLACE, line: id * 10 }, handler: more.handler ?? false };
}

export function playStart(hosts: string[], play = 'lamps'): Of<'play-start'> {
  return { event: 'play-start', play, place: PLACE, hosts, matched: hosts.length > 0 };
}

export function taskStart(ref: ReturnType<typeof task>): Of<'task-start'> {
  return { event: 'task-start', play: 'lamps', task: ref };
}

export function done(
  ref: ReturnType<typeof task>,
  host: string,
  status: Status = 'ok',
  result: TaskResult = {},
  more: Partial<Of<'task'>> = {},
): Of<'task'> {
  return {
    event: 'task',
    play: 'lamps',
    task: ref,
    host,
    status,
    ignored: false,
    rescued: false,
    result: { changed: status === 'changed', ...result },
    diffs: [],
    noLog: false,
    loop: false,
    seconds: 0.1,
    ...more,
  };
}

export function item(
  ref: ReturnType<typeof task>,
  host: string,
  label: string,
  status: Status = 'ok',
  result: TaskResult = {},
  more: Partial<Of<'item'>> = {},
): Of<'item'> {
  return {
    event: 'item',
    play: 'lamps',
    task: ref,
    host,
    status,
    label,
    ignored: false,
    result: { changed: status === 'changed', ...result },
    diffs: [],
    noLog: false,
    ...more,
  };
}

export function retry(ref: ReturnType<typeof task>, host: string, left: number, retries: number): Of<'retry'> {
  return { event: 'retry', play: 'lamps', task: ref, host, left, retries, result: {}, noLog: false };
}

export function hostEnd(host: string, reason: Of<'host-end'>['reason'] = 'done'): Of<'host-end'> {
  return { event: 'host-end', play: 'lamps', host, reason };
}

export function playEnd(): Of<'play-end'> {
  return { event: 'play-end', play: 'lamps' };
}
