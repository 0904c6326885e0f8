import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, lstatSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PASSES = 3;
const CHUNK = 1 << 20;

/** Overwrites an open file with noise, as far as its file system lets that reach the disk. */
export function shredOpen(descriptor: number): void {
  const { size } = fstatSync(descriptor);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let at = 0; at < size; at += CHUNK) {
      const length = Math.min(CHUNK, size - at);
      writeSync(descriptor, randomBytes(length), 0, length, at);
    }
    fsyncSync(descriptor);
  }
}

/** Overwrites and removes every file below a directory, and the directory: an editor leaves copies of its own. */
export function shredDirectory(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) shredDirectory(path);
    else if (stat.isFile()) shredFile(path);
  }
  rmSync(directory, { recursive: true, force: true });
}

function shredFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    shredOpen(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
