import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { anything, bool, dict, fileMode, list, path, str } from '../../run/args.ts';
import type { Place } from '../../run/errors.ts';
import type { ModuleCatalogue } from '../../run/playbook/catalogue.ts';
import { type LoadContext, type LoadSettings, loadContext } from '../../run/playbook/context.ts';
import { isForeign } from '../../run/playbook/foreign-modules.ts';
import { loadPlaybook } from '../../run/playbook/loader.ts';
import type { Node, Playbook, TaskNode } from '../../run/playbook/model.ts';
import { defineTask, type TaskDefinition } from '../../run/task.ts';

/** Makes a tree of files (`name!` is executable), hands its directory to `body` and removes it. */
export async function withTree<T>(
  files: Record<string, string>,
  body: (directory: string) => Promise<T> | T,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'lamplighter-playbook-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(directory, name.replace(/!$/, ''));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (name.endsWith('!')) chmodSync(path, 0o755);
    }
    return await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const command = z.strictObject({
  cmd: str().optional(),
  chdir: path().optional(),
  creates: path().optional(),
  executable: path().optional(),
});
const raw = { cmd: ['_raw_params'] };
const role = {
  name: str(),
  tasks_from: str().optional(),
  vars_from: str().optional(),
  allow_duplicates: bool().default(true),
  public: bool().optional(),
  apply: dict().optional(),
};

const define = (name: string, args: TaskDefinition['args'], more: Partial<TaskDefinition> = {}): TaskDefinition =>
  defineTask({ name: `ansible.builtin.${name}`, summary: '', args, checkMode: 'reads', ...more }) as TaskDefinition;

const DEFINITIONS: TaskDefinition[] = [
  define(
    'debug',
    z.strictObject({ msg: anything().optional(), var: str().optional(), verbosity: anything().optional() }),
  ),
  define('command', command, {
    argAliases: raw,
    freeForm: { argument: 'cmd', keyValues: 'known-only' },
    unsupported: { executable: 'use shell' },
  }),
  define('shell', command, { argAliases: raw, freeForm: { argument: 'cmd', keyValues: 'known-only' } }),
  define(
    'copy',
    z.strictObject({
      dest: path(),
      src: str().optional(),
      content: str().optional(),
      mode: fileMode().optional(),
      backup: bool().default(false),
    }),
    {
      argAliases: { dest: ['path'] },
      unsupported: { attributes: 'chattr is not used' },
    },
  ),
  define('template', z.strictObject({ src: path(), dest: path() })),
  define(
    'apt',
    z.strictObject({ name: list(str()).optional(), state: str().optional(), update_cache: bool().optional() }),
    { argAliases: { name: ['pkg'] } },
  ),
  define('set_fact', z.looseObject({ cacheable: bool().default(false) })),
  define('assert', z.strictObject({ that: anything(), msg: str().optional() })),
  define('ping', z.strictObject({ data: str().optional() })),
  define('meta', z.strictObject({ free_form: str() }), {
    argAliases: { free_form: ['_raw_params'] },
    freeForm: { argument: 'free_form', keyValues: 'none' },
  }),
  define('include_vars', z.strictObject({ file: path().optional(), name: str().optional() }), {
    argAliases: { file: ['_raw_params'] },
    freeForm: { argument: 'file', keyValues: 'known-only' },
  }),
  define('include_tasks', z.strictObject({ file: path(), apply: dict().optional() }), {
    argAliases: { file: ['_raw_params'] },
    freeForm: { argument: 'file', keyValues: 'known-only' },
  }),
  define('import_tasks', z.strictObject({ file: path() }), {
    argAliases: { file: ['_raw_params'] },
    freeForm: { argument: 'file', keyValues: 'known-only' },
  }),
  define('include_role', z.strictObject(role), { argAliases: { name: ['role'] } }),
  define('import_role', z.strictObject(role), { argAliases: { name: ['role'] } }),
  define('import_playbook', z.strictObject({ file: path() }), {
    argAliases: { file: ['_raw_params'] },
    freeForm: { argument: 'file', keyValues: 'none' },
  }),
];

/** A few modules with the arguments that the cases need, so that no case depends on a module's own growth. */
const MODULES: ModuleCatalogue = {
  find: (name) =>
    Promise.resolve(DEFINITIONS.find((each) => each.name === name || each.name === `ansible.builtin.${name}`)),
  names: () => DEFINITIONS.map((each) => each.name.replace('ansible.builtin.', '')),
  foreign: isForeign,
};

export interface Loaded {
  playbook: Playbook;
  warnings: { message: string; place: Place | undefined }[];
  context: LoadContext;
}

/** Loads `site.yml` of a tree; `render` only fills in plain `{{ name }}`. */
export async function load(
  directory: string,
  settings: Partial<LoadSettings> = {},
  name = 'site.yml',
): Promise<Loaded> {
  const warnings: Loaded['warnings'] = [];
  const context = loadContext({
    modules: MODULES,
    rolesPath: [],
    collectionsPath: [],
    render: (text, vars) => text.replace(/\{\{ *(\w+) *\}\}/g, (_, variable: string) => String(vars[variable])),
    warn: (message, place) => warnings.push({ message, place }),
    ...settings,
  });
  return { playbook: await loadPlaybook(join(directory, name), context), warnings, context };
}

export function tasksIn(nodes: readonly Node[]): TaskNode[] {
  return nodes.flatMap((node) =>
    node.kind === 'task' ? [node] : tasksIn([...node.block, ...node.rescue, ...node.always]),
  );
}

/** The output of one of Ansible's programs, or undefined when it is not installed. */
export function ansible(program: string, args: string[], cwd?: string, input?: string): string | undefined {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(cwd === undefined ? {} : { cwd }),
      ...(input === undefined ? {} : { input }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs Python that can import Ansible, with JSON in and out; undefined when there is none. */
export function python(script: string, input: unknown): unknown {
  try {
    const output = execFileSync('/usr/bin/python3', ['-c', `import json, sys\nimport ansible\n${script}`], {
      encoding: 'utf8',
      input: JSON.stringify(input),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return JSON.parse(output);
  } catch (error) {
    if (/No module named 'ansible'|ENOENT/.test(String((error as { stderr?: unknown }).stderr ?? error)))
      return undefined;
    throw error;
  }
}
