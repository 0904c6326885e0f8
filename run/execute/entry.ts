import { LamplighterError } from '../errors.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { Unknown } from '../plan/signals.ts';
import type { Templar } from '../plan/templar.ts';
import type { TaskResult } from '../task.ts';
import type { Position } from './cursor.ts';
import { failedResult } from './failed-result.ts';
import type { HostRun } from './host-run.ts';
import type { Item } from './issue.ts';
import { judge, loopResult, withLines, withoutUnknown } from './outcome.ts';
import type { Prepared } from './prepare-task.ts';

/** A task under way on the host: sent, or waiting for its turn. */
export interface Entry {
  task: PlanTask;
  at: Position;
  name: string;
  prepared: Prepared;
  scope: VariableScope;
  items: Item[];
  /** Takes back what was assumed when the task was issued. */
  undo: (() => void)[];
  settled: Promise<void>;
  startedAt: number;
}

/** What an item's result counts as, by `changed_when` and `failed_when`, with the item's own keys. */
export function judgedItem(entry: Entry, item: Item, told: TaskResult, templar: Templar): TaskResult {
  const { task } = entry;
  // A task that only looks, in a run that acts, says all there is to say: nothing it depends on is left unmade.
  const raw = entry.prepared.settings.checkAlone ? withoutUnknown(told) : told;
  let result: TaskResult;
  try {
    result = item.isFinal
      ? withLines(raw)
      : judge(task.node, withLines(raw), item.loop ? entry.scope.with(item.loop.variables) : entry.scope, templar);
  } catch (error) {
    if (error instanceof Unknown) result = { ...raw, changed: false, unknown: error.what };
    else if (error instanceof LamplighterError)
      result = { ...raw, ...failedResult(error), changed: raw.changed === true };
    else throw error;
  }
  result.changed ??= false;
  if (!result.skipped) result.failed ??= false;
  return Object.assign(result, item.loop?.keys);
}

/** The task's result of those of its items; of a loop that was cut short it is that of the last item. */
export function wholeResult({ prepared, items }: Entry, results: TaskResult[]): TaskResult {
  const last = results.at(-1)!;
  if (prepared.loop && prepared.isCut) return withoutItem(last, items);
  return prepared.loop ? loopResult(results) : results[0]!;
}

/** Facts and variables that a result brings. */
export function takeFacts(entry: Entry, result: TaskResult, own: HostRun): void {
  const facts = result.ansible_facts;
  if (!facts || result.failed || entry.prepared.definition.control) return;
  const target = entry.prepared.delegated && entry.prepared.settings.delegateFacts ? entry.prepared.delegated : own;
  if (entry.prepared.definition.name.endsWith('.set_fact') && result._ansible_facts_cacheable !== true) {
    for (const [name, value] of Object.entries(facts)) target.variables.assign(name, value);
  } else {
    target.variables.addFacts(facts);
  }
}

/** The one step whose status on the host is the task's, as long as nothing on the controller may overrule it. */
export function stepOf(task: PlanTask, prepared: Prepared, items: Item[]): number | undefined {
  const { changedWhen, failedWhen } = task.node;
  const { check, job } = prepared.settings;
  if (prepared.loop || changedWhen || failedWhen || check || job) return undefined;
  return items[0]?.stepId;
}

/** The result of the item that could not be evaluated, which is the whole task's, as in Ansible. */
function withoutItem(result: TaskResult, items: readonly Item[]): TaskResult {
  const keys = Object.keys(items.at(-1)?.loop?.keys ?? {});
  return Object.fromEntries(Object.entries(result).filter(([key]) => !keys.includes(key)));
}
