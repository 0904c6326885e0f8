import { dirname, join, resolve } from 'node:path';
import { failure, kindOf } from '../playbook/fail.ts';
import type { YamlFiles } from '../playbook/files.ts';
import { copyPlaces, placeOf } from '../playbook/places.ts';
import { entriesOf, isMapping } from './yaml.ts';

/**
 * Variables of a group or host from `group_vars/` or `host_vars/` in a directory, files and directories of files, vault or not.
 * https://docs.ansible.com/ansible/latest/collections/ansible/builtin/host_group_vars_vars.html
 * @throws LamplighterError INVENTORY_SHAPE when a file is not a mapping, and what reading YAML throws
 */
export function varsBeside(
  directory: string,
  kind: 'group_vars' | 'host_vars',
  name: string,
  files: YamlFiles,
): Record<string, unknown> {
  const vars: Record<string, unknown> = {};
  // A host named by a path (a chroot) has no file of its own.
  if (name.startsWith('/')) return vars;
  const folder = join(directory, kind);
  if (files.kind(folder) !== 'directory') return vars;
  for (const path of files.find(folder, name, { bareFirst: true, directories: true })) {
    const data = files.read(path);
    if (data === null || data === false || data === '') continue;
    if (!isMapping(data))
      throw failure(
        'INVENTORY_SHAPE',
        `a file of variables must be a mapping, not ${kindOf(data)}`,
        placeOf(data) ?? { file: path, line: 1, column: 1 },
      );
    for (const [key, value] of entriesOf(data)) vars[String(key)] = value;
    copyPlaces(vars, vars, data);
  }
  return vars;
}

/** Directories beside which an inventory source's `group_vars` lie; none for a list of hosts. */
export function directoryOfSource(source: string, files: YamlFiles): string | undefined {
  const kind = files.kind(source);
  if (kind === undefined && source.includes(',')) return undefined;
  return kind === 'directory' ? resolve(source) : dirname(resolve(source));
}
