import type { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { type ErrorCode, LamplighterError } from '../../run/errors.ts';
import type { ByteChannel } from '../../run/task.ts';

export interface Outcome {
  stdout: string;
  stderr: string;
  status: number;
}

/** Feeds a channel, ends its input and gathers what comes. */
export async function converse(channel: ByteChannel, input = ''): Promise<Outcome> {
  const gathered = { stdout: '', stderr: '' };
  channel.stdout.on('data', (chunk: Buffer) => {
    gathered.stdout += chunk.toString();
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    gathered.stderr += chunk.toString();
  });
  channel.stdin.end(input);
  // `done` waits for no reader: what was written may still be on its way to this one.
  const [status] = await Promise.all([channel.done, over(channel.stdout)]);
  return { ...gathered, status };
}

async function over(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return;
  await new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
}

/** Asserts that a promise fails with a code of ours, and hands the error back. */
export async function failsWith(code: ErrorCode, promise: Promise<unknown>): Promise<LamplighterError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (!(error instanceof LamplighterError)) throw error;
    assert.is(error.code, code, error.message);
    return error;
  }
  throw new Error(`expected ${code}, got ${JSON.stringify(value)}`);
}

/** Rejects after a while, so that what should end and does not fails instead of hanging. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
