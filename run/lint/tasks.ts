import type { Place } from '../errors.ts';
import { isTemplate } from '../playbook/mapping.ts';
import type { Node, Role, TaskNode } from '../playbook/model.ts';
import { placeOf } from '../playbook/places.ts';
import { sourceLineOf } from '../playbook/source.ts';
import { tasksBelow } from '../playbook/tasks-below.ts';
import type { Problem } from './problem.ts';

export function tasksOfRole(role: Role): TaskNode[] {
  return tasksBelow([...role.tasks, ...role.handlers]);
}

const MODES = ['mode', 'directory_mode'];

/** Warns of file modes that YAML takes for numbers: 644 is not 0644, and 0644 is right only by an old rule. */
export function unquotedModes(task: TaskNode): Problem[] {
  return MODES.flatMap((argument): Problem[] => {
    const place = typeof task.args[argument] === 'number' ? placeOf(task.args, argument) : undefined;
    const written = place && /^0?o?[0-7]{3,4}(?=\s|$|[,}])/.exec(rest(place))?.[0];
    if (!place || written === undefined) return [];
    const right = `'${written.replace(/^0?o?/, '0')}'`;
    return [
      {
        code: 'UNQUOTED_MODE',
        severity: 'warning',
        message: `the mode ${written} is a number to YAML${written.startsWith('0') ? '' : ', and not the one that is meant'}`,
        place,
        hint: `quote it: ${right}`,
        fix: { place, wrong: written, right },
      },
    ];
  });
}

/** The text from a place to the end of its line. */
function rest(place: Place): string {
  return (sourceLineOf(place) ?? '').slice(place.column - 1);
}

/** Warns of handlers whose names nothing says. Nothing is told where a notification is a template. */
export function unusedHandlers(handlers: readonly Node[], notified: ReadonlySet<string>): Problem[] {
  if ([...notified].some(isTemplate)) return [];
  // A notification of a role's handler may name the role: "role : handler".
  const heard = new Set([...notified].flatMap((name) => [name, name.slice(name.indexOf(' : ') + 3)]));
  heard.delete('');
  return tasksBelow(handlers).flatMap((handler): Problem[] => {
    const names = [handler.name, ...(handler.listen ?? [])].filter((name) => typeof name === 'string');
    if (handler.module === 'include_tasks' || handler.module === 'meta' || names.some(isTemplate)) return [];
    if (names.some((name) => heard.has(name) || notified.has(name))) return [];
    return [
      {
        code: 'UNUSED_HANDLER',
        severity: 'warning',
        message: names[0] === undefined ? 'a handler without a name is never run' : `nothing notifies "${names[0]}"`,
        place: handler.place,
      },
    ];
  });
}
