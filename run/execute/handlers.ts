import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import type { Templar } from '../plan/templar.ts';
import type { PlayState } from './play-state.ts';

/**
 * The handlers that a notification means: the last one of the name, with or without its role, and all that listen to it.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_handlers.html
 */
function handlersNamed(
  handlers: readonly PlanTask[],
  name: string,
  scope: VariableScope,
  templar: Templar,
): PlanTask[] {
  const text = (raw: unknown, handler: PlanTask): string => {
    try {
      return String(templar.value(raw, scope, handler.node.place));
    } catch {
      return String(raw);
    }
  };
  const listening = handlers.filter((handler) =>
    handler.node.listen?.some((topic) =>
      (Array.isArray(topic) ? topic : [topic]).some((each) => text(each, handler) === name),
    ),
  );
  const named = handlers.findLast((handler) => {
    if (handler.node.name === undefined) return false;
    const own = text(handler.node.name, handler);
    const role = handler.keywords.roles.at(-1);
    return own === name || (role !== undefined && `${role.name} : ${own}` === name);
  });
  return named && !listening.includes(named) ? [named, ...listening] : listening;
}

/** The handlers that a task notifies. @returns in place of them what is wrong, when one does not exist */
export function notifiedBy(play: PlayState, task: PlanTask, scope: VariableScope): PlanTask[] | string {
  const { templar } = play.run;
  const notified: PlanTask[] = [];
  for (const written of task.node.notify ?? []) {
    const value = templar.value(written, scope, task.node.place);
    for (const name of Array.isArray(value) ? value : [value]) {
      const handlers = handlersNamed(play.plan.handlers, String(name), scope, templar);
      if (handlers.length === 0)
        return `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
      notified.push(...handlers);
    }
  }
  return notified;
}
