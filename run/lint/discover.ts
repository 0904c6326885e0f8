import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { LamplighterError, type Place } from '../errors.ts';
import { attemptSync, type Report } from '../playbook/fail.ts';
import type { YamlFiles } from '../playbook/files.ts';
import { isMapping } from '../playbook/mapping.ts';

/** What there is to look at, by what it is. */
export interface Found {
  playbooks: string[];
  /** Directories of roles. */
  roles: string[];
  /** Files of tasks or handlers. */
  tasks: string[];
  /** Files of variables, by the names of their directories. */
  variables: string[];
  templates: string[];
  /** Other mappings, which may be variables (vars_files, include_vars) or anything. */
  data: string[];
}

const SKIPPED = new Set(['node_modules', 'collections', 'ansible_collections', 'venv', '__pycache__']);
const VARIABLE_FOLDERS = new Set(['vars', 'defaults', 'group_vars', 'host_vars']);

/** Looks below the paths; a file that is named is looked at whatever its name. @throws LamplighterError FILE_NOT_FOUND */
export function discover(paths: readonly string[], files: YamlFiles, report: Report): Found {
  const found: Found = { playbooks: [], roles: [], tasks: [], variables: [], templates: [], data: [] };
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) throw new LamplighterError('FILE_NOT_FOUND', `there is no file or directory ${path}`);
    const all = stat.isDirectory() ? filesBelow(path) : [path];
    for (const file of all) sort(file, found, files, report);
  }
  found.roles = [...new Set(found.roles)];
  return found;
}

/** Files below a directory, without what is hidden or somebody else's. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return [];
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
    });
}

function sort(file: string, found: Found, files: YamlFiles, report: Report): void {
  const folders = dirname(file).split(sep);
  if (folders.includes('templates')) {
    found.templates.push(file);
    return;
  }
  if (folders.includes('files')) return;
  const isYaml = /\.ya?ml$/.test(file);
  const folder = folders.findLast((name) => VARIABLE_FOLDERS.has(name) || name === 'tasks' || name === 'handlers');
  if (folder !== undefined && VARIABLE_FOLDERS.has(folder)) {
    if (isYaml || /^[^.]+$|\.json$/.test(basename(file))) found.variables.push(file);
    return;
  }
  if (!isYaml) return;
  const isRolePart = folders.at(-1) === folder || folders.at(-1) === 'meta';
  if (isRolePart && folders.at(-3) === 'roles') found.roles.push(dirname(dirname(file)));
  if (folder !== undefined) {
    found.tasks.push(file);
    return;
  }
  const data = attemptSync(report, () => files.read(file, placeOfFile(file)));
  if (Array.isArray(data) && data.some(isPlay)) found.playbooks.push(file);
  else if (Array.isArray(data) && data.some(isTask)) found.tasks.push(file);
  else if (isMapping(data)) found.data.push(file);
}

function isPlay(item: unknown): boolean {
  if (!isMapping(item) || item instanceof Map) return false;
  return PLAY_KEYS.some((key) => key in item);
}

const PLAY_KEYS =
  'hosts import_playbook ansible.builtin.import_playbook tasks roles pre_tasks post_tasks handlers gather_facts'.split(
    ' ',
  );

/** A file of tasks that lies in no folder of that name: any list of mappings in which one has a task's key. */
function isTask(item: unknown): boolean {
  if (!isMapping(item) || item instanceof Map) return false;
  return TASK_KEYS.some((key) => key in item) || ('name' in item && Object.values(item).some(isMapping));
}

const TASK_KEYS =
  'block when register notify include_tasks import_tasks include_role import_role loop with_items become tags vars'.split(
    ' ',
  );

function placeOfFile(file: string): Place {
  return { file, line: 1, column: 1 };
}
