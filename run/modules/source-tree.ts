import { createHash } from 'node:crypto';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TaskContext } from '../task.ts';
import { fileSha1, isVault, STREAM_FROM } from './controller-file.ts';

/** What a directory of the controller holds, as `copy` sends it: paths here, and where they go below the destination. */
export interface SourceTree {
  files: { from: string; to: string; mode: number; size: number }[];
  directories: { from: string; to: string }[];
  links: { target: string; to: string }[];
}

/** A file of the tree with what the controller knows of its content, which is held only when it is small. */
export interface SourceFile {
  to: string;
  mode: number;
  content: Buffer | { file: string };
  sha1: string;
}

/** Files read at a time: each is an open one. */
const READERS = 32;

/** Reads every file of a tree. @param decrypt files of the vault are taken decrypted */
export async function readTree(context: TaskContext, { files }: SourceTree, decrypt: boolean): Promise<SourceFile[]> {
  const read: SourceFile[] = [];
  const indices = files.keys();
  const reader = async () => {
    for (const index of indices) {
      const { from, to, mode, size } = files[index]!;
      read[index] = { to, mode, ...(await contentOf(context, from, size, decrypt)) };
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return read;
}

async function contentOf(context: TaskContext, file: string, size: number, decrypt: boolean) {
  if (size > STREAM_FROM && !(decrypt && (await isVault(file))))
    return { content: { file }, sha1: await fileSha1(file) };
  const content = await context.readFile(file, { decrypt });
  return { content, sha1: createHash('sha1').update(content).digest('hex') };
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
    } else tree.files.push(fileAt(path, target, await stat(path)));
  }
}

async function walkLink(path: string, to: string, parents: string[], follow: boolean, tree: SourceTree): Promise<void> {
  const found = follow ? await stat(path).catch(() => undefined) : undefined;
  const real = found ? await realpath(path) : '';
  if (found?.isFile()) tree.files.push(fileAt(real, to, found));
  else if (found?.isDirectory() && !parents.includes(real)) {
    tree.directories.push({ from: real, to });
    await walk(real, to, [...parents, await realpath(dirname(path)), real], follow, tree);
  } else tree.links.push({ target: await readlink(path), to });
}

function fileAt(from: string, to: string, { mode, size }: { mode: number; size: number }): SourceTree['files'][number] {
  return { from, to, mode: mode & 0o7777, size };
}
