import { dirname, join, resolve } from 'node:path';
import { expandHome } from './expand-home.ts';
import type { Here } from './here.ts';

/**
 * The file of a module that a role, a playbook or a collection brings along, where Ansible would find it: `library/`,
 * `action_plugins/`, or a collection's `plugins/`. Such a module is a program for Python on the host, which is not run
 * here; that there is one tells a module from a misspelt keyword.
 */
export function findPythonModule(name: string, here: Here): string | undefined {
  const { files } = here.context;
  return candidates(name, here).find((path) => files.isFile(path));
}

function candidates(name: string, here: Here): string[] {
  const parts = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)\.([\w.]+)$/.exec(name);
  if (parts) return inCollection(`${parts[1]}.${parts[2]}`, parts[3]!, here);
  if (!/^\w+$/.test(name)) return [];
  return [
    ...[here.playbookDir, ...roles(here)].flatMap((directory) => [
      ...withExtensions(join(directory, 'library', name)),
      join(directory, 'action_plugins', `${name}.py`),
    ]),
    ...here.collections.flatMap((collection) => inCollection(collection, name, here)),
  ];
}

/** Every role in reach: the library of one serves the others too. */
function roles({ role, playbookDir, context }: Here): string[] {
  const { files, rolesPath } = context;
  const folders = [join(playbookDir, 'roles'), ...rolesPath, ...(role ? [dirname(role.path)] : [])];
  const inFolders = [...new Set(folders.map((path) => resolve(expandHome(path))))]
    .filter((path) => files.kind(path) === 'directory')
    .flatMap((path) => files.list(path).map((name) => join(path, name)));
  return role ? [role.path, ...inFolders] : inFolders;
}

function inCollection(collection: string, name: string, here: Here): string[] {
  const roots = [join(here.playbookDir, 'collections'), ...here.context.collectionsPath];
  // A role of a collection has its own collection two directories above it.
  const own = here.role ? [join(dirname(here.role.path), '..')] : [];
  const bases = roots.map((root) => join(resolve(expandHome(root)), 'ansible_collections', ...collection.split('.')));
  return [...bases, ...own].flatMap((base) => [
    ...withExtensions(join(base, 'plugins/modules', ...name.split('.'))),
    join(base, 'plugins/action', `${name.replaceAll('.', '/')}.py`),
  ]);
}

function withExtensions(path: string): string[] {
  return [`${path}.py`, path, `${path}.sh`];
}
