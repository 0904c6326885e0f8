import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Contents above this (bytes) are read as streams, and never held. */
export const STREAM_FROM = 1024 * 1024;

/** Whether a file of the controller is encrypted as a whole. */
export async function isVault(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(14), 0, 14, 0);
    return buffer.toString('latin1', 0, bytesRead) === '$ANSIBLE_VAULT';
  } finally {
    await handle.close();
  }
}

/** Bytes that are read at a time: with Node's own 64 KB, reading costs more than hashing and encrypting. */
const PIECE = 1024 * 1024;

/** A file of the controller as a stream. */
export function fileStream(file: string): ReadStream {
  return createReadStream(file, { highWaterMark: PIECE });
}

/** The SHA-1 of a file of the controller, in hexadecimal digits, in constant memory. */
export async function fileSha1(file: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(fileStream(file), hash);
  return hash.digest('hex');
}
