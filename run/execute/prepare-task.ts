import { int, str } from '../args.ts';
import { LamplighterError } from '../errors.ts';
import { truthy } from '../jinja/values/truth.ts';
import { guardOf } from '../plan/guard.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { Pending, Unknown } from '../plan/signals.ts';
import { type Sh, sh } from '../shell/quote.ts';
import type { TaskDefinition, TaskResult } from '../task.ts';
import { Context } from './context.ts';
import { failedResult, unknownResult } from './failed-result.ts';
import type { HostRun, Way } from './host-run.ts';
import { laneName } from './lane.ts';
import { type LoopItem, loopItems } from './loop.ts';
import type { PlayRun } from './play-run.ts';
import { argumentsOf, moduleOf } from './prepare.ts';
import { keywordValue, type Settings, settingsOf } from './settings.ts';

/** Ansible's DEFAULT_POLL_INTERVAL. */
const DEFAULT_POLL = 15;

/** What is to be done for one item of a task (the only one, without a loop). */
export type Work = { item: LoopItem | undefined; scope: VariableScope; settings: Settings } & (
  | { kind: 'known'; result: TaskResult }
  | { kind: 'module'; args: Record<string, unknown>; guard: Sh | undefined; way: Way; on: HostRun; user: string }
);

/** A task on one host, with all that is known before it acts. */
export interface Prepared {
  name: string;
  definition: TaskDefinition;
  works: Work[];
  loop: boolean;
  settings: Settings;
  /** No module runs: skipped, or failed before it began. */
  early: boolean;
  /** It needs the host's shell or its result at once: nothing travels with it. */
  alone: boolean;
  /** It needs the host. */
  talks: boolean;
  /** Tasks of one lane run in one shell, in order. */
  lane: string;
  delegated: HostRun | undefined;
}

/**
 * Evaluates a task for a host: loop, conditions, arguments. What fails here is the task's failure.
 * @throws Pending where a value is still under way
 */
export async function prepareTask(
  play: PlayRun,
  host: HostRun,
  task: PlanTask,
  scope: VariableScope,
): Promise<Prepared> {
  const { run } = play;
  const name = play.taskName(task, scope);
  let definition: TaskDefinition = task.node.moduleName.includes('{{')
    ? unknownModule(task)
    : ((await run.modules.find(task.node.moduleName)) ?? unknownModule(task));

  let items: LoopItem[] | undefined;
  try {
    items = await loopItems(play, host, task, scope);
  } catch (error) {
    return play.unprepared(task, scope, loopFailure(run.templar, task, scope, error));
  }

  const works: Work[] = [];
  let delegated: HostRun | undefined;
  let lane = '';
  let facts: Record<string, unknown> = {};
  for (const item of items ?? [undefined]) {
    const own = item ? scope.with({ ...facts, ...item.variables }) : scope;
    let settings: Settings | undefined;
    try {
      const condition = conditionOf(play, host, task, own, items !== undefined);
      if (condition.skip) {
        works.push({ kind: 'known', item, scope: own, settings: noLogOnly(play, task, own), result: condition.skip });
        continue;
      }
      const on = play.delegatedTo(task, own, host);
      if (on !== host) delegated = on;
      const acting = on === host ? own : play.connectionScope(on);
      settings = settingsOf(run, task.keywords, own, acting, task.node.place);
      definition = await moduleOf(run, task, own);
      settings = withJob(play, task, own, settings, definition);
      const args = argumentsOf(run, task, definition, own);
      for (const secret of definition.secrets ?? []) if (typeof args[secret] === 'string') run.secret(args[secret]);
      const way = on.via(on === host ? play.routeOf(task, own) : {});
      const user = definition.step || definition.action ? (await way.target()).user : '';
      if (settings.become && settings.become.user === user) settings = { ...settings, become: undefined };
      const early = jobRefusal(definition, settings) ?? earlyResult(definition, settings);
      if (early) {
        works.push({ kind: 'known', item, scope: own, settings, result: early });
        continue;
      }
      lane = laneName(on, way, settings.become);
      // A guard is the shell's own knowledge: another shell, or what runs on the controller, must wait for the result.
      if (condition.guard && (!definition.step || definition.solo || on !== host || play.laneOf(host) !== lane))
        throw condition.guard.pending;
      works.push({ kind: 'module', item, scope: own, settings, args, guard: condition.guard?.test, way, on, user });
      // An item sees what set_fact made of those before it.
      if (item && definition.name.endsWith('.set_fact')) {
        const context = new Context(run, task, own, settings, { name: on.name, user });
        facts = { ...facts, ...(await definition.evaluate?.(args, context))?.ansible_facts };
      }
    } catch (error) {
      const result = troubleResult(error);
      works.push({ kind: 'known', item, scope: own, settings: settings ?? play.settingsOfFailure(task, own), result });
      // An item that cannot be evaluated ends the loop; one whose module fails does not.
      if (result.failed) break;
    }
  }

  const modules = works.filter((work) => work.kind === 'module');
  const talks = modules.length > 0 && definition.evaluate === undefined && !definition.control;
  return {
    name,
    definition,
    works,
    loop: items !== undefined,
    settings: (works.find((work) => !skipped(work)) ?? works[0])?.settings ?? play.plainSettings(),
    early: modules.length === 0,
    alone:
      modules.length > 0 &&
      (task.node.until !== undefined ||
        (talks &&
          (definition.step === undefined ||
            delegated !== undefined ||
            definition.solo === true ||
            modules.some((work) => (work.settings.job?.poll ?? 0) > 0)))),
    talks,
    lane,
    delegated,
  };
}

function skipped(work: Work): boolean {
  return work.kind === 'known' && work.result.skipped === true;
}

/** Whether the task runs: by `when` now, or (a condition on results still under way) by a guard on the host. */
function conditionOf(
  play: PlayRun,
  host: HostRun,
  task: PlanTask,
  scope: VariableScope,
  looped: boolean,
): { skip?: TaskResult; guard?: { test: Sh; pending: Pending } } {
  const guards: Sh[] = [];
  let pending: Pending | undefined;
  for (const condition of task.keywords.when) {
    try {
      if (!play.run.templar.condition(condition, scope))
        return {
          skip: {
            changed: false,
            skipped: true,
            skip_reason: 'Conditional result was False',
            false_condition: condition.expression,
          },
        };
    } catch (error) {
      if (error instanceof Pending) {
        const guard = looped
          ? undefined
          : guardOf(play.run.templar, condition, (register) => play.stepOf(host, register));
        if (!guard) throw error;
        guards.push(guard);
        pending = error;
      } else if (error instanceof LamplighterError) {
        throw new LamplighterError(
          error.code,
          `The conditional check '${condition.expression}' failed. The error was: ${error.message}`,
          {
            place: condition.place,
            hint: error.hint,
            cause: error,
          },
        );
      } else throw error;
    }
  }
  return pending ? { guard: { test: allOf(guards), pending } } : {};
}

function allOf(guards: Sh[]): Sh {
  return guards.reduce((left, right) => sh`${left} && ${right}`);
}

/** `async` and `poll`; for what is driven from here `async` is a limit on its time. */
function withJob(
  play: PlayRun,
  task: PlanTask,
  scope: VariableScope,
  settings: Settings,
  definition: TaskDefinition,
): Settings {
  const { place } = task.node;
  const seconds = (written: unknown, keyword: string, otherwise: number): number =>
    written === undefined
      ? otherwise
      : keywordValue<number>(int(), play.run.templar.value(written, scope, place), keyword, place);
  const limit = seconds(task.node.async, 'async', 0);
  if (limit <= 0) return settings;
  const job = { seconds: limit, poll: Math.max(0, seconds(task.node.poll, 'poll', DEFAULT_POLL)) };
  return definition.step ? { ...settings, job } : { ...settings, job, timeoutSeconds: limit };
}

/**
 * Why a task cannot be a job, in Ansible's words.
 * Source: ActionBase.run of ansible/plugins/action/__init__.py
 */
function jobRefusal(definition: TaskDefinition, { job, check }: Settings): TaskResult | undefined {
  if (!job) return undefined;
  const unwatched = definition.step === undefined && job.poll === 0;
  if (definition.evaluate || definition.control || unwatched)
    return { changed: false, failed: true, msg: 'async is not supported for this task.' };
  if (!check) return undefined;
  return { changed: false, failed: true, msg: 'check mode and async cannot be used on same task.' };
}

/** What a module's nature decides in check mode, before anything is sent. */
function earlyResult(definition: TaskDefinition, settings: Settings): TaskResult | undefined {
  if (!settings.check || definition.checkMode !== 'none') return undefined;
  return { changed: false, skipped: true, unknown: 'would run: check mode cannot know its outcome' };
}

function troubleResult(error: unknown): TaskResult {
  if (error instanceof Unknown) return unknownResult(error);
  if (error instanceof LamplighterError) return failedResult(error);
  throw error;
}

/** A loop over what is not defined is no failure where `when` says that the task does not run. */
function loopFailure(
  templar: PlayRun['run']['templar'],
  task: PlanTask,
  scope: VariableScope,
  error: unknown,
): TaskResult {
  const result = troubleResult(error);
  try {
    const no = templar.firstFalse(task.keywords.when, scope);
    if (no)
      return {
        changed: false,
        skipped: true,
        skip_reason: 'Conditional result was False',
        false_condition: no.expression,
      };
  } catch (trouble) {
    if (trouble instanceof Pending) throw trouble;
  }
  return result;
}

/** A skipped task has no settings to evaluate but whether its names may be shown. */
function noLogOnly(play: PlayRun, task: PlanTask, scope: VariableScope): Settings {
  const { noLog } = task.keywords;
  if (noLog === undefined) return play.plainSettings();
  return { ...play.plainSettings(), noLog: truthy(play.run.templar.value(noLog, scope, task.node.place)) };
}

/** Stands for a module until its name is known, so that a task that `when` skips needs none. */
export function unknownModule(task: PlanTask): TaskDefinition {
  return { name: task.node.moduleName, summary: '', args: str() as never, checkMode: 'reads' };
}
