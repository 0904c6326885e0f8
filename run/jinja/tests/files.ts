import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Builtin, type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { textArgument } from '../python/method.ts';

function stat(path: string): Stats | undefined {
  return quietly(() => statSync(path, { throwIfNoEntry: false }));
}

function mustStat(path: string): Stats {
  const found = stat(path);
  if (!found) throw filterError(`there is no file ${path}`);
  return found;
}

function linkStat(path: string): Stats | undefined {
  return quietly(() => lstatSync(path, { throwIfNoEntry: false }));
}

/** A path that cannot be looked at (a file where a directory should be, no permission) does not exist, as in Python. */
function quietly(look: () => Stats | undefined): Stats | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isMount(path: string): boolean {
  const own = linkStat(path);
  if (!own || own.isSymbolicLink()) return false;
  const parent = linkStat(dirname(realpathSync(path)));
  return parent !== undefined && (own.dev !== parent.dev || own.ino === parent.ino);
}

const onPath = (test: (path: string) => boolean): Builtin =>
  builtin('path', (_rt, value) => test(textArgument(value, 'path')));

const isAbsolute = onPath((path) => path.startsWith('/'));
const isDirectory = onPath((path) => stat(path)?.isDirectory() ?? false);
const isFile = onPath((path) => stat(path)?.isFile() ?? false);
const isLink = onPath((path) => linkStat(path)?.isSymbolicLink() ?? false);
const mount = onPath(isMount);
const sameFile = builtin('f1, f2', (_rt, first, second) => {
  const [a, b] = [mustStat(textArgument(first)), mustStat(textArgument(second))];
  return a.dev === b.dev && a.ino === b.ino;
});

/** Ansible's tests of paths on the controller. */
export const fileTests: Builtins = {
  abs: isAbsolute,
  directory: isDirectory,
  exists: onPath((path) => stat(path) !== undefined),
  file: isFile,
  is_abs: isAbsolute,
  is_dir: isDirectory,
  is_file: isFile,
  is_link: isLink,
  is_mount: mount,
  is_same_file: sameFile,
  link: isLink,
  link_exists: onPath((path) => linkStat(path) !== undefined),
  mount,
  same_file: sameFile,
};
