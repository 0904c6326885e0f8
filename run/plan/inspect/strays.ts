import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { correction } from '../../errors.ts';
import type { Inventory } from '../../inventory/model.ts';
import type { YamlFiles } from '../../playbook/files.ts';
import type { LocatedFinding } from './finding.ts';

const ROLE_FOLDERS = 'tasks handlers templates files vars defaults meta library tests'.split(' ');

/** Warns of a role's folders whose names are nearly those that Ansible reads: what is in them counts for nothing. */
export function misspeltFolders(roles: Iterable<string>): LocatedFinding[] {
  return [...roles].flatMap((role) =>
    readdirSync(role, { withFileTypes: true }).flatMap((entry): LocatedFinding[] => {
      if (!entry.isDirectory() || ROLE_FOLDERS.includes(entry.name)) return [];
      const right = correction(entry.name, ROLE_FOLDERS)?.right;
      if (right === undefined) return [];
      return [
        {
          level: 'warning',
          rule: 'stray-folder',
          message: `nothing reads the folder "${entry.name}" of the role "${basename(role)}"; did you mean "${right}"?`,
          hosts: [],
          places: [{ file: join(role, entry.name), line: 1, column: 1 }],
        },
      ];
    }),
  );
}

/** Warns of files in group_vars and host_vars that are named nearly as a group or a host, and as none. */
export function variablesOfNobody(
  directories: Iterable<string>,
  inventory: Inventory,
  files: YamlFiles,
): LocatedFinding[] {
  const kinds = [
    ['group_vars', 'group', inventory.groups],
    ['host_vars', 'host', inventory.hosts],
  ] as const;
  return [...directories].flatMap((directory) =>
    kinds.flatMap(([folder, what, known]) => {
      const path = join(directory, folder);
      if (files.kind(path) !== 'directory') return [];
      return files.list(path).flatMap((file): LocatedFinding[] => {
        const name = file.replace(/\.(?:ya?ml|json)$/, '');
        if (known.has(name) || file.startsWith('.')) return [];
        const right = correction(name, known.keys())?.right;
        if (right === undefined) return [];
        return [
          {
            level: 'warning',
            rule: 'unused-variables',
            message: `there is no ${what} "${name}", so nobody gets these variables; did you mean "${right}"?`,
            hosts: [],
            places: [{ file: join(path, file), line: 1, column: 1 }],
          },
        ];
      });
    }),
  );
}
