import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LamplighterError } from '../errors.ts';

interface FileSums {
  sha1: string;
  md5: string;
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Checksums of a file of the controller; undefined when there is none. @throws LamplighterError for a directory */
export async function fileSums(path: string): Promise<FileSums | undefined> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (!found.isFile())
    throw new LamplighterError('MODULE_FAILED', `attempted to take checksum of what is no file: ${path}`);
  const sums = summing();
  for await (const chunk of createReadStream(path)) sums.add(chunk as Buffer);
  return sums.told();
}

/**
 * A stream into a file, by way of a new one beside it; directories are made.
 * @param open is called when all is ready: what a process says is lost when nobody listens by the time it ends
 * @param expected SHA-1 without which the file is not put in place
 */
export async function receive(
  open: () => Promise<Readable>,
  dest: string,
  expected: string | undefined,
  signal: AbortSignal,
): Promise<FileSums & { installed: boolean }> {
  await mkdir(dirname(dest), { recursive: true });
  const part = `${dest}.${randomUUID()}.part`;
  const sums = summing();
  try {
    await pipeline(
      await open(),
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          sums.add(chunk);
          yield chunk;
        }
      },
      createWriteStream(part, { flags: 'wx' }),
      { signal },
    );
    const told = sums.told();
    const installed = expected === undefined || expected === told.sha1;
    if (installed) await rename(part, dest);
    return { ...told, installed };
  } finally {
    await rm(part, { force: true });
  }
}

function summing(): { add: (chunk: Buffer) => void; told: () => FileSums } {
  const sha1 = createHash('sha1');
  const md5 = createHash('md5');
  return {
    add: (chunk) => {
      sha1.update(chunk);
      md5.update(chunk);
    },
    told: () => ({ sha1: sha1.digest('hex'), md5: md5.digest('hex') }),
  };
}
