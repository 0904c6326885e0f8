import { dirname } from 'node:path';
import type { Place } from '../errors.ts';
import { checkSharedTemplates, warnOfBraces } from './check-templates.ts';
import { failure, kindOf } from './fail.ts';
import { missingFile, taskFileCandidates } from './find-file.ts';
import type { Here } from './here.ts';
import { isTemplate, listOf, type Mapping } from './mapping.ts';
import type { BlockNode, Node, SharedKeywords } from './model.ts';
import { contentPlaceOf, keyPlaceOf, placeOf, reachedFrom } from './places.ts';
import { renderName } from './render-name.ts';
import { checkModuleDefaults, mayBeLacking, readShared } from './shared.ts';
import type { Action } from './task-action.ts';
import { UnsafeText } from './yaml-values.ts';

/** Reads a list of nodes; handed down so that lists and imports do not import each other. */
export type ReadNodes = (list: unknown, what: string, place: Place | undefined, here: Here) => Promise<Node[]>;

/** Keywords that make no sense on something that is replaced by other tasks. */
const NOT_ON_IMPORTS = [
  'register',
  'until',
  'retries',
  'delay',
  'changed_when',
  'failed_when',
  'notify',
  'async',
  'poll',
  'listen',
];

/** The tasks of the imported file, as a block with the import's keywords. @throws FILE_NOT_FOUND and those of its tasks */
export async function readImportTasks(task: Mapping, action: Action, here: Here, readNodes: ReadNodes): Promise<Node> {
  const shared = await importKeywords(task, action, here);
  const place = placeOf(task)!;
  const vars = { ...here.vars, ...shared.vars };
  checkImportArguments(action, ['file', '_raw_params']);
  const name = importedName(action, ['file', '_raw_params'], { ...here, vars });
  const at = contentPlaceOf(action.args, 'file') ?? action.place;
  const candidates = taskFileCandidates(here.handlers ? 'handlers' : 'tasks', name, here, place.file);
  const path = candidates.find((candidate) => here.context.files.isFile(candidate));
  if (path === undefined) {
    const { message, hint } = missingFile(name, candidates, here.context.files);
    throw failure('FILE_NOT_FOUND', message, at, { hint });
  }
  if (here.trail.some((step) => step.kind === 'tasks' && step.path === path))
    throw failure('PLAYBOOK_SHAPE', `"${name}" imports itself`, at, {
      hint: 'use include_tasks with a condition for recursion',
    });
  const inner: Here = {
    ...here,
    vars,
    moduleDefaults: [...here.moduleDefaults, ...(shared.moduleDefaults ?? [])],
    trail: [...here.trail, { kind: 'tasks', path, directory: dirname(path) }],
    lenient: here.lenient === true || mayBeLacking(shared),
    from: reachedFrom(placeOf(task)!, here.from),
  };
  const block = await readTaskFile(path, inner, at, readNodes);
  if (block.length === 0) here.context.warn(`file ${path} is empty and had no tasks to include`, at, 'EMPTY_FILE');
  return importBlock({ shared, place, block, file: path, here });
}

/** All tasks of a file. */
export async function readTaskFile(
  path: string,
  here: Here,
  askedFrom: Place | undefined,
  readNodes: ReadNodes,
): Promise<Node[]> {
  here.context.playbookDirs.set(path, here.playbookDir);
  const data = here.context.files.read(path, askedFrom);
  if (data === null) return [];
  const top = { file: path, line: 1, column: 1 };
  if (!Array.isArray(data))
    throw failure('PLAYBOOK_SHAPE', `a file of tasks holds a list, not ${kindOf(data)}`, placeOf(data) ?? top);
  for (const [index, item] of listOf(data, 'a file of tasks', top).entries())
    if (typeof item === 'object' && item !== null && 'hosts' in item)
      throw failure('PLAYBOOK_SHAPE', 'this is a play, in a file of tasks', placeOf(data, index), {
        hint: 'a playbook is imported among the plays, by import_playbook',
      });
  return readNodes(data, 'a file of tasks', top, here);
}

/** The keywords of an import, which all it imports inherits. @throws LamplighterError PLAYBOOK_SHAPE */
export async function importKeywords(task: Mapping, action: Action, here: Here): Promise<SharedKeywords> {
  const name = action.moduleName;
  for (const key of Object.keys(task)) {
    if (key === 'loop' || key.startsWith('with_'))
      throw failure(
        'PLAYBOOK_SHAPE',
        `${name} cannot loop: it is read once, before any host is known`,
        keyPlaceOf(task, key),
        {
          hint: `use ${name.replace('import', 'include')}`,
        },
      );
    if (NOT_ON_IMPORTS.includes(key))
      throw failure(
        'UNSUPPORTED_KEYWORD',
        `"${key}" has no meaning on ${name}: it is replaced by what it imports`,
        keyPlaceOf(task, key),
      );
  }
  const shared = readShared(task);
  await checkModuleDefaults(shared, here.context.modules);
  checkSharedTemplates(shared, placeOf(task)!, here.context);
  warnOfBraces(shared.when, here.context.warn);
  if (action.local) shared.delegateTo = 'localhost';
  return shared;
}

export function checkImportArguments(action: Action, known: readonly string[]): void {
  if (action.argsTemplate !== undefined)
    throw failure('BAD_ARGUMENT', `the arguments of ${action.moduleName} cannot be one template`, action.place);
  for (const key of Object.keys(action.args))
    if (!known.includes(key)) {
      const reason = action.definition?.unsupported?.[key];
      throw failure(
        reason === undefined ? 'UNKNOWN_ARGUMENT' : 'UNSUPPORTED_ARGUMENT',
        `${action.moduleName} has no argument "${key}"`,
        keyPlaceOf(action.args, key),
        { hint: reason },
      );
    }
}

/** The name of what is imported, rendered with what is known before the run. */
export function importedName(action: Action, keys: readonly string[], here: Here): string {
  const key = keys.find((each) => action.args[each] !== undefined && action.args[each] !== null);
  if (key === undefined)
    throw failure('MISSING_ARGUMENT', `${action.moduleName} needs the argument "${keys[0]}"`, action.place);
  const value = action.args[key] instanceof UnsafeText ? String(action.args[key]) : action.args[key];
  const place = contentPlaceOf(action.args, key) ?? action.place;
  if (typeof value !== 'string' || value === '')
    throw failure('BAD_ARGUMENT', `${action.moduleName}: "${key}" must be a string, not ${kindOf(value)}`, place);
  return isTemplate(value) ? renderName(value, here.vars, place, here.context) : value;
}

export function importBlock(parts: {
  shared: SharedKeywords;
  place: Place;
  block: Node[];
  file?: string;
  here: Here;
}): BlockNode {
  const { shared, place, block, file, here } = parts;
  return {
    ...shared,
    kind: 'block',
    place,
    block,
    rescue: [],
    always: [],
    ...(here.role ? { role: here.role } : {}),
    ...(file === undefined ? {} : { file }),
  };
}
