import { applyKeywords } from './apply.ts';
import { checkArguments } from './check-arguments.ts';
import { checkTaskFiles } from './check-files.ts';
import { checkTaskTemplates, lenient, warnOfBraces } from './check-templates.ts';
import { attempt, attemptSync, failure, kindOf } from './fail.ts';
import type { Here } from './here.ts';
import { HANDLER_KEYWORDS, INCLUDE_KEYWORDS, TASK_KEYWORDS } from './keywords.ts';
import { readLoop } from './loop.ts';
import { isIdentifier, isTemplate, type Mapping } from './mapping.ts';
import type { Raw, TaskNode } from './model.ts';
import { keyPlaceOf, markAllAs, placeOf, reachedFrom } from './places.ts';
import { findPythonModule } from './python-module.ts';
import { checkKind, checkModuleDefaults, mayBeLacking, readConditions, readShared } from './shared.ts';
import type { Action } from './task-action.ts';
import { UnsafeText } from './yaml-values.ts';

/** The module's short name: `ansible.builtin.apt` -> `apt`. */
export function shortName(action: Action): string {
  const name = action.definition?.name ?? action.moduleName;
  return name.slice(name.lastIndexOf('.') + 1);
}

export function taskKeywords(here: Here): readonly string[] {
  return here.handlers ? HANDLER_KEYWORDS : TASK_KEYWORDS;
}

/** Reads a task that is not replaced by others while reading. @throws LamplighterError, every code of a task */
export async function readTask(task: Mapping, action: Action, here: Here): Promise<TaskNode> {
  const module = shortName(action);
  const { report } = here.context;
  const shared = readShared(task, report);
  await attempt(report, () => checkModuleDefaults(shared, here.context.modules));
  const node: TaskNode = {
    ...shared,
    kind: 'task',
    id: here.context.ids.next++,
    place: reachedFrom(placeOf(task)!, here.from),
    moduleName: action.moduleName,
    module,
    args: action.args,
    ...(action.argsTemplate === undefined ? {} : { argsTemplate: action.argsTemplate }),
    ...(here.role ? { role: here.role } : {}),
  };
  const pythonFile = action.definition ? undefined : findPythonModule(action.moduleName, here);
  if (pythonFile !== undefined) node.pythonFile = pythonFile;
  if (action.local) node.delegateTo = 'localhost';
  attemptSync(report, () => readOwnKeywords(node, task, here));
  if (module === 'include_tasks' || module === 'include_role')
    attemptSync(report, () => readInclude(node, task, action));
  attemptSync(report, () => refuseUnwatched(node, task, action));
  if (action.definition) checkArguments(node, action.definition, here);
  checkTaskTemplates(node, here.lenient === true || mayBeLacking(node) ? lenient(here.context) : here.context);
  for (const conditions of [node.when, node.until, node.changedWhen, node.failedWhen])
    warnOfBraces(conditions, here.context.warn);
  attemptSync(report, () => checkTaskFiles(node, here));
  return node;
}

function readOwnKeywords(node: TaskNode, task: Mapping, here: Here): void {
  const loop = readLoop(task);
  if (loop) node.loop = loop;
  const register = readRegister(task);
  if (register !== undefined) node.register = register;
  for (const [keyword, field, kind] of [
    ['retries', 'retries', 'int'],
    ['delay', 'delay', 'number'],
    ['async', 'async', 'int'],
    ['poll', 'poll', 'int'],
  ] as const)
    if (task[keyword] !== undefined && task[keyword] !== null) node[field] = checkKind(task, keyword, kind);
  for (const [keyword, field] of [
    ['until', 'until'],
    ['changed_when', 'changedWhen'],
    ['failed_when', 'failedWhen'],
  ] as const)
    if (task[keyword] !== undefined && task[keyword] !== null) node[field] = readConditions(task, keyword);
  const notify = 'notify' in task ? readNames(task, 'notify') : here.notify;
  if (notify) node.notify = notify;
  if ('listen' in task) node.listen = readNames(task, 'listen');
}

/** What is driven from the controller cannot be left running on the host. */
function refuseUnwatched(node: TaskNode, task: Mapping, { definition }: Action): void {
  if (node.async === undefined || Number(node.async) === 0 || node.poll === undefined || Number(node.poll) !== 0)
    return;
  if (!definition?.action || definition.step) return;
  throw failure(
    'UNSUPPORTED_KEYWORD',
    `"poll: 0" is not supported for "${node.module}", which runs from the controller`,
    placeOf(task, 'poll'),
    { hint: 'leave poll out: "async" then limits the time that the task may take' },
  );
}

function readRegister(task: Mapping): string | undefined {
  const value = task.register;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && isIdentifier(value)) return value;
  const shown = typeof value === 'string' ? `"${value}"` : kindOf(value);
  throw failure('PLAYBOOK_SHAPE', `"register" takes the name of a variable, not ${shown}`, placeOf(task, 'register'), {
    hint: 'the name is taken as it is: no template, only letters, digits and underscores',
  });
}

/** `notify` and `listen`: a name or a list of names. */
export function readNames(node: Mapping, key: string): Raw[] {
  const value = node[key];
  if (value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  if (items !== value) markAllAs(items, node, key);
  for (const [index, item] of items.entries())
    if (typeof item !== 'string' && !(item instanceof UnsafeText))
      throw failure(
        'PLAYBOOK_SHAPE',
        `"${key}" takes names, not ${kindOf(item)}`,
        placeOf(value, index) ?? placeOf(node, key),
      );
  return items;
}

/** What is included takes keywords from `apply`, and only a few from the include itself, as in Ansible. */
function readInclude(node: TaskNode, task: Mapping, action: Action): void {
  for (const key of Object.keys(task)) {
    if (INCLUDE_KEYWORDS.has(key) || key === action.moduleName || key.startsWith('with_')) continue;
    throw failure('UNKNOWN_KEYWORD', `"${key}" is not a keyword of ${node.module}`, keyPlaceOf(task, key), {
      hint: 'to have it on every task that is included, write it under the argument "apply"',
    });
  }
  const { apply } = node.args;
  if (apply !== undefined && apply !== null && !isTemplate(apply))
    node.apply = applyKeywords(apply, placeOf(node.args, 'apply') ?? node.place);
}
