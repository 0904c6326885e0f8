import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
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

/** The hash of a file of the controller, in hexadecimal digits, in constant memory. */
export async function fileHash(file: string, algorithm: 'sha1' | 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
