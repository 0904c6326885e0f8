import { stringify } from 'yaml';
import type { TaskResult } from '../task.ts';

/*
 * A task's result as lines for a person. Failures show what the module said, one thing a line, in place of one JSON
 * object; with -v every result is shown so.
 */

/** Lines of one value shown without -v; of outputs the last ones, where the reason usually stands. */
const LINES_SHOWN = 30;

/** A list of short values up to this length stays on one line (a command and its words). */
const LINE_LENGTH = 100;

/** Says nothing that the status line does not say, or is shown elsewhere. */
const NOISE = new Set(['changed', 'failed', 'skipped', 'unknown', 'unreachable', 'diff', 'warnings', 'invocation']);

/** Of no use in a failure; -v shows them. */
const DETAILS = new Set([
  'start',
  'end',
  'delta',
  'ansible_facts',
  'ansible_loop_var',
  'results',
  'attempts',
  'failed_when_result',
  'summary',
]);

/** What a failure says: its message first, then whatever else the module returned. */
export function failureLines(result: TaskResult, verbose: boolean): string[] {
  // Under no_log there is nothing but the note that says so.
  const { msg = result.censored, censored: _, ...rest } = result;
  const message = typeof msg === 'string' ? msg.trimEnd().split('\n') : msg === undefined ? [] : dataLines(msg);
  const shown = Object.entries(rest).filter(([key, value]) => !isNoise(key, result) && !isEmpty(value));
  // A loop's item stands in the line already.
  const isDetail = (key: string) => DETAILS.has(key) || key === result.ansible_loop_var;
  const said = message.join('\n');
  const more = shown.filter(([key, value]) => verbose || !(isDetail(key) || isSaid(value, said)));
  return [...message, ...more.flatMap(([key, value]) => entryLines(key, value, verbose))];
}

/** The whole result, for -v. */
export function resultLines(result: TaskResult): string[] {
  return Object.entries(result)
    .filter(([key, value]) => !isNoise(key, result) && !saysNothing(key, value))
    .flatMap(([key, value]) => entryLines(key, value, true));
}

/** What `debug` and `assert` say: the message, or the variable. */
export function saidLines(result: TaskResult): string[] {
  if (result.msg !== undefined) return typeof result.msg === 'string' ? result.msg.split('\n') : dataLines(result.msg);
  return resultLines(result);
}

function isNoise(key: string, result: TaskResult): boolean {
  // Ansible returns outputs twice, as text and as lines.
  return NOISE.has(key) || key.startsWith('_') || (key.endsWith('_lines') && key.slice(0, -'_lines'.length) in result);
}

/** Whether the message has it already, word for word. */
function isSaid(value: unknown, message: string): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((each) => isSaid(each, message));
  return typeof value === 'string' && value.trim().length >= 12 && message.includes(value.trim());
}

/** Keys that modules return in any case, and that mean something only with a value. */
function saysNothing(key: string, value: unknown): boolean {
  if (key === 'msg') return value === '';
  return key === 'ansible_facts' && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function entryLines(key: string, value: unknown, whole: boolean): string[] {
  if (typeof value === 'string' && value.trimEnd().includes('\n')) {
    const lines = value.trimEnd().split('\n');
    return [`${key}:`, ...(whole ? lines : lastLines(lines)).map((line) => `    ${line}`)];
  }
  if (typeof value === 'string') return [`${key}: ${value.trimEnd()}`];
  const lines = dataLines(value);
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (lines.length === 1 && (!isMapping || lines[0] === '{}')) return [`${key}: ${lines[0]}`];
  return [`${key}:`, ...(whole ? lines : lines.slice(0, LINES_SHOWN)).map((line) => `    ${line}`)];
}

function lastLines(lines: string[]): string[] {
  const hidden = lines.length - LINES_SHOWN;
  return hidden > 1 ? [`… ${hidden} lines before these, -v shows them`, ...lines.slice(-LINES_SHOWN)] : lines;
}

function dataLines(value: unknown): string[] {
  if (Array.isArray(value) && value.every(isShort)) {
    const line = `[${value.map((each) => stringify(each, { lineWidth: 0 }).trimEnd()).join(', ')}]`;
    if (line.length <= LINE_LENGTH) return [line];
  }
  const text = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, flowCollectionPadding: false });
  return text.trimEnd().split('\n');
}

function isShort(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && !String(value).includes('\n'));
}
