import { readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';

/*
 * What a run did, by ansible-playbook or by Lamplighter, in one form; and the differences between two of them.
 */

type Fields = Record<string, unknown>;

/** One result of a task on a host, of the keys that both tools promise. */
interface Step {
  task: string;
  status: string;
  ignored: boolean;
  result: Fields;
  /** Why it failed, told and not compared. */
  why?: unknown;
}

export interface Run {
  code: number;
  steps: Record<string, Step[]>;
  recap: Record<string, Fields>;
  /** path -> mode and contents, below the run's own directory. */
  files: Record<string, string>;
  output: string;
}

/** A difference that is wanted, and why. */
export interface Expected {
  task: string;
  reason: string;
}

/** Keys of a result whose values must be the same. */
const PROMISED = [
  'msg',
  'stdout',
  'stdout_lines',
  'rc',
  'attempts',
  'failed_when_result',
  'ansible_facts',
  'ansible_loop_var',
  'ansible_index_var',
  'ansible_loop',
  'censored',
];
/** Keys of a registered result that are not compared. */
const FLEETING = new Set(['start', 'end', 'delta', 'invocation', 'warnings', 'deprecations']);
/** Modules whose failures say what the playbook says; other messages are each tool's own. */
const OWN_WORDS = new Set(['fail', 'assert', 'debug']);
/** Modules that return what the playbook names. */
const FREE_KEYS = new Set(['debug', 'set_fact', 'group_by']);

/** A run from its lines of JSON. `scratch` is the directory it had for itself; its path is not compared. */
export function readRun(
  lines: string,
  more: { code: number; output: string; scratch: string; files: Run['files'] },
): Run {
  const events: Fields[] = lines
    .replaceAll(more.scratch, 'SCRATCH')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const steps: Run['steps'] = {};
  for (const event of events) {
    // What becomes of a meta is seen in what follows; ansible-playbook tells only of some that are skipped.
    if (event.event !== 'task' || /(?:^|\.)meta$/.test(String(event.module))) continue;
    const host = String(event.host);
    steps[host] ??= [];
    steps[host].push(stepOf(event));
  }
  const recap = (events.findLast((event) => event.event === 'recap')?.hosts ?? {}) as Run['recap'];
  return { code: more.code, steps, recap, files: more.files, output: more.output };
}

function stepOf(event: Fields): Step {
  const module = posix.extname(`.${String(event.module)}`).slice(1);
  const status = String(event.status);
  const result = event.result as Fields;
  return {
    task: String(event.task).replaceAll('ansible.builtin.', ''),
    status,
    ignored: event.ignored === true,
    result: viewOf(result, module, status),
    ...(status === 'failed' ? { why: result.msg } : {}),
  };
}

/** The promised part of a result, with that of its items. */
function viewOf(result: Fields, module: string, status: string): Fields {
  const view: Fields = {};
  for (const [key, value] of Object.entries(result)) {
    if (key.startsWith('_ansible') || key === 'results' || value === undefined) continue;
    const free = FREE_KEYS.has(module) && !['changed', 'failed', 'skipped'].includes(key);
    if (key === 'failed_when_result' && typeof value !== 'boolean') continue;
    if (PROMISED.includes(key) || (free && status !== 'skipped' && status !== 'failed')) view[key] = steady(value);
  }
  for (const key of [result.ansible_loop_var, result.ansible_index_var])
    if (typeof key === 'string') view[key] = steady(result[key]);
  if (status === 'failed' && !OWN_WORDS.has(module)) delete view.msg;
  if (status === 'failed' && isEmpty(view.ansible_facts)) delete view.ansible_facts;
  if (view.msg === '') delete view.msg;
  if (Array.isArray(result.results) && result.results.every((each) => typeof each === 'object' && each !== null))
    view.results = result.results.map((each: Fields) => {
      const own = each.failed ? 'failed' : each.skipped ? 'skipped' : each.changed ? 'changed' : 'ok';
      return { status: own, ...viewOf(each, module, own) };
    });
  return view;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A value without what no two runs have in common, as in a result that was registered. */
function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (FLEETING.has(key) ? [] : [[key, steady(each)]])),
  );
}

/** What is different in ours, a line each; nothing where both did the same. */
export function differences(theirs: Run, ours: Run, expected: readonly Expected[] = []): string[] {
  const found: string[] = [];
  const byText = new Map<string, string[]>();
  const wanted = (task: string): boolean => expected.some((each) => each.task === task);
  // Ansible ends with 4, its code for hosts out of reach, also for what it cannot read; here that is 1.
  const code = theirs.code === 4 && Object.keys(theirs.recap).length === 0 ? 1 : theirs.code;
  if (code !== ours.code && !wanted('exit code')) found.push(`exit code: ${code} became ${ours.code}`);
  for (const host of union(theirs.steps, ours.steps)) {
    const drop = (steps: Step[] = []): Step[] => steps.filter((step) => !wanted(step.task));
    const [left, right] = [drop(theirs.steps[host]), drop(ours.steps[host])];
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const [a, b] = [left[i], right[i]];
      if (text({ ...a, why: 0 }) === text({ ...b, why: 0 })) continue;
      note(host, `result ${i + 1}:\n    theirs ${text(a)}\n    ours   ${text(b)}`);
      // What follows is of no use when they took different ways.
      if (a?.task !== b?.task || (a?.status !== b?.status && (a?.status === 'failed' || b?.status === 'failed'))) break;
    }
  }
  if (!wanted('recap'))
    for (const host of union(theirs.recap, ours.recap)) compare(host, 'recap', theirs.recap[host], ours.recap[host]);
  if (!wanted('files'))
    for (const file of union(theirs.files, ours.files)) compare('file', file, theirs.files[file], ours.files[file]);
  for (const [difference, hosts] of byText) found.push(`${hosts.join(' ')}: ${difference}`);
  return found;

  function compare(host: string, what: string, a: unknown, b: unknown): void {
    if (text(a) !== text(b)) note(host, `${what}:\n    theirs ${text(a)}\n    ours   ${text(b)}`);
  }

  /** What is the same on several hosts is told once. */
  function note(host: string, difference: string): void {
    byText.set(difference, [...(byText.get(difference) ?? []), host]);
  }
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** JSON with sorted keys. */
function text(value: unknown): string {
  const sorted = (_: string, each: unknown): unknown =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([x], [y]) => (x < y ? -1 : 1)))
      : each;
  return JSON.stringify(value, sorted) ?? 'nothing';
}

/** What a case's first comment says. */
export interface Case {
  /** The arguments of each run; `CASE` in them is the case's folder, and a `-i` stands for the common inventory. */
  runs: string[][];
  expected: Expected[];
  /** Both are to end before any task. Without it a case that runs nothing is a mistake of its own. */
  refused: boolean;
}

/**
 * `# run: ARGUMENTS` (a line for each run of it), `# differs: TASK: REASON` for differences that are wanted, where TASK may
 * also be `exit code`, `recap` or `files`, and `# refused: REASON`.
 */
export function readCase(file: string): Case {
  const runs: string[][] = [];
  const expected: Expected[] = [];
  let refused = false;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.startsWith('#')) break;
    const [, key, value] = /^# (run|differs|refused): *(.*)$/.exec(line) ?? [];
    if (key === 'refused') refused = true;
    if (key === 'run') runs.push((value!.match(/'[^']*'|\S+/g) ?? []).map((word) => wordOf(word, dirname(file))));
    const [, task, reason] = key === 'differs' ? (/^((?:\S+ : )?.*?): (.*)$/.exec(value!) ?? []) : [];
    if (task && reason) expected.push({ task, reason });
  }
  return { runs: runs.length > 0 ? runs : [[]], expected, refused };
}

function wordOf(word: string, folder: string): string {
  return word.replace(/^'|'$/g, '').replace(/\bCASE\b/g, folder);
}

/** What is wrong with a case that both run alike: nothing of it ran, or something did that should have been refused. */
export function emptiness(run: Run, refused: boolean): string | undefined {
  const ran = Object.keys(run.steps).length > 0;
  if (ran === !refused) return undefined;
  return ran ? 'a task ran, and the case says that both refuse it' : 'no task ran: is that what the case is for?';
}
