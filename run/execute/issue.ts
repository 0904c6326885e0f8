import { setTimeout as sleep } from 'node:timers/promises';
import { float, int } from '../args.ts';
import { LamplighterError } from '../errors.ts';
import { JinjaError } from '../jinja/errors.ts';
import { toPlain } from '../jinja/values/plain.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { Unknown } from '../plan/signals.ts';
import type { ShellSession } from '../shell/protocol.ts';
import { raw, type Sh, settling } from '../shell/script.ts';
import type { StepReply, TaskResult } from '../task.ts';
import { HostOfAction } from './action-host.ts';
import { jobStart, jobToItsEnd, startedResult } from './async-job.ts';
import { withOwnMemory } from './check-alone.ts';
import { Context } from './context.ts';
import { failedResult, unknownResult } from './failed-result.ts';
import { isUnreachable } from './host-link.ts';
import type { HostRun } from './host-run.ts';
import type { LoopItem } from './loop.ts';
import { isComputed, judge, resultOf, withLines } from './outcome.ts';
import type { PlayState } from './play-state.ts';
import type { Work } from './prepare-item.ts';
import type { Prepared } from './prepare-task.ts';
import { keywordValue } from './settings.ts';

/** One item of a task under way. */
export interface Item {
  label: string;
  loop: LoopItem | undefined;
  /** Undefined: an item before it ended the loop. */
  result: Promise<TaskResult | undefined>;
  /** Nothing ran: `changed_when` and `failed_when` have no say. */
  isFinal?: boolean;
  /** What is taken as done until the result says otherwise; gives back how to undo it. */
  assumed?: () => (() => void)[];
  /** The step that brings the result, for guards of later steps. */
  stepId?: number;
}

type ModuleWork = Extract<Work, { kind: 'module' }>;
type Retry = (result: TaskResult, attempt: { left: number; retries: number }) => void;

/**
 * Starts a prepared task: steps are sent at once, one behind the other; what talks runs item by item. Results come later.
 * Nothing has been sent when it throws.
 * @returns the items in the order of the loop; undefined when the task turns out to need its slow way
 * @throws Pending where a template file reads a value that is still under way
 */
export async function issue(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  prepared: Prepared,
  onRetry: Retry,
): Promise<Item[] | undefined> {
  if (prepared.alone) return oneAfterTheOther(play, host, task, prepared, onRetry);
  const ready: (Item | { work: ModuleWork; context: Context; body: Sh })[] = [];
  for (const work of prepared.works) {
    const base = { label: work.item?.label() ?? '', loop: work.item };
    if (work.kind === 'known') {
      ready.push({ ...base, result: Promise.resolve(work.result), isFinal: work.isFinal });
    } else if (prepared.definition.evaluate) {
      ready.push({ ...base, ...evaluated(play, host, task, prepared, work) });
    } else {
      const context = contextOf(play, task, prepared, work);
      const body = await attempt(() => prepared.definition.step!(work.args, context));
      if ('trouble' in body) ready.push({ ...base, result: Promise.resolve(body.trouble) });
      else if (body.value === undefined) return undefined;
      else ready.push({ work, context, body: bodyOf(prepared, work, context, body.value) });
    }
  }
  return send(task, prepared, ready);
}

/** Sends the steps of one task, and behind a loop the gate that stops the batch when one of its items has failed. */
async function send(
  task: PlanTask,
  prepared: Prepared,
  ready: (Item | { work: ModuleWork; context: Context; body: Sh })[],
): Promise<Item[]> {
  const items: Item[] = [];
  const sentIds: number[] = [];
  let session: ShellSession | undefined;
  for (const each of ready) {
    if (!('body' in each)) {
      items.push(each);
      continue;
    }
    const { work, context, body } = each;
    const base = { label: work.item?.label() ?? '', loop: work.item };
    try {
      session ??= await work.way.link.session(work.settings.become, work.user);
    } catch (error) {
      items.push({ ...base, result: later(Promise.reject(error)) });
      continue;
    }
    const sent = session.send(requestOf(task, prepared, work, body));
    sentIds.push(sent.id);
    const result = sent.reply.then((reply) => stepResult(prepared, work, context, reply));
    items.push({ ...base, result: later(result), stepId: sent.id });
  }
  if (session && prepared.loop && !keepsGoing(task, prepared)) void later(session.send(gateRequest(sentIds)).reply);
  return items;
}

function stepResult(prepared: Prepared, work: ModuleWork, context: Context, reply: StepReply): TaskResult {
  if (reply.status === 'stopped')
    return { changed: false, failed: true, msg: 'not run: a step before it in the same shell had failed' };
  if (reply.status === 'guarded') return { changed: false, skipped: true, skip_reason: 'Conditional result was False' };
  if (work.settings.job) return startedResult(reply);
  return resultOf(prepared.definition, reply, work.args, context);
}

/** The step as it is sent: itself, or the start of a job that runs it. */
function bodyOf({ definition }: Prepared, { args, settings }: ModuleWork, context: Context, body: Sh): Sh {
  return settings.job ? jobStart(definition, args, body, context, settings.job.seconds) : body;
}

function evaluated(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  prepared: Prepared,
  work: ModuleWork,
): Pick<Item, 'assumed'> & { result: Promise<TaskResult> } {
  const context = contextOf(play, task, prepared, work);
  let result: TaskResult;
  try {
    result = toPlain(prepared.definition.evaluate!(work.args, context)) as TaskResult;
  } catch (error) {
    if (error instanceof Unknown) result = unknownResult(error);
    else if (error instanceof LamplighterError) result = failedResult(error);
    else throw error;
  }
  const facts = result.ansible_facts;
  if (!facts || result.failed) return { result: Promise.resolve(result) };
  // Later tasks may be prepared before this one is settled, so its variables hold from now on.
  const target = prepared.delegated && work.settings.delegateFacts ? prepared.delegated : host;
  return {
    result: Promise.resolve(result),
    assumed: () => Object.entries(facts).map(([name, value]) => target.variables.assign(name, value)),
  };
}

async function oneAfterTheOther(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  prepared: Prepared,
  onRetry: Retry,
): Promise<Item[]> {
  let before: Promise<TaskResult | undefined> = Promise.resolve(undefined);
  let seen: TaskResult | undefined;
  let judgeLast: ((raw: TaskResult) => TaskResult) | undefined;
  let ended = false;
  return [...prepared.works, ...prepared.later].map((planned, index): Item => {
    const item: Item = { label: planned.item?.label() ?? '', loop: planned.item, result: Promise.resolve(undefined) };
    item.result = before.then(async (previous) => {
      if (ended) return undefined;
      if (previous && judgeLast) seen = judgeLast(previous);
      const work = 'prepare' in planned ? await planned.prepare(seen) : planned;
      judgeLast = work.kind === 'known' ? undefined : (raw) => seenBy(play, task, work, raw);
      if (work.kind === 'known') {
        item.isFinal = work.isFinal;
        ended = 'prepare' in planned && work.result.failed === true && work.isFinal;
        if (ended) prepared.isCut = true;
        return work.result;
      }
      const pause = index > 0 ? (work.item?.pauseSeconds ?? 0) : 0;
      if (pause > 0) await sleep(pause * 1000, undefined, { signal: play.run.signal });
      return task.node.until
        ? untilDone(play, host, task, prepared, work, onRetry)
        : once(play, host, task, prepared, work);
    });
    // A host out of reach ends the loop; any other failure of an item does not.
    before = item.result;
    void later(item.result);
    return item;
  });
}

/** The result of an item as the one behind it may look at it. */
function seenBy(play: PlayState, task: PlanTask, work: Work, raw: TaskResult): TaskResult {
  const result = { ...raw, ...work.item?.keys };
  if (result.skipped || result.unknown !== undefined) return result;
  return judge(task.node, withLines(result), work.scope, play.run.templar);
}

/** Runs one item to its result, waiting. */
async function once(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  prepared: Prepared,
  work: ModuleWork,
): Promise<TaskResult> {
  const { definition } = prepared;
  if (definition.evaluate) return evaluated(play, host, task, prepared, work).result;
  const context = contextOf(play, task, prepared, work);
  const body = definition.step ? await attempt(() => definition.step!(work.args, context)) : { value: undefined };
  if ('trouble' in body) return body.trouble;
  const { job } = work.settings;
  if (body.value && job && job.poll > 0) {
    const acting = actionHost(play, host, task, prepared, work, play.run.signal);
    const start = bodyOf(prepared, work, context, body.value);
    return jobToItsEnd(acting, play.run.modules, start, job);
  }
  if (body.value) {
    const session = await work.way.link.session(work.settings.become, work.user, work.on !== host);
    const step = bodyOf(prepared, work, context, body.value);
    const sent = session.send({ ...requestOf(task, prepared, work, step), keepGoing: true });
    return stepResult(prepared, work, context, await sent.reply);
  }
  if (job?.poll === 0) return { changed: false, failed: true, msg: 'async is not supported for this task.' };
  // For what is driven from here `async` is a limit on its time.
  const timeoutSeconds = job?.seconds ?? work.settings.timeoutSeconds;
  const limit = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = limit ? AbortSignal.any([play.run.signal, limit]) : play.run.signal;
  const outcome = await attempt(() =>
    definition.action!(work.args, actionHost(play, host, task, prepared, work, signal)),
  );
  if (limit?.aborted)
    return {
      failed: true,
      changed: false,
      msg: `The ${task.node.moduleName} action failed to execute in the expected time frame (${timeoutSeconds}) and was terminated`,
    };
  return 'trouble' in outcome ? outcome.trouble : outcome.value;
}

/** `until`, `retries`, `delay`. Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_loops.html#retrying-a-task-until-a-condition-is-met */
async function untilDone(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  prepared: Prepared,
  work: ModuleWork,
  onRetry: Retry,
): Promise<TaskResult> {
  const { node } = task;
  const { templar } = play.run;
  const number = (value: unknown, keyword: string, otherwise: number): number =>
    value === undefined
      ? otherwise
      : keywordValue<number>(
          keyword === 'delay' ? float() : int(),
          templar.value(value, work.scope, node.place),
          keyword,
          node.place,
        );
  const retries = Math.max(0, number(node.retries, 'retries', 3));
  const wished = number(node.delay, 'delay', 5);
  const delay = wished < 0 ? 1 : wished;
  for (let attempt = 1; ; attempt++) {
    const result = judge(node, withLines(await once(play, host, task, prepared, work)), work.scope, templar);
    if (result.unknown !== undefined || result.skipped) return result;
    result.attempts = attempt;
    // Without a second try the condition is not asked, as in Ansible.
    if (retries === 0) return result;
    const view = node.register ? work.scope.with({ [node.register]: result }) : work.scope;
    if (templar.firstFalse(node.until!, view) === undefined) return result;
    if (attempt > retries) return { ...result, attempts: retries, failed: true };
    onRetry(result, { left: retries - attempt + 1, retries: retries + 1 });
    await sleep(delay * 1000, undefined, { signal: play.run.signal });
  }
}

function requestOf(
  task: PlanTask,
  prepared: Prepared,
  work: ModuleWork,
  body: Sh,
): Parameters<ShellSession['send']>[0] {
  const { settings, guard } = work;
  return {
    body: withOwnMemory(settings, body),
    keepGoing: prepared.loop || keepsGoing(task, prepared) || prepared.delegated !== undefined,
    check: settings.check,
    diff: settings.diff,
    environment: settings.environment,
    solo: prepared.definition.solo === true,
    place: prepared.within?.place,
    ...(guard ? { guard } : {}),
    ...(settings.timeoutSeconds === undefined ? {} : { timeoutSeconds: settings.timeoutSeconds }),
  };
}

/** Whether a step that fails on the host lets those behind it run: it is ignored, or the controller decides. */
function keepsGoing(task: PlanTask, prepared: Prepared): boolean {
  return (
    prepared.settings.ignoreErrors ||
    isComputed(task.node.failedWhen) ||
    task.node.failedWhen?.some((each) => each.expression === false) === true
  );
}

/** Behind a loop: stops the batch when one of the items has failed. */
function gateRequest(ids: number[]): Parameters<ShellSession['send']>[0] {
  const test = raw(ids.map((id) => `! ll_was ${id} failed`).join(' && '));
  return {
    body: settling(test, raw('return 1')),
    keepGoing: false,
    check: false,
    diff: false,
    environment: {},
    solo: false,
  };
}

function contextOf(play: PlayState, task: PlanTask, { within }: Prepared, work: ModuleWork): Context {
  const host = { name: work.on.name, user: work.user, block: within?.block };
  return new Context(play.run, task, work.scope, work.settings, host);
}

function actionHost(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  prepared: Prepared,
  work: ModuleWork,
  signal: AbortSignal,
): HostOfAction {
  return new HostOfAction({
    run: play.run,
    task,
    scope: work.scope,
    settings: work.settings,
    host: work.on.name,
    link: work.way.link,
    isVisit: work.on !== host,
    user: work.user,
    ...(prepared.within ? { within: prepared.within } : {}),
    signal,
    others: (name) => otherHost(play, task, name, signal),
  });
}

function otherHost(play: PlayState, task: PlanTask, name: string, signal: AbortSignal): HostOfAction | undefined {
  const other = play.run.host(name);
  if (!other) return undefined;
  const scope: VariableScope = play.connectionScope(other);
  const user = scope.value('ansible_user') ?? scope.value('ansible_ssh_user') ?? '';
  return new HostOfAction({
    run: play.run,
    task,
    scope,
    settings: play.settingsFor(task, scope),
    host: name,
    link: other.via({}).link,
    isVisit: true,
    user: String(user),
    signal,
    others: (another) => otherHost(play, task, another, signal),
  });
}

/** Runs a module's own code: its failure, or a value it cannot know, is a result; a host out of reach goes on. */
async function attempt<T>(make: () => T | Promise<T>): Promise<{ value: T } | { trouble: TaskResult }> {
  try {
    return { value: await make() };
  } catch (error) {
    if (error instanceof Unknown) return { trouble: unknownResult(error) };
    if (error instanceof LamplighterError && !isUnreachable(error)) return { trouble: failedResult(error) };
    // A regular expression or a replacement that is wrong, found where the text was at hand.
    if (error instanceof JinjaError) return { trouble: { failed: true, changed: false, msg: error.message } };
    throw error;
  }
}

/** A promise whose rejection is looked at when its turn comes. */
function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
