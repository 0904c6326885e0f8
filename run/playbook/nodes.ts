import type { Place } from '../errors.ts';
import { checkSharedTemplates, warnOfBraces } from './check-templates.ts';
import { attempt, failure } from './fail.ts';
import type { Here } from './here.ts';
import { readImportRole } from './import-role.ts';
import { readImportTasks } from './import-tasks.ts';
import { BLOCK_KEYWORDS } from './keywords.ts';
import { constantText, isMapping, listOf, type Mapping, mappingOf } from './mapping.ts';
import type { BlockNode, Node } from './model.ts';
import { copyPlaces, keyPlaceOf, placeOf } from './places.ts';
import { checkKeywords, checkModuleDefaults, mayBeLacking, readShared } from './shared.ts';
import { readNames, readTask, shortName, taskKeywords } from './task.ts';
import { type Action, isInclude, isModule, readAction } from './task-action.ts';

/** Reads a list of tasks and blocks; imports are replaced by what they import. */
export async function readNodes(list: unknown, what: string, place: Place | undefined, here: Here): Promise<Node[]> {
  if (list === null || list === undefined) return [];
  const nodes: Node[] = [];
  for (const [index, item] of listOf(list, what, placeOf(list) ?? place).entries()) {
    // Ansible skips an empty item.
    if (item === null) continue;
    const node = await attempt(here.context.report, () =>
      readNode(mappingOf(item, here.handlers ? 'a handler' : 'a task', placeOf(list, index)), here),
    );
    if (node) nodes.push(node);
  }
  return nodes;
}

async function readNode(task: Mapping, here: Here): Promise<Node | undefined> {
  if ('block' in task) return readBlock(task, here);
  for (const key of ['rescue', 'always'])
    if (key in task)
      throw failure('PLAYBOOK_SHAPE', `"${key}" without "block"`, keyPlaceOf(task, key), {
        hint: `"${key}" belongs to a block and stands in the same column as it`,
      });
  const action = await readAction(task, taskKeywords(here), here);
  const name = shortName(action);
  if (isInclude(action.moduleName)) return readOldInclude(task, action, here);
  if (name === 'import_tasks') return readImportTasks(task, action, here, readNodes);
  if (name === 'import_role') return readImportRole(task, action, here, readNodes);
  if (name === 'import_playbook')
    throw failure('PLAYBOOK_SHAPE', 'import_playbook stands among the plays, not among tasks', action.place);
  if (here.handlers && name === 'include_role')
    throw failure('PLAYBOOK_SHAPE', 'include_role cannot be a handler', action.place);
  return readTask(task, action, here);
}

async function readBlock(task: Mapping, here: Here): Promise<BlockNode> {
  const place = placeOf(task)!;
  if (here.handlers) throw failure('PLAYBOOK_SHAPE', 'a block cannot be a handler', place);
  const { report } = here.context;
  const others: string[] = [];
  for (const key of Object.keys(task)) {
    if (BLOCK_KEYWORDS.includes(key) || !(await isModule(key, here))) continue;
    others.push(key);
    report(
      failure('UNKNOWN_KEYWORD', `"${key}" is a module, and a block has none`, keyPlaceOf(task, key), {
        hint: `make it a task of its own: "- ${key}:", below "block" or beside it`,
      }),
    );
  }
  checkKeywords(task, 'a block', [...BLOCK_KEYWORDS, ...others], report);
  const shared = readShared(task, report);
  await attempt(report, () => checkModuleDefaults(shared, here.context.modules));
  checkSharedTemplates(shared, place, here.context);
  warnOfBraces(shared.when, here.context.warn);
  const inner: Here = {
    ...here,
    vars: shared.vars ? { ...here.vars, ...shared.vars } : here.vars,
    moduleDefaults: [...here.moduleDefaults, ...(shared.moduleDefaults ?? [])],
    collections: shared.collections ?? here.collections,
    notify: 'notify' in task ? readNames(task, 'notify') : here.notify,
  };
  const part = async (key: string): Promise<Node[]> => {
    const rescued = key === 'block' && 'rescue' in task;
    const within = rescued || mayBeLacking(shared) ? { ...inner, lenient: true } : inner;
    return (await attempt(report, () => readNodes(task[key], `"${key}"`, placeOf(task, key), within))) ?? [];
  };
  return {
    ...shared,
    kind: 'block',
    place,
    block: await part('block'),
    rescue: await part('rescue'),
    always: await part('always'),
    ...(here.role ? { role: here.role } : {}),
  };
}

/** The deprecated `include`: an import where it can be one, else an include during the run. Its `k=v` words are variables. */
async function readOldInclude(task: Mapping, action: Action, here: Here): Promise<Node | undefined> {
  here.context.warn('"include" is deprecated: use include_tasks or import_tasks', action.place, 'DEPRECATED');
  const { file, _raw_params: raw, ...vars } = action.args;
  const name = raw ?? file;
  const args: Mapping = { file: name };
  const own = isMapping(task.vars) ? mappingOf(task.vars, '"vars"', placeOf(task, 'vars')) : {};
  const withVars: Mapping = { ...task, vars: { ...own, ...vars } };
  copyPlaces(withVars, task);
  copyPlaces(args, action.args);
  const isStatic =
    constantText(name) !== undefined &&
    !here.dynamic &&
    !('loop' in task || Object.keys(task).some((key) => key.startsWith('with_')));
  const meant: Action = { ...action, args, moduleName: isStatic ? 'import_tasks' : action.moduleName };
  return isStatic ? readImportTasks(withVars, meant, here, readNodes) : readTask(withVars, meant, here);
}
