import fs from 'node:fs';
import path from 'node:path';
import { LamplighterError } from '../errors.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import type { TaskResult } from '../task.ts';
import { searchPathOf } from './context.ts';
import type { HostRun } from './host-run.ts';
import type { RunState } from './run-state.ts';
import { findFile } from './search-path.ts';

/**
 * Loads variables of files into a host.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/include_vars_module.html
 * @throws LamplighterError FILE_NOT_FOUND, BAD_ARGUMENT, those of reading YAML
 */
export async function includeVars(
  run: RunState,
  task: PlanTask,
  host: HostRun,
  scope: VariableScope,
  args: Record<string, unknown>,
): Promise<TaskResult> {
  const files =
    args.file === undefined
      ? directoryFiles(run, task, args)
      : [findFile('vars', String(args.file), searchPathOf(run, task), task.node.place)];
  const values: Record<string, unknown> = {};
  for (const file of files) {
    const read = run.load.files.read(file, task.node.place) ?? {};
    if (typeof read !== 'object' || Array.isArray(read))
      throw new LamplighterError('BAD_ARGUMENT', `${file} must be stored as a dictionary/hash`, {
        place: { file, line: 1, column: 1 },
      });
    Object.assign(values, read);
  }
  const included: Record<string, unknown> = args.name === undefined ? values : { [String(args.name)]: values };
  // With what the host's variables are already, not the files with each other.
  if (args.hash_behaviour === 'merge')
    for (const [name, value] of Object.entries(included)) included[name] = merged(scope.resolve(name), value);
  Object.assign(host.variables.included, included);
  return { changed: false, ansible_facts: included, ansible_included_var_files: files };
}

function directoryFiles(run: RunState, task: PlanTask, args: Record<string, unknown>): string[] {
  const root = findFile('vars', String(args.dir), searchPathOf(run, task), task.node.place);
  const extensions = args.extensions as string[];
  const ignored = (args.ignore_files as string[]).map((pattern) => new RegExp(pattern));
  const matching = args.files_matching === undefined ? undefined : new RegExp(String(args.files_matching));
  const depth = Number(args.depth);
  const files: string[] = [];
  const walk = (directory: string, level: number): void => {
    const entries = fs.readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) {
        if (depth === 0 || level < depth) walk(file, level + 1);
        continue;
      }
      if (matching && !matching.test(entry.name)) continue;
      if (ignored.some((pattern) => pattern.test(entry.name))) continue;
      const known = extensions.some((extension) => entry.name.endsWith(`.${extension.replace(/^\./, '')}`));
      if (known) files.push(file);
      else if (args.ignore_unknown_extensions !== true)
        throw new LamplighterError(
          'BAD_ARGUMENT',
          `${file} does not have a valid extension: ${extensions.join(', ')}`,
          { place: task.node.place },
        );
    }
  };
  walk(root, 1);
  return files;
}

function merged(before: unknown, value: unknown): unknown {
  if (!isMapping(before) || !isMapping(value)) return value;
  const keys = Object.entries(value).map(([key, each]) => [key, merged(before[key], each)]);
  return { ...before, ...Object.fromEntries(keys) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
