import type { VariableScope } from '../plan/scope.ts';
import type { Templar } from '../plan/templar.ts';
import type { TaskNode } from '../playbook/model.ts';
import type { Diff, StepReply, TaskContext, TaskDefinition, TaskResult } from '../task.ts';

/** The result of a step in Ansible's return values: the module's own view of its reply, completed. */
export function resultOf(definition: TaskDefinition, reply: StepReply, args: object, context: TaskContext): TaskResult {
  const own = definition.result
    ? definition.result(reply, args as Record<string, unknown>, context)
    : defaultResult(reply);
  const result: TaskResult = { ...own };
  result.changed ??= reply.status === 'changed';
  if (reply.status === 'failed' && result.failed === undefined) result.failed = true;
  if (result.failed) result.msg ??= failureMessage(reply);
  if (reply.status === 'skipped') result.skipped ??= true;
  if (reply.status === 'unknown') result.unknown ??= reply.fields.msg ?? 'depends on a change not made yet';
  if (reply.warnings.length > 0) result.warnings = [...reply.warnings, ...(own.warnings ?? [])];
  if (own.diff === undefined && reply.diffs.length > 0)
    result.diff = reply.diffs.length === 1 ? reply.diffs[0]! : reply.diffs;
  return result;
}

function defaultResult(reply: StepReply): TaskResult {
  return reply.status === 'failed' ? { ...reply.fields, rc: reply.rc, stderr: reply.stderr } : { ...reply.fields };
}

function failureMessage(reply: StepReply): string {
  const lastLine = reply.stderr.trimEnd().split('\n').at(-1);
  return reply.fields.msg ?? (lastLine || `the step ended with status ${reply.rc}`);
}

/** The diffs of a result as a list. */
export function diffsOf(result: TaskResult): Diff[] {
  if (result.diff === undefined) return [];
  return Array.isArray(result.diff) ? result.diff : [result.diff];
}

/** `stdout_lines`, `stderr_lines` beside the texts, as Ansible adds them to what is registered. */
export function withLines(result: TaskResult): TaskResult {
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = result[stream];
    if (typeof text === 'string' && result[`${stream}_lines`] === undefined)
      result[`${stream}_lines`] = splitLines(text);
  }
  return result;
}

/** Python's str.splitlines for the line ends that commands write. */
function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * Applies `changed_when` and `failed_when` to a result, with the result visible under the registered name.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_error_handling.html
 */
export function judge(node: TaskNode, result: TaskResult, scope: VariableScope, templar: Templar): TaskResult {
  if (result.skipped || result.unknown !== undefined) return result;
  const view = node.register ? scope.with({ [node.register]: result }) : scope;
  if (node.changedWhen) result.changed = templar.firstFalse(node.changedWhen, view) === undefined;
  if (node.failedWhen) {
    result.failed_when_result = templar.firstFalse(node.failedWhen, view) === undefined;
    result.failed = result.failed_when_result === true;
  }
  return result;
}

/** A result that is taken as Ansible's check mode gives it. */
export function withoutUnknown({ unknown: _, ...result }: TaskResult): TaskResult {
  return result;
}

/** Whether `failed_when` can only be told by the controller. */
export function isComputed(conditions: TaskNode['failedWhen']): boolean {
  return conditions?.some((condition) => typeof condition.expression !== 'boolean') ?? false;
}

/** The result of a loop from those of its items. */
export function loopResult(items: TaskResult[]): TaskResult {
  if (items.length === 0) return { changed: false, skipped: true, skipped_reason: 'No items in the list', results: [] };
  const result: TaskResult = { results: items, changed: items.some((item) => item.changed === true) };
  const failed = items.some((item) => item.failed);
  if (failed) result.failed = true;
  const unknown = items.find((item) => item.unknown !== undefined)?.unknown;
  if (items.every((item) => item.skipped)) {
    result.skipped = true;
    result.msg = 'All items skipped';
  } else if (failed) {
    result.msg = 'One or more items failed';
  } else {
    result.msg = 'All items completed';
  }
  if (unknown !== undefined && !failed) result.unknown = unknown;
  return result;
}
