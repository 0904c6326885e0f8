import { basename } from 'node:path';
import { failure, kindOf } from './fail.ts';
import type { Here } from './here.ts';
import { checkImportArguments, importBlock, importedName, importKeywords, type ReadNodes } from './import-tasks.ts';
import type { Mapping } from './mapping.ts';
import type { Node } from './model.ts';
import { contentPlaceOf, placeOf } from './places.ts';
import { readRole } from './role.ts';
import { roleBlock } from './role-block.ts';
import { mayBeLacking } from './shared.ts';
import type { Action } from './task-action.ts';

const FILES = ['tasks_from', 'vars_from', 'defaults_from', 'handlers_from'] as const;

/** The imported role as a block with the import's keywords. @throws ROLE_NOT_FOUND, ROLE_CYCLE and those of its tasks */
export async function readImportRole(task: Mapping, action: Action, here: Here, readNodes: ReadNodes): Promise<Node> {
  const place = placeOf(task)!;
  if (here.handlers) throw failure('PLAYBOOK_SHAPE', 'import_role cannot be a handler', place);
  checkImportArguments(action, ['name', 'role', ...FILES, 'allow_duplicates', 'rolespec_validate']);
  const shared = await importKeywords(task, action, here);
  const inner: Here = {
    ...here,
    vars: { ...here.vars, ...shared.vars },
    moduleDefaults: [...here.moduleDefaults, ...(shared.moduleDefaults ?? [])],
    lenient: here.lenient === true || mayBeLacking(shared),
  };
  const name = importedName(action, ['name', 'role'], inner);
  const [tasksFrom, varsFrom, defaultsFrom, handlersFrom] = FILES.map((key) => fileArgument(action, key, inner));
  const use = {
    name,
    place: contentPlaceOf(action.args, 'name') ?? place,
    params: {},
    keywords: shared.vars ? { vars: shared.vars } : {},
    from: { tasks: tasksFrom, vars: varsFrom, defaults: defaultsFrom, handlers: handlersFrom },
    imported: true,
    allowDuplicates: flag(action.args.allow_duplicates, true),
    validate: flag(action.args.rolespec_validate, true),
  };
  const role = await readRole(use, inner, readNodes);
  const { name: _, vars: __, tags: ___, ...inherited } = shared;
  // The role's handlers stand below the import too: its `when` and `become` are theirs.
  if (role.handlers.length > 0 && Object.keys(inherited).length > 0)
    role.handlers = [{ ...inherited, kind: 'block', place, block: role.handlers, rescue: [], always: [] }];
  here.imported.push(role);
  return importBlock({ shared, place, block: [roleBlock(role)], here });
}

function fileArgument(action: Action, key: string, here: Here): string | undefined {
  const value = action.args[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string')
    throw failure(
      'BAD_ARGUMENT',
      `${action.moduleName}: "${key}" must be a string, not ${kindOf(value)}`,
      placeOf(action.args, key),
    );
  // As in Ansible: what is included may lie in a folder below, what is imported may not.
  return basename(importedName({ ...action, args: action.args }, [key], here));
}

function flag(value: unknown, otherwise: boolean): boolean {
  return value === undefined || value === null ? otherwise : /^(?:y|yes|on|1|true|t)$/i.test(String(value));
}
