import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import type { Templar } from '../plan/templar.ts';

/**
 * The handlers that a notification means: the last one of the name, with or without its role, and all that listen to it.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_handlers.html
 */
export function handlersNamed(
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
