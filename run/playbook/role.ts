import { dirname } from 'node:path';
import type { Place } from '../errors.ts';
import { attempt, failure } from './fail.ts';
import type { Here } from './here.ts';
import { type ReadNodes, readTaskFile } from './import-tasks.ts';
import type { Node, Raw, Role } from './model.ts';
import { copyPlaces, reachedFrom } from './places.ts';
import { roleBlock } from './role-block.ts';
import { RoleFiles } from './role-files.ts';
import { readMeta } from './role-meta.ts';
import { findRole } from './role-search.ts';
import { type RoleUse, readRoleUse } from './role-use.ts';
import { validationTask } from './role-validation.ts';
import { mayBeLacking } from './shared.ts';

/**
 * Reads a role with its dependencies.
 * @throws LamplighterError ROLE_NOT_FOUND, ROLE_CYCLE, FILE_NOT_FOUND, and those of its files
 */
export async function readRole(use: RoleUse, here: Here, readNodes: ReadNodes): Promise<Role> {
  const { name, path, collection } = findRole(use.name, here, use.place);
  const step = { kind: 'role' as const, path: `${path}#${use.from.tasks ?? 'main'}`, directory: path };
  if (here.trail.some((each) => each.kind === 'role' && each.path === step.path))
    throw cycle(name, step.path, here, use.place);
  const files = new RoleFiles(path, here.context.files, use.place);
  const meta = readMeta(files.meta('main'));
  const role: Role = {
    name,
    ...(collection ? { collection } : {}),
    path,
    defaults: files.variables('defaults', use.from.defaults),
    vars: withVars(use.keywords.vars, files.variables('vars', use.from.vars)),
    params: use.params,
    identity: identityOf(name, use),
    allowDuplicates: use.allowDuplicates ?? meta.allowDuplicates,
    dependencies: [],
    tasks: [],
    handlers: [],
    entryPoint: use.from.tasks ?? 'main',
    argumentSpecs: specsOf(files, meta.argumentSpecs),
    validate: use.validate ?? true,
    place: use.place,
    keywords: use.keywords,
  };
  const inner: Here = {
    ...here,
    role,
    trail: [...here.trail, step],
    vars: { ...role.defaults, ...here.vars, ...role.vars, ...role.params },
    moduleDefaults: [...here.moduleDefaults, ...(use.keywords.moduleDefaults ?? [])],
    collections: [...(collection ? [collection] : []), ...meta.collections],
    notify: undefined,
    lenient: here.lenient === true || mayBeLacking(use.keywords),
    from: reachedFrom(use.place, here.from),
  };
  for (const entry of meta.dependencies) {
    const dependency = await attempt(here.context.report, async () =>
      readRole(await readRoleUse(entry.value, entry.place, inner), inner, readNodes),
    );
    if (dependency) role.dependencies.push(dependency);
  }
  const validation = validationTask(role, here.context);
  role.tasks = [
    ...role.dependencies.map(roleBlock),
    ...(validation ? [validation] : []),
    ...(await readEntry('tasks', use, files, inner, readNodes)),
  ];
  const own = await readEntry('handlers', use, files, { ...inner, handlers: true }, readNodes);
  role.handlers = [...role.dependencies.flatMap((each) => each.handlers), ...own];
  return role;
}

async function readEntry(
  folder: 'tasks' | 'handlers',
  use: RoleUse,
  files: RoleFiles,
  here: Here,
  readNodes: ReadNodes,
): Promise<Node[]> {
  const path = files.entry(folder, use.from[folder]);
  if (path === undefined) return [];
  const trail = [...here.trail, { kind: 'tasks' as const, path, directory: dirname(path) }];
  return (await attempt(here.context.report, () => readTaskFile(path, { ...here, trail }, use.place, readNodes))) ?? [];
}

function withVars(given: Record<string, Raw> | undefined, own: Record<string, Raw>): Record<string, Raw> {
  if (!given) return own;
  const vars = { ...given, ...own };
  copyPlaces(vars, given, own);
  return vars;
}

function specsOf(files: RoleFiles, inMeta: Record<string, Raw>): Record<string, Raw> {
  const own = files.meta('argument_specs').argument_specs;
  return typeof own === 'object' && own !== null ? (own as Record<string, Raw>) : inMeta;
}

/** What Ansible's role cache compares (Role.load): equal text, equal use. */
function identityOf(name: string, use: RoleUse): string {
  const { when, tags, vars } = use.keywords;
  const conditions = when?.map((condition) => condition.expression);
  const text = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? String(value) : value instanceof Map ? [...value] : value;
  return JSON.stringify([name, use.params, conditions, tags, vars, use.from, use.imported], text);
}

function cycle(name: string, path: string, here: Here, place: Place): Error {
  const roles = here.trail.filter((step) => step.kind === 'role');
  const from = roles.findIndex((step) => step.path === path);
  const names = [...roles.slice(from).map((step) => step.directory.split('/').at(-1)), name];
  return failure('ROLE_CYCLE', `roles that need each other: ${names.join(' -> ')}`, place);
}
