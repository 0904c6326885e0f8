import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../errors.ts';
import { shellFunctions } from '../modules/shell-file.ts';
import type { ModuleCatalogue } from '../playbook/catalogue.ts';
import { stepReply } from '../shell/reply.ts';
import { calling, lines, type Sh, sh } from '../shell/script.ts';
import type { ActionHost, StepReply, TaskContext, TaskDefinition, TaskResult } from '../task.ts';
import { isUnreachable } from './host-link.ts';
import { resultOf, withLines } from './outcome.ts';

/*
 * `async`: a module's step left running on the host, by itself, and what became of it. The job's file there holds all that
 * is needed to tell, so that a later run can ask too.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_async.html
 */

const FUNCTIONS = shellFunctions(new URL('../modules/async-job.sh', import.meta.url));
/** One look at a job holds the host's shell for no longer. */
const LONGEST_LOOK_SECONDS = 10;

/** Between two looks at a host that is out of reach. */
const AWAY_MS = 1000;

/** `async` and `poll` of a task, in seconds; `poll` 0 leaves it running. */
export interface JobLimits {
  seconds: number;
  poll: number;
}

/** What a job's file says of the step, for whoever reads it. */
interface Head {
  module: string;
  args: Record<string, unknown>;
  seconds: number;
  mark: string;
}

/** The step that starts `body` as a job. Arguments that are secret stay out of the job's file. */
export function jobStart(
  definition: TaskDefinition,
  args: Record<string, unknown>,
  body: Sh,
  context: TaskContext,
  seconds: number,
): Sh {
  const shown = Object.entries(args).filter(([name]) => !definition.secrets?.includes(name));
  const head = JSON.stringify(
    { module: definition.name, args: Object.fromEntries(shown), seconds },
    (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
  );
  const id = `j${randomInt(1e12)}.${randomInt(1000, 100_000)}`;
  // A later run reads the job without what this one knows.
  const known = Object.entries(body.fields).map(([name, value]) => `${sh`ll_ret ${name} ${value}`}\n`);
  // The mark is the session's own, which only the host's shell can add here.
  return lines(
    FUNCTIONS,
    ...body.libraries.map(calling),
    sh`x_job ${directory(context)} ${id} ${seconds} ${context.diff ? 'd' : '-'} "$ll_mark "${head} ${known.join('') + body.text}`,
  );
}

/** What a task says whose job has been started. */
export function startedResult(reply: StepReply): TaskResult {
  if (reply.status !== 'changed')
    return { changed: false, failed: true, msg: reply.fields.msg ?? 'the job was not started' };
  const { ansible_job_id, results_file } = reply.fields;
  return { changed: true, failed: false, started: 1, finished: 0, ansible_job_id, results_file };
}

/**
 * What became of a job: the result of its module once it has ended, after `waitSeconds` at most.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/async_status_module.html
 */
export async function jobStatus(
  host: ActionHost,
  modules: ModuleCatalogue,
  id: string,
  waitSeconds = 0,
): Promise<TaskResult> {
  const base = { ansible_job_id: id, started: 1, finished: 0, stdout: '', stderr: '' };
  if (!isName(id)) return withLines({ ...base, ...notFound(`${directory(host)}/${id}`) });
  const wait = Math.min(LONGEST_LOOK_SECONDS, waitSeconds);
  const look = await host.run(lines(FUNCTIONS, sh`x_job_status ${directory(host)} ${id} ${wait}`), { readOnly: true });
  const { path, job, msg } = look.fields;
  const found = { ...base, results_file: path };
  if (look.status === 'failed')
    return withLines({ ...found, finished: 1, changed: false, failed: true, msg: msg ?? look.stderr });
  if (job === undefined) return withLines({ ...found, changed: false });
  const result = await resultOfJob(Buffer.from(job, 'base64'), host, modules);
  return withLines({ ...found, ...result, finished: 1 });
}

/** Forgets a job: its file goes, what still runs goes on. */
export async function eraseJob(host: ActionHost, id: string): Promise<TaskResult> {
  const base = { ansible_job_id: id, started: 0, finished: 0, stdout: '', stderr: '', changed: false };
  if (!isName(id)) return withLines({ ...base, started: 1, ...notFound(undefined) });
  const reply = await host.run(lines(FUNCTIONS, sh`x_job_erase ${directory(host)} ${id}`), { readOnly: true });
  const erased = reply.fields.path;
  if (reply.status === 'failed')
    return withLines({ ...base, started: 1, finished: 1, erased, failed: true, msg: reply.fields.msg });
  return withLines({ ...base, erased });
}

/** Starts a job and waits for its end, looking again at a host that was out of reach meanwhile. */
export async function jobToItsEnd(
  host: ActionHost,
  modules: ModuleCatalogue,
  start: Sh,
  limits: JobLimits,
): Promise<TaskResult> {
  const started = startedResult(await host.run(start));
  if (started.failed) return started;
  const id = String(started.ansible_job_id);
  const end = performance.now() + limits.seconds * 1000;
  for (;;) {
    const left = Math.ceil((end - performance.now()) / 1000);
    let result: TaskResult;
    try {
      result = await jobStatus(host, modules, id, Math.max(0, Math.min(limits.poll, left)));
    } catch (error) {
      if (left <= 0 || !isUnreachable(error)) throw error;
      await sleep(AWAY_MS, undefined, { signal: host.signal });
      continue;
    }
    if (result.finished === 1) {
      await eraseJob(host, id);
      return result;
    }
    if (left > 0) continue;
    const msg = `async task did not complete within the requested time - ${limits.seconds}s`;
    return { changed: false, failed: true, msg, async_result: result };
  }
}

function directory(context: TaskContext): string {
  return String(context.variable('ansible_async_dir') ?? '~/.ansible_async');
}

/** What no other directory's file could be reached by. */
function isName(id: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(id);
}

function notFound(results_file: string | undefined): TaskResult {
  return { ...(results_file ? { results_file } : {}), finished: 1, failed: true, msg: 'could not find job' };
}

/** @throws LamplighterError MODULE_FAILED for a file that is no job's */
async function resultOfJob(file: Buffer, host: ActionHost, modules: ModuleCatalogue): Promise<TaskResult> {
  const firstEnd = file.indexOf('\n');
  const secondEnd = file.indexOf('\n', firstEnd + 1);
  const head = headOf(file.toString('utf8', 0, firstEnd));
  const definition = head && (await modules.find(head.module));
  const words = /^end (\d+) (\d+) (\d+) (\d+)$/.exec(file.toString('utf8', firstEnd + 1, secondEnd));
  if (!head || !definition || !words)
    throw new LamplighterError('MODULE_FAILED', 'Could not parse job output: its file was not written by Lamplighter');
  const [status, seconds, stdout, stderr] = words.slice(1).map(Number) as [number, number, number, number];
  const body = file.subarray(secondEnd + 1);
  const reply = stepReply({
    status,
    seconds,
    stdout: body.subarray(0, stdout),
    stderr: body.subarray(stdout, stdout + stderr),
    fields: body.subarray(stdout + stderr),
    mark: head.mark,
    lateMessage: 'Timeout exceeded',
  });
  return resultOf(definition, reply, head.args, host);
}

function headOf(line: string): Head | undefined {
  const [mark = '', ...rest] = line.split(' ');
  try {
    const head = JSON.parse(rest.join(' ')) as Omit<Head, 'mark'>;
    return typeof head.module === 'string' && typeof head.args === 'object' ? { ...head, mark } : undefined;
  } catch {
    return undefined;
  }
}
