import { escaped } from './escape.ts';
import { placeText } from './place.ts';
import { failureLines } from './result-text.ts';
import { type LoggedPlay, RunLog } from './run-log.ts';
import type { ResultEvent } from './timeline.ts';

type TaskEvent = Extract<ResultEvent, { event: 'task' }>;

/**
 * The run as JUnit XML, which CI systems show: a suite a play, a case a task and host. A failure that was ignored or rescued
 * is none. Source: https://github.com/testmoapp/junitxml
 */
export function junitOf(log: RunLog, cwd: string): string {
  const suites = log.plays.map((play) => suiteOf(play, log, cwd));
  const total = (key: 'tests' | 'failures' | 'errors' | 'skipped'): number =>
    suites.reduce((sum, { counts }) => sum + counts[key], 0);
  const head = `tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}" skipped="${total('skipped')}"`;
  const time = log.seconds === undefined ? '' : ` time="${log.seconds.toFixed(3)}"`;
  const body = suites.map(({ text }) => text).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(log.playbooks.join(' '))}" ${head}${time}>\n${body}</testsuites>\n`;
}

function suiteOf(play: LoggedPlay, log: RunLog, cwd: string) {
  const events = play.tasks.flatMap((task) =>
    RunLog.inOrder(play, task).flatMap(([, each]) =>
      each.filter((event): event is TaskEvent => event.event === 'task'),
    ),
  );
  const counts = { tests: events.length, failures: 0, errors: 0, skipped: 0 };
  let time = 0;
  const cases = events.map((event) => {
    time += event.seconds;
    const [kind, text] = outcomeOf(event, cwd);
    if (kind) counts[kind]++;
    return caseOf(event, text, cwd);
  });
  const head = `tests="${counts.tests}" failures="${counts.failures}" errors="${counts.errors}" skipped="${counts.skipped}"`;
  const when = `timestamp="${log.started.toISOString().replace(/\.\d+Z$/, '')}" time="${time.toFixed(3)}"`;
  const text = `  <testsuite name="${escaped(play.title)}" ${head} ${when}>\n${cases.join('')}  </testsuite>\n`;
  return { text, counts };
}

function caseOf(event: TaskEvent, outcome: string, cwd: string): string {
  const { task, host, seconds } = event;
  const name = `[${host}] ${task.name}`;
  const place = escaped(placeText(task.place, cwd));
  const head = `<testcase classname="${place}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  return outcome === '' ? `    ${head}/>\n` : `    ${head}>\n      ${outcome}\n    </testcase>\n`;
}

function outcomeOf(event: TaskEvent, cwd: string): [kind: 'failures' | 'errors' | 'skipped' | undefined, text: string] {
  const { status, ignored, rescued, result, unknown, task } = event;
  if (status === 'skipped' || unknown !== undefined) {
    const reason = unknown ?? String(result.skip_reason ?? '');
    return ['skipped', reason === '' ? '<skipped/>' : `<skipped message="${escaped(reason)}"/>`];
  }
  if (status !== 'failed' && status !== 'unreachable') return [undefined, ''];
  const lines = failureLines(result, false);
  const text = [...lines, `at ${placeText(task.place, cwd)}`].join('\n');
  if (ignored || rescued)
    return [undefined, `<system-out>${escaped(`${ignored ? 'ignored' : 'rescued'}: ${text}`)}</system-out>`];
  const [kind, element] = status === 'failed' ? (['failures', 'failure'] as const) : (['errors', 'error'] as const);
  return [kind, `<${element} type="${status}" message="${escaped(lines[0] ?? status)}">${escaped(text)}</${element}>`];
}
