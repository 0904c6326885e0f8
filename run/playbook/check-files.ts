import { basename, isAbsolute, join } from 'node:path';
import { nearest } from '../errors.ts';
import { didYouMean, failure } from './fail.ts';
import { missingFile, taskFileCandidates } from './find-file.ts';
import type { Here } from './here.ts';
import { constantText } from './mapping.ts';
import type { TaskNode } from './model.ts';
import { contentPlaceOf } from './places.ts';
import { findRole } from './role-search.ts';
import { mayBeLacking } from './shared.ts';
import { compileTemplateFile } from './template-file.ts';

/**
 * Checks that files which a task is sure to need are there: an included file or role, a template, a file of variables.
 * What a task lacks that may be skipped, or whose failure is ignored, is a warning.
 * @throws LamplighterError FILE_NOT_FOUND, ROLE_NOT_FOUND
 */
export function checkTaskFiles(task: TaskNode, here: Here): void {
  try {
    if (task.module === 'include_tasks')
      check(task, ['file', '_raw_params'], here.handlers ? 'handlers' : 'tasks', here);
    else if (task.module === 'template') check(task, ['src'], 'templates', here);
    else if (task.module === 'include_vars') check(task, ['file', '_raw_params'], 'vars', here);
    else if (task.module === 'include_role') checkRole(task, here);
    else if (task.module in SOURCES) checkSource(task, here);
  } catch (error) {
    const lacking = error as Partial<ReturnType<typeof failure>>;
    const isLenient = here.lenient === true || mayBeLacking(task);
    if (!isLenient || (lacking.code !== 'FILE_NOT_FOUND' && lacking.code !== 'ROLE_NOT_FOUND')) throw error;
    here.context.warn(lacking.message!, lacking.place, lacking.code);
  }
}

function check(task: TaskNode, argumentNames: string[], kind: string, here: Here): void {
  for (const argument of argumentNames) {
    const name = constantText(task.args[argument]);
    if (name === undefined || name === '') continue;
    const candidates = taskFileCandidates(kind, name, here, task.place.file);
    const found = candidates.find((path) => here.context.files.kind(path) !== undefined);
    if (found !== undefined) {
      if (kind === 'templates' && here.context.files.isFile(found)) checkTemplateFile(found, task, here);
      continue;
    }
    const place = contentPlaceOf(task.args, argument) ?? task.place;
    const error = missingFile(name, candidates, here.context.files);
    throw failure('FILE_NOT_FOUND', error.message, place, { hint: error.hint });
  }
}

/** Arguments that name a file on the controller. */
const SOURCES: Record<string, string> = { copy: 'src', unarchive: 'src', script: 'cmd' };

/** Warns of a file that is to be sent and is not there: an earlier task may make it, but seldom does. */
function checkSource(task: TaskNode, here: Here): void {
  const argument = SOURCES[task.module]!;
  const written = argument in task.args ? argument : '_raw_params';
  const text = constantText(task.args[written]);
  const name = task.module === 'script' ? text?.trim().split(/\s+/)[0] : text;
  const { remote_src: remote, copy } = task.args;
  if (!name || isAbsolute(name) || /^~|:\/\//.test(name) || name.startsWith('"') || name.startsWith("'")) return;
  if ((remote !== undefined && remote !== false) || (copy !== undefined && copy !== true)) return;
  if (here.lenient === true || mayBeLacking(task) || task.loop !== undefined) return;
  const candidates = taskFileCandidates('files', name, here, task.place.file);
  if (candidates.some((path) => here.context.files.kind(path) !== undefined)) return;
  const { message } = missingFile(name, candidates, here.context.files);
  const place = contentPlaceOf(task.args, written) ?? task.place;
  here.context.warn(`${message} (it must be there when the task runs)`, place, 'FILE_NOT_FOUND');
}

const ENTRY_FOLDERS = {
  tasks_from: 'tasks',
  vars_from: 'vars',
  defaults_from: 'defaults',
  handlers_from: 'handlers',
} as const;

function checkRole(task: TaskNode, here: Here): void {
  for (const argument of ['name', 'role']) {
    const name = constantText(task.args[argument]);
    if (name === undefined) continue;
    const { path } = findRole(name, here, contentPlaceOf(task.args, argument) ?? task.place);
    for (const from of Object.keys(ENTRY_FOLDERS) as (keyof typeof ENTRY_FOLDERS)[]) {
      const entry = constantText(task.args[from]);
      if (entry !== undefined) checkEntry(join(path, ENTRY_FOLDERS[from]), entry, task, from, here);
    }
  }
}

function checkEntry(folder: string, entry: string, task: TaskNode, argument: string, here: Here): void {
  const { files } = here.context;
  if (files.find(folder, entry, { bareFirst: true, directories: true }).length > 0) return;
  const known = files.kind(folder) === 'directory' ? files.list(folder) : [];
  const meant = didYouMean(nearest(entry, [...known.map((name) => name.replace(/\.(?:ya?ml|json)$/, '')), ...known]));
  throw failure(
    'FILE_NOT_FOUND',
    `the role has no ${basename(folder)}/${entry}${meant}`,
    contentPlaceOf(task.args, argument) ?? task.place,
    { hint: `looked in ${folder}` },
  );
}

/** Compiles a template file, unless the task gives it delimiters of its own. @throws LamplighterError TEMPLATE_SYNTAX */
function checkTemplateFile(file: string, task: TaskNode, here: Here): void {
  if (!Object.keys(task.args).some((name) => name.endsWith('_string'))) compileTemplateFile(file, here.context);
}
