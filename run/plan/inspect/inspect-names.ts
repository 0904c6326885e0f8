import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { didYouMean } from '../../playbook/fail.ts';
import { allRoles } from '../barriers.ts';
import type { Loaded } from '../load.ts';
import type { LocatedFinding } from './finding.ts';
import { missingIncludes } from './includes.ts';
import { Names } from './names.ts';
import { unknownReferences } from './references.ts';
import { withResults } from './registered.ts';
import { misspeltFolders, variablesOfNobody } from './strays.ts';
import { unknownAttributes } from './unknown-attributes.ts';
import { type SeenTemplate, type UnknownName, unknownNames } from './unknown-names.ts';

/** In a site of more files a name may come from anywhere. */
const MOST_FILES = 2000;
const MAY_DEFINE = /\.(?:ya?ml|json|ini|toml|csv)$|^[^.]+$/;

/** Another playbook of the site: nothing includes it. */
const PLAYBOOK = /^- *(?:\w[^\n]*\n[ ]+)*?hosts:/m;

/**
 * Warns of names that are nobody's: variables that templates read and nothing defines, groups and hosts that there are not,
 * files and folders of variables and roles that nothing reads.
 */
export async function inspectNames(loaded: Loaded): Promise<LocatedFinding[]> {
  const { inventory, context, playbooks } = loaded;
  const files = templateFiles(loaded);
  const templates = [...(loaded.templates ?? []), ...files];
  const beside = [...new Set(playbooks.map(({ file }) => dirname(file)))];
  return [
    ...(await undefinedVariables(loaded, templates)),
    ...unknownReferences(templates, inventory),
    ...variablesOfNobody(beside, inventory, context.files),
    ...misspeltFolders(rolesRead(loaded)),
    ...files.flatMap((template) => missingIncludes(template, beside, context.files)),
  ];
}

/** Each once. Files that only the run will read (`include_vars`, a templated `include_tasks`) may define what they mention. */
async function undefinedVariables(loaded: Loaded, templates: readonly SeenTemplate[]): Promise<LocatedFinding[]> {
  const names = namesOf(loaded);
  if (names.isOpen) return [];
  const unknown = new Map<string, UnknownName[]>();
  const values = await withResults(names.values, loaded);
  const all = [...unknownNames(templates, names.variables), ...unknownAttributes(templates, values)];
  for (const each of all) unknown.set(each.name, [...(unknown.get(each.name) ?? []), each]);
  if (unknown.size === 0) return [];
  const files = otherFiles(loaded);
  if (files === undefined) return [];
  for (const file of files) {
    const text = readable(() => readFileSync(file, 'utf8')) ?? '';
    if (PLAYBOOK.test(text)) continue;
    for (const name of unknown.keys()) if (new RegExp(`\\b${name.split('.')[0]}\\b`).test(text)) unknown.delete(name);
  }
  return [...unknown].map(([name, uses]) => finding(name, uses));
}

function templateFiles({ context }: Loaded): SeenTemplate[] {
  return [...context.templateFiles].flatMap(([file, template]) =>
    template === undefined ? [] : [{ template, place: { file, line: 1, column: 1 } }],
  );
}

function finding(name: string, uses: readonly UnknownName[]): LocatedFinding {
  return {
    level: 'warning',
    rule: 'undefined-variable',
    message: `nothing defines the variable "${name}"${didYouMean(uses[0]!.near)}${uses.length > 1 ? `, which ${uses.length} templates use` : ''}`,
    hosts: [],
    places: [uses[0]!.place],
  };
}

/** What all that was read defines. */
function namesOf({ inventory, context, extra }: Loaded): Names {
  const names = new Names();
  for (const { vars } of [...inventory.groups.values(), ...inventory.hosts.values()]) names.addVariables(vars);
  names.addVariables(extra);
  for (const path of context.files.paths()) {
    const value = context.files.read(path);
    names.addVariables(value);
    names.scan(value);
  }
  return names;
}

function rolesRead({ playbooks }: Loaded): Set<string> {
  return new Set(
    playbooks.flatMap(({ plays }) => plays.flatMap((play) => allRoles(play.roles).map(({ path }) => path))),
  );
}

/** Files that only the run may read: beside the playbooks and in the roles that were read. Undefined for too many. */
function otherFiles(loaded: Loaded): string[] | undefined {
  const { playbooks, context } = loaded;
  const read = new Set(context.files.paths());
  const waiting = new Set([...playbooks.map(({ file }) => dirname(file)), ...rolesRead(loaded)]);
  const files: string[] = [];
  for (const directory of waiting) {
    for (const entry of readable(() => readdirSync(directory, { withFileTypes: true })) ?? []) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name)) waiting.add(path);
      else if (entry.isFile() && !read.has(path) && MAY_DEFINE.test(entry.name)) files.push(path);
    }
    if (files.length > MOST_FILES || waiting.size > MOST_FILES) return undefined;
  }
  return files;
}

/** What cannot be read defines nothing: the run cannot read it either. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
