import type { Place } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { TaskResult } from '../task.ts';
import { diffText } from './diff-text.ts';
import { placeText } from './place.ts';
import { failureLines, resultLines, saidLines } from './result-text.ts';
import type { Colour } from './style.ts';
import type { ResultEvent } from './timeline.ts';

/**
 * One line about one host or several: `WORD: [HOSTS]TAIL`, below it more lines, above it a diff. It does not name the
 * host, so that equal entries of different hosts can be told from different ones by comparing them.
 */
export interface Entry {
  word: string;
  colour: Colour;
  /** The host acted on, where the task was delegated. */
  delegatedTo?: string;
  tail: string;
  lines: string[];
  /** Stands below the entry at the left edge (`...ignoring`). */
  after?: string;
  diff: string;
}

export interface EntryOptions {
  verbosity: number;
  cwd: string;
}

type Finished = Exclude<ResultEvent, { event: 'retry' }>;

/** Modules whose purpose is to say something. */
const SPEAKERS = new Set(['debug', 'assert']);

/** What there is to say of one host's results of one task, in the order in which they came. */
export function entriesOf(results: readonly ResultEvent[], options: EntryOptions): Entry[] {
  const hasItems = results.some(({ event }) => event === 'item');
  return results.flatMap((result) => {
    if (result.event === 'retry') return [retryEntry(result)];
    // The task's own result repeats its items', unless it failed around them.
    if (result.event === 'task' && hasItems && (!isBad(result) || saysItemsFailed(result.result))) return [];
    return [finishedEntry(result, options)];
  });
}

function retryEntry({ task, left }: Extract<RunEvent, { event: 'retry' }>): Entry {
  const tail = `: ${task.name} (${left} retries left).`;
  return { word: 'FAILED - RETRYING', colour: 'dim', tail, lines: [], diff: '' };
}

function finishedEntry(event: Finished, options: EntryOptions): Entry {
  const { word, colour } = headOf(event);
  const said = linesOf(event, options);
  const label = event.event === 'item' ? ` ${isBad(event) ? '' : '=> '}(item=${event.label})` : '';
  // A failure's message and what is short stand on the line itself.
  const inline = said.length === 1 || (isBad(event) && said.length > 0);
  const arrow =
    isBad(event) && event.event === 'task' ? `: ${event.status === 'failed' ? 'FAILED' : 'UNREACHABLE'}!` : '';
  const entry: Entry = {
    word,
    colour,
    tail: `${arrow}${label}${inline ? ` => ${said[0]}` : said.length > 0 ? ' =>' : ''}`,
    lines: inline ? said.slice(1) : said,
    diff: event.diffs.map(diffText).filter(Boolean).join('\n'),
  };
  if (event.event === 'task' && event.delegatedTo !== undefined) entry.delegatedTo = event.delegatedTo;
  if (isBad(event)) entry.lines.push(...placeLines(event.task.place, options.cwd));
  if (event.ignored) entry.after = '...ignoring';
  else if (event.event === 'task' && event.rescued) entry.after = '...rescued';
  return entry;
}

/** Includes within each other of which each is told; of a recursion the rest is not. */
const MOST_FROM = 8;

/** Where a task stands, and the includes and roles that led there. */
function placeLines(place: Place, cwd: string): string[] {
  const lines = [`at ${placeText(place, cwd)}`];
  for (let from = place.from; from && lines.length <= MOST_FROM; from = from.from)
    lines.push(`included at ${placeText(from, cwd)}`);
  return lines;
}

function headOf(event: Finished): { word: string; colour: Colour } {
  if (event.event === 'task' && event.unknown !== undefined) return { word: 'would run', colour: 'unknown' };
  switch (event.status) {
    case 'ok':
      return isInclude(event) ? { word: 'included', colour: 'skipped' } : { word: 'ok', colour: 'ok' };
    case 'skipped':
      return { word: 'skipping', colour: 'skipped' };
    case 'failed':
      return { word: event.event === 'item' ? 'failed' : 'fatal', colour: 'failed' };
    case 'changed':
      return { word: 'changed', colour: 'changed' };
    case 'unreachable':
      return { word: 'fatal', colour: 'unreachable' };
  }
}

function linesOf(event: Finished, { verbosity }: EntryOptions): string[] {
  const verbose = verbosity >= 1;
  if (isBad(event)) return [...failureLines(event.result, verbose), ...summaryLines(event.result)];
  if (event.event === 'task' && event.unknown !== undefined)
    return [event.unknown.replace(/^would run: /, '') || 'depends on a change not made yet'];
  if (isInclude(event)) return [String(event.result.include ?? event.result.include_file)];
  if (event.status === 'skipped') return verbose ? resultLines(event.result) : [];
  if (SPEAKERS.has(event.task.module)) return isQuiet(event) ? [] : saidLines(event.result);
  const { summary: _, ...rest } = event.result;
  return [...summaryLines(event.result), ...(verbose ? resultLines(rest) : [])];
}

/** `assert` with `quiet` says nothing of what holds. */
function isQuiet({ task, result }: Finished): boolean {
  return task.module === 'assert' && result._ansible_verbose_always !== true;
}

/** A module may say in a text of its own what it found (`mqtt_bridge_verify`). */
function summaryLines({ summary }: TaskResult): string[] {
  return typeof summary === 'string' && summary.trim() !== '' ? summary.trimEnd().split('\n') : [];
}

function isBad({ status }: Finished): boolean {
  return status === 'failed' || status === 'unreachable';
}

function isInclude({ task, result }: Finished): boolean {
  return task.module.startsWith('include_') && (result.include ?? result.include_file) !== undefined;
}

/** Ansible's message of a loop whose items were shown already. */
function saysItemsFailed({ msg }: TaskResult): boolean {
  return msg === undefined || msg === 'One or more items failed' || msg === 'All items completed';
}
