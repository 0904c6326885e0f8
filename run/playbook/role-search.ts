import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { nearest, type Place } from '../errors.ts';
import { expandHome } from './expand-home.ts';
import { didYouMean, failure } from './fail.ts';
import type { Here } from './here.ts';

export interface FoundRole {
  name: string;
  path: string;
  /** `namespace.collection` of a collection's role. */
  collection?: string;
}

/**
 * The directory of a role, by Ansible's search path: collections, the playbook's `roles/`, the configured paths, the roles
 * beside the role that asks, the playbook's directory, and the name as a path.
 * @throws LamplighterError ROLE_NOT_FOUND with every place that was looked at
 */
export function findRole(name: string, here: Here, place: Place): FoundRole {
  const { files } = here.context;
  const inCollection = findInCollections(name, here);
  if (inCollection) return inCollection;
  const directories = searchPath(here);
  for (const directory of directories) {
    const path = resolve(directory, expandHome(name));
    if (files.kind(path) !== undefined) return { name, path };
  }
  const path = resolve(expandHome(name));
  if (files.kind(path) !== undefined && (isAbsolute(expandHome(name)) || name.includes('/')))
    return { name: basename(name), path };
  const known = directories.flatMap((directory) =>
    files.kind(directory) === 'directory' && basename(directory) === 'roles' ? files.list(directory) : [],
  );
  throw failure('ROLE_NOT_FOUND', `there is no role "${name}"${didYouMean(nearest(name, new Set(known)))}`, place, {
    hint: `looked in ${directories.join(', ')}`,
  });
}

function searchPath(here: Here): string[] {
  const { role, playbookDir, context } = here;
  const beside = role ? [dirname(role.path)] : [];
  const configured = context.rolesPath.map((path) => resolve(expandHome(path)));
  return [...new Set([join(playbookDir, 'roles'), ...configured, ...beside, playbookDir])];
}

function findInCollections(name: string, here: Here): FoundRole | undefined {
  const parts = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)\.([\w.]+)$/.exec(name);
  const wanted: [collection: string, role: string][] = parts
    ? [[`${parts[1]}.${parts[2]}`, parts[3]!]]
    : here.collections.map((collection) => [collection, name]);
  const roots = [join(here.playbookDir, 'collections'), ...here.context.collectionsPath];
  for (const [collection, role] of wanted)
    for (const root of roots) {
      const base = join(resolve(expandHome(root)), 'ansible_collections', ...collection.split('.'));
      const path = join(base, 'roles', ...role.split('.'));
      if (here.context.files.kind(path) === 'directory') return { name: `${collection}.${role}`, path, collection };
    }
  return undefined;
}
