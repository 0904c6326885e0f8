import { int } from '../args.ts';
import { LamplighterError } from '../errors.ts';
import { truthy } from '../jinja/values/truth.ts';
import { guardOf } from '../plan/guard.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { Pending, Unknown } from '../plan/signals.ts';
import { type Sh, sh } from '../shell/script.ts';
import type { TaskDefinition, TaskResult } from '../task.ts';
import { failedResult, unknownResult } from './failed-result.ts';
import type { HostRun, Way } from './host-run.ts';
import { laneName } from './lane.ts';
import type { LoopItem } from './loop.ts';
import type { PlayState } from './play-state.ts';
import { argumentsOf, moduleOf } from './prepare.ts';
import { keywordValue, type Settings, settingsOf } from './settings.ts';

/** Ansible's DEFAULT_POLL_INTERVAL. */
const DEFAULT_POLL = 15;

const ARGUMENT_CODES: ReadonlySet<string> = new Set(['BAD_ARGUMENT', 'MISSING_ARGUMENT', 'UNKNOWN_ARGUMENT']);

/** What is to be done for one item of a task (the only one, without a loop). */
export type Work = { item: LoopItem | undefined; scope: VariableScope; settings: Settings } & (
  | {
      kind: 'known';
      result: TaskResult;
      /** Nothing ran, not even in part: `changed_when` and `failed_when` have no say. */
      isFinal: boolean;
    }
  | { kind: 'module'; args: Record<string, unknown>; guard: Sh | undefined; way: Way; on: HostRun; user: string }
);

/** A work with what it says of its task. */
export interface PreparedItem {
  work: Work;
  definition?: TaskDefinition;
  delegated?: HostRun;
  lane?: string;
}

/**
 * Evaluates conditions and arguments of a task for one item; what fails here is the item's failure.
 * @throws Pending where a value is still under way
 */
export async function prepareItem(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  item: LoopItem | undefined,
  outside: VariableScope,
): Promise<PreparedItem> {
  const { run } = play;
  let scope = outside;
  const prepared: Omit<PreparedItem, 'work'> = {};
  let settings: Settings | undefined;
  const known = (result: TaskResult, under: Settings, isFinal = true): PreparedItem => ({
    ...prepared,
    work: { kind: 'known', item, scope, settings: under, result, isFinal },
  });
  try {
    const condition = conditionOf(play, host, task, scope, item !== undefined);
    if (condition.skip) return known(condition.skip, noLogOnly(play, task, scope));
    const on = play.delegatedTo(task, scope, host);
    if (on !== host) prepared.delegated = on;
    if (task.keywords.delegateTo !== undefined) scope = play.delegatedScope(scope, task, on);
    const acting = on === host ? scope : play.connectionScope(on);
    settings = settingsOf(run, task.keywords, scope, acting, task.node.place);
    const definition = await moduleOf(run, task, scope);
    prepared.definition = definition;
    settings = withJob(play, task, scope, settings);
    const args = argumentsOf(run, task, definition, scope);
    for (const secret of definition.secrets ?? []) if (typeof args[secret] === 'string') run.secret(args[secret]);
    const way = on.via(on === host ? play.routeOf(task, scope) : {});
    const user = definition.step || definition.action ? (await way.target()).user : '';
    if (settings.become && settings.become.user === user) settings = { ...settings, become: undefined };
    const early = jobRefusal(definition, settings) ?? earlyResult(definition, settings);
    if (early) return known(early, settings);
    const lane = laneName(on, way, settings.become);
    prepared.lane = lane;
    // A guard is the shell's own knowledge: another shell, or what runs on the controller, must wait for the result.
    if (condition.guard && (!definition.step || definition.solo || on !== host || play.laneOf(host) !== lane))
      throw condition.guard.pending;
    const guard = condition.guard?.test;
    return { ...prepared, work: { kind: 'module', item, scope, settings, args, guard, way, on, user } };
  } catch (error) {
    // Ansible's modules judge their arguments themselves, so that `failed_when` may let such a failure pass.
    const isFinal = !(error instanceof LamplighterError && ARGUMENT_CODES.has(error.code));
    return known(troubleResult(error), settings ?? play.settingsOfFailure(task, scope), isFinal);
  }
}

/** Whether the task runs: by `when` now, or (a condition on results still under way) by a guard on the host. */
function conditionOf(
  play: PlayState,
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

function withJob(play: PlayState, task: PlanTask, scope: VariableScope, settings: Settings): Settings {
  const { place } = task.node;
  const seconds = (written: unknown, keyword: string, otherwise: number): number =>
    written === undefined
      ? otherwise
      : keywordValue<number>(int(), play.run.templar.value(written, scope, place), keyword, place);
  const limit = seconds(task.node.async, 'async', 0);
  if (limit <= 0) return settings;
  return { ...settings, job: { seconds: limit, poll: Math.max(0, seconds(task.node.poll, 'poll', DEFAULT_POLL)) } };
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

/** A failure, or a value that cannot be known, as a result. @throws signals that are for others */
export function troubleResult(error: unknown): TaskResult {
  if (error instanceof Unknown) return unknownResult(error);
  if (error instanceof LamplighterError) return failedResult(error);
  throw error;
}

/** A skipped task has no settings to evaluate but whether its names may be shown. */
export function noLogOnly(play: PlayState, task: PlanTask, scope: VariableScope): Settings {
  const { noLog } = task.keywords;
  if (noLog === undefined) return play.plainSettings();
  return { ...play.plainSettings(), noLog: truthy(play.run.templar.value(noLog, scope, task.node.place)) };
}
