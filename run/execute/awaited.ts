import type { PlanTask } from '../plan/program.ts';
import type { TaskNode } from '../playbook/model.ts';

/** Whether a task under way will look, when its result is there, at a name that this task sets. */
export function isAwaited({ node }: PlanTask, underWay: readonly { task: PlanTask }[]): boolean {
  const names = [
    ...(node.register === undefined ? [] : [node.register]),
    ...(node.module === 'set_fact' ? Object.keys(node.args) : []),
  ];
  if (names.length === 0) return false;
  return underWay.some(({ task }) => {
    const texts = readLater(task.node);
    // What a task says of itself under its own name is its own result.
    const others = names.filter((name) => name !== task.node.register);
    return texts.length > 0 && others.some((name) => texts.some((text) => wordOf(name).test(text)));
  });
}

/** What of a task is evaluated behind its result. */
function readLater({ changedWhen, failedWhen, notify }: TaskNode): string[] {
  const conditions = [...(changedWhen ?? []), ...(failedWhen ?? [])].map(({ expression }) => String(expression));
  return [...conditions, ...(notify ?? []).map(String)];
}

function wordOf(name: string): RegExp {
  return new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`);
}
