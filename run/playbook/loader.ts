import { dirname, resolve } from 'node:path';
import type { Place } from '../errors.ts';
import type { LoadContext } from './context.ts';
import { attempt, failure, kindOf } from './fail.ts';
import type { Here } from './here.ts';
import { importKey, readImportPlaybook } from './import-playbook.ts';
import { readTaskFile } from './import-tasks.ts';
import { type Mapping, mappingOf } from './mapping.ts';
import type { Node, Play, Playbook, Raw, Role, SharedKeywords } from './model.ts';
import { readNodes } from './nodes.ts';
import { placeOf } from './places.ts';
import { readPlay } from './play.ts';
import { readRole } from './role.ts';
import { unknownKeyword } from './shared.ts';

export type { LoadContext } from './context.ts';

/**
 * Reads a playbook with all that it imports, and checks what can be checked before any host is known.
 * https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_intro.html
 * @throws LamplighterError the first mistake, with its place
 */
export async function loadPlaybook(path: string, context: LoadContext): Promise<Playbook> {
  const file = resolve(path);
  return { file, plays: await readPlays(file, { vars: {}, conditions: {}, open: [] }, context) };
}

/** What import_playbook says of the plays it imports, itself imported maybe. */
interface Inherited {
  vars: Record<string, Raw>;
  conditions: Pick<SharedKeywords, 'when' | 'tags'>;
  open: readonly string[];
  askedFrom?: Place;
}

async function readPlays(file: string, inherited: Inherited, context: LoadContext): Promise<Play[]> {
  const data = context.files.read(file, inherited.askedFrom);
  const top = { file, line: 1, column: 1 };
  if (data === null) throw failure('PLAYBOOK_SHAPE', 'the playbook is empty', top);
  if (!Array.isArray(data))
    throw failure('PLAYBOOK_SHAPE', `a playbook is a list of plays, not ${kindOf(data)}`, placeOf(data) ?? top, {
      hint: 'begin each play with "- "',
    });
  const plays: Play[] = [];
  for (const [index, item] of data.entries()) {
    const read = async (): Promise<Play[]> => {
      const entry = mappingOf(item, 'a play', placeOf(data, index) ?? top);
      const key = importKey(entry);
      if (key !== undefined) return readImported(file, entry, key, inherited, context);
      return [withInherited(await readOnePlay(entry, file, inherited, context), inherited.conditions)];
    };
    plays.push(...((await attempt(context.report, read)) ?? []));
  }
  return plays;
}

async function readImported(
  file: string,
  entry: Mapping,
  key: string,
  inherited: Inherited,
  context: LoadContext,
): Promise<Play[]> {
  const { path, keywords } = readImportPlaybook(entry, key, context, inherited.vars);
  const place = placeOf(entry, key)!;
  const open = [...inherited.open, file];
  if (open.includes(path)) throw failure('PLAYBOOK_SHAPE', `the playbook ${path} imports itself`, place);
  return readPlays(
    path,
    {
      vars: { ...keywords.vars, ...inherited.vars },
      conditions: joined(inherited.conditions, keywords),
      open,
      askedFrom: place,
    },
    context,
  );
}

async function readOnePlay(entry: Mapping, file: string, inherited: Inherited, context: LoadContext): Promise<Play> {
  if (!('hosts' in entry)) {
    if ('include' in entry)
      throw failure('UNSUPPORTED_KEYWORD', '"include" of a playbook is gone since Ansible 2.12', placeOf(entry), {
        hint: 'use import_playbook',
      });
    const strange = Object.keys(entry).find((key) => key.toLowerCase().startsWith('host') || key.startsWith('import'));
    if (strange !== undefined) throw unknownKeyword(entry, strange, 'a play', ['hosts', 'import_playbook']);
    throw failure('PLAYBOOK_SHAPE', 'a play needs "hosts"', placeOf(entry), {
      hint: 'if these are tasks, they belong under "tasks" of a play',
    });
  }
  return readPlay(entry, start(context, { playbookDir: dirname(file), vars: inherited.vars }));
}

function withInherited(play: Play, outer: Inherited['conditions']): Play {
  return { ...play, ...joined(outer, play) };
}

function joined(
  outer: Pick<SharedKeywords, 'when' | 'tags'>,
  inner: Pick<SharedKeywords, 'when' | 'tags'>,
): Pick<SharedKeywords, 'when' | 'tags'> {
  const when = [...(outer.when ?? []), ...(inner.when ?? [])];
  const tags = [...(outer.tags ?? []), ...(inner.tags ?? [])];
  return { ...(when.length > 0 ? { when } : {}), ...(tags.length > 0 ? { tags } : {}) };
}

export interface IncludedFrom {
  role?: Role | undefined;
  /** Of the including task. */
  place: Place;
  /** Directory of the play's playbook; without it that for which the including file was last read. */
  playbookDir?: string;
  /** Variables that names of imports in the file may use. */
  vars?: Record<string, Raw>;
  handlers?: boolean;
}

/** The tasks of a file that is included during the run. @throws LamplighterError FILE_NOT_FOUND and those of its tasks */
export async function loadTaskFile(path: string, from: IncludedFrom, context: LoadContext): Promise<Node[]> {
  const file = resolve(path);
  const here: Here = {
    ...start(context, { playbookDir: from.playbookDir ?? playbookDirOf(from.place, context), vars: from.vars ?? {} }),
    role: from.role,
    trail: [{ kind: 'tasks', path: file, directory: dirname(file) }],
    handlers: from.handlers ?? false,
    dynamic: true,
    from: from.place,
  };
  return readTaskFile(file, here, from.place, readNodes);
}

export interface RoleOptions {
  tasksFrom?: string;
  varsFrom?: string;
  defaultsFrom?: string;
  handlersFrom?: string;
  allowDuplicates?: boolean;
  validate?: boolean;
  /** `vars:` of the include. */
  vars?: Record<string, Raw>;
  /** The role that includes it: roles beside it are found. */
  parent?: Role | undefined;
  playbookDir?: string;
}

/** A role that is included during the run. @throws LamplighterError ROLE_NOT_FOUND, ROLE_CYCLE and those of its files */
export async function loadRole(name: string, options: RoleOptions, place: Place, context: LoadContext): Promise<Role> {
  const vars = options.vars ?? {};
  const here: Here = {
    ...start(context, { playbookDir: options.playbookDir ?? playbookDirOf(place, context), vars }),
    role: options.parent,
    collections: options.parent?.collection ? [options.parent.collection] : [],
    dynamic: true,
  };
  const use = {
    name,
    place,
    params: {},
    keywords: Object.keys(vars).length > 0 ? { vars } : {},
    from: {
      tasks: options.tasksFrom,
      vars: options.varsFrom,
      defaults: options.defaultsFrom,
      handlers: options.handlersFrom,
    },
    imported: true,
    allowDuplicates: options.allowDuplicates ?? true,
    validate: options.validate ?? true,
  };
  return readRole(use, here, readNodes);
}

function start(context: LoadContext, where: { playbookDir: string; vars: Record<string, Raw> }): Here {
  return {
    context,
    ...where,
    trail: [],
    handlers: false,
    moduleDefaults: [],
    collections: [],
    imported: [],
    dynamic: false,
  };
}

function playbookDirOf(place: Place, context: LoadContext): string {
  return context.playbookDirs.get(place.file) ?? dirname(place.file);
}
