import { mkdtemp, rm } from 'node:fs/promises';
import { endMasters } from './masters.ts';

/** A directory for the time of a benchmark. Its path is short: it may hold the sockets of ssh's control masters. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp('/tmp/bench-');
  try {
    return await use(directory);
  } finally {
    await endMasters(directory);
    await rm(directory, { recursive: true, force: true });
  }
}
