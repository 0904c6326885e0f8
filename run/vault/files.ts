import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { shredOpen } from './shred.ts';

/** The name for stdin and stdout. */
export const STREAM = '-';

/** Where a name of the command line leads; links are followed, so that they stay links when their target is replaced. */
export function pathOf(name: string, cwd: string): string {
  if (name === STREAM) return name;
  const path = resolve(cwd, name);
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** @throws LamplighterError FILE_NOT_FOUND, FILE_UNREADABLE */
export function readData(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new LamplighterError('FILE_NOT_FOUND', `there is no file ${path}`, { cause: error });
    const reason = code === 'EISDIR' ? 'it is a directory' : code === 'EACCES' ? 'permission denied' : String(code);
    throw new LamplighterError('FILE_UNREADABLE', `the file ${path} cannot be read: ${reason}`, { cause: error });
  }
}

export interface Replacing {
  /** Keep mode and owner of what is there; otherwise, and for a new file, only the owner may read it. */
  keep: boolean;
  /** What is there is a secret in clear text: overwrite it after the new content stands. */
  shred?: boolean;
}

/**
 * Puts content in the place of a file: whole or not at all, whatever happens on the way. What is no regular file (a pipe, a
 * device) is written to. Returns whether clear text lives on under another name of the old file.
 * @throws LamplighterError FILE_UNREADABLE when it cannot be written
 */
export function replaceFile(path: string, data: Buffer | string, { keep, shred }: Replacing): { leftBehind: boolean } {
  try {
    const before = statSync(path, { throwIfNoEntry: false });
    if (before && !before.isFile()) {
      writeFileSync(path, data);
      return { leftBehind: false };
    }
    const old = before && shred ? openSync(path, 'r+') : undefined;
    try {
      renameOver(path, data, keep ? before : undefined);
      if (old === undefined) return { leftBehind: false };
      // Other names of the old file are a person's own: spoiling them would destroy what was not to be encrypted.
      const leftBehind = fstatSync(old).nlink > 0;
      if (!leftBehind) shredOpen(old);
      return { leftBehind };
    } finally {
      if (old !== undefined) closeSync(old);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LamplighterError('FILE_UNREADABLE', `the file ${path} cannot be written: ${reason}`, { cause: error });
  }
}

function renameOver(path: string, data: Buffer | string, like: Stats | undefined): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    try {
      writeFileSync(descriptor, data);
      if (like) {
        if (like.uid !== process.getuid?.() || like.gid !== process.getgid?.())
          fchownSync(descriptor, like.uid, like.gid);
        fchmodSync(descriptor, like.mode & 0o7777);
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
