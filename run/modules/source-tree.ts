import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a directory of the controller holds, as `copy` sends it: paths here, and where they go below the destination. */
export interface SourceTree {
  files: { from: string; to: string; mode: number }[];
  directories: { from: string; to: string }[];
  links: { target: string; to: string }[];
}

/**
 * Walks a directory as Ansible's copy does. With a trailing slash its contents are meant, otherwise itself.
 * @param follow links are read through, but for those that would lead round in a circle
 */
export async function sourceTree(top: string, trailingSlash: boolean, follow: boolean): Promise<SourceTree> {
  const tree: SourceTree = { files: [], directories: [], links: [] };
  const root = trailingSlash ? '' : basename(top);
  if (root !== '') tree.directories.push({ from: top, to: root });
  await walk(top, root, [await realpath(top)], follow, tree);
  return tree;
}

async function walk(from: string, to: string, parents: string[], follow: boolean, tree: SourceTree): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isSymbolicLink()) await walkLink(path, target, parents, follow, tree);
    else if (entry.isDirectory()) {
      tree.directories.push({ from: path, to: target });
      await walk(path, target, [...parents, await realpath(path)], follow, tree);
    } else tree.files.push({ from: path, to: target, mode: (await stat(path)).mode & 0o7777 });
  }
}

async function walkLink(path: string, to: string, parents: string[], follow: boolean, tree: SourceTree): Promise<void> {
  const found = follow ? await stat(path).catch(() => undefined) : undefined;
  const real = found ? await realpath(path) : '';
  if (found?.isFile()) tree.files.push({ from: real, to, mode: found.mode & 0o7777 });
  else if (found?.isDirectory() && !parents.includes(real)) {
    tree.directories.push({ from: real, to });
    await walk(real, to, [...parents, await realpath(dirname(path)), real], follow, tree);
  } else tree.links.push({ target: await readlink(path), to });
}
