import { str } from '../args.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { Pending } from '../plan/signals.ts';
import type { TaskDefinition, TaskResult } from '../task.ts';
import { Context } from './context.ts';
import type { HostRun } from './host-run.ts';
import { type LoopItem, loopItems, seesItself } from './loop.ts';
import type { PlayState } from './play-state.ts';
import { noLogOnly, prepareItem, troubleResult, type Work } from './prepare-item.ts';
import type { Settings } from './settings.ts';

/** An item that is prepared when the one before it has its result, which it may look at under the registered name. */
export interface LaterWork {
  item: LoopItem;
  /** `before`: the last result of an item that ran. */
  prepare: (before: TaskResult | undefined) => Promise<Work>;
}

/** A task on one host, with all that is known before it acts. */
export interface Prepared {
  name: string;
  definition: TaskDefinition;
  works: Work[];
  /** Items behind those, of a loop that looks at its own result. */
  later: LaterWork[];
  /** The last item could not be evaluated: it ends the loop, and its failure is the task's. */
  isCut?: boolean;
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
  within?: Within;
}

/** Where a task stands among the blocks of the run. */
export interface Within {
  /** As the journal on the host keeps it; undefined outside of blocks. */
  place: string | undefined;
  /** What the places of the block begin with whose rescue the task is in. */
  block: string | undefined;
}

/**
 * Evaluates a task for a host: loop, conditions, arguments. What fails here is the task's failure.
 * @throws Pending where a value is still under way
 */
export async function prepareTask(
  play: PlayState,
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
    return unprepared(play, task, scope, loopFailure(run.templar, task, scope, error));
  }

  const works: Work[] = [];
  let delegated: HostRun | undefined;
  let lane = '';
  let facts: Record<string, unknown> = {};
  let isCut = false;
  const inTurn = !definition.control && items !== undefined && items.length > 1 && seesItself(task);
  for (const item of inTurn ? items!.slice(0, 1) : (items ?? [undefined])) {
    const own = item ? scope.with({ ...facts, ...item.variables }) : scope;
    const prepared = await prepareItem(play, host, task, item, own);
    const { work } = prepared;
    works.push(work);
    definition = prepared.definition ?? definition;
    delegated = prepared.delegated ?? delegated;
    lane = prepared.lane ?? lane;
    // An item that cannot be evaluated ends the loop; one whose module fails does not.
    if (work.kind === 'known' && work.result.failed && work.isFinal) {
      isCut = item !== undefined;
      break;
    }
    // An item sees what set_fact made of those before it.
    if (item && work.kind === 'module' && isSetFact(definition)) {
      const context = new Context(run, task, own, work.settings, { name: work.on.name, user: work.user });
      facts = { ...facts, ...(await definition.evaluate?.(work.args, context))?.ansible_facts };
    }
  }
  const later = inTurn && !isCut;

  const modules = works.filter((work) => work.kind === 'module');
  const talks = (later || modules.length > 0) && definition.evaluate === undefined && !definition.control;
  return {
    name,
    definition,
    works,
    later: later ? inTheirTurn(play, host, task, scope, items!.slice(1)) : [],
    loop: items !== undefined,
    settings: {
      ...((works.find((work) => !skipped(work)) ?? works[0])?.settings ?? noLogOnly(play, task, scope)),
      // What is secret of one item is secret of the task, whose result holds them all.
      ...(works.some((work) => work.settings.noLog) ? { noLog: true } : {}),
    },
    isCut,
    early: modules.length === 0 && !later,
    alone:
      later ||
      (modules.length > 0 &&
        (task.node.until !== undefined ||
          (talks &&
            (definition.step === undefined ||
              delegated !== undefined ||
              definition.solo === true ||
              modules.some((work) => (work.settings.job?.poll ?? 0) > 0))))),
    talks,
    lane,
    delegated,
  };
}

/** A task whose result is known before anything of it was evaluated. */
export function unprepared(play: PlayState, task: PlanTask, scope: VariableScope, result: TaskResult): Prepared {
  const settings = play.settingsOfFailure(task, scope);
  return {
    name: play.taskName(task, scope),
    definition: unknownModule(task),
    works: [{ kind: 'known', item: undefined, scope, settings, result, isFinal: true }],
    later: [],
    loop: false,
    settings,
    early: true,
    alone: false,
    talks: false,
    lane: '',
    delegated: undefined,
  };
}

/** The items of a loop that looks at its own result, each to be prepared behind the one before it. */
function inTheirTurn(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  scope: VariableScope,
  items: readonly LoopItem[],
): LaterWork[] {
  const facts: Record<string, unknown> = {};
  return items.map((item) => ({
    item,
    async prepare(before) {
      Object.assign(facts, before?.ansible_facts);
      const seen = before && { [task.node.register!]: before };
      const own = scope.with({ ...facts, ...seen, ...item.variables });
      for (;;) {
        try {
          return (await prepareItem(play, host, task, item, own)).work;
        } catch (signal) {
          if (!(signal instanceof Pending)) throw signal;
          await signal.wait();
        }
      }
    },
  }));
}

function isSetFact(definition: TaskDefinition): boolean {
  return definition.name.endsWith('.set_fact');
}

function skipped(work: Work): boolean {
  return work.kind === 'known' && work.result.skipped === true;
}

/** A loop over what is not defined is no failure where `when` says that the task does not run. */
function loopFailure(
  templar: PlayState['run']['templar'],
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

/** Stands for a module until its name is known, so that a task that `when` skips needs none. */
function unknownModule(task: PlanTask): TaskDefinition {
  return { name: task.node.moduleName, summary: '', args: str() as never, checkMode: 'reads' };
}
