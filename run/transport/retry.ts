import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../errors.ts';
import { describe, interrupted } from './failures.ts';
import type { ConnectionTarget } from './transport.ts';

const TRIES = 12;
const SECONDS = 30;

/** The server hung up before the key exchange was over: sshd does so to some when many come at once (MaxStartups). */
export class DroppedEarly extends Error {}

/**
 * Tries again, later each time and not at the same time as others, while the server drops the connection early; for at most
 * 30 s. @throws LamplighterError CONNECT after that, INTERRUPTED, and what `attempt` throws
 */
export async function persist<T>(
  target: ConnectionTarget,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + SECONDS * 1000;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DroppedEarly)) throw error;
      const pause = Math.min(2000, 50 * 2 ** tries) * (0.5 + Math.random());
      if (tries >= TRIES || Date.now() + pause > deadline) throw dropped(target, error, tries);
      await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {
        throw interrupted(target);
      });
    }
  }
}

function dropped(target: ConnectionTarget, error: DroppedEarly, tries: number): LamplighterError {
  const text = `cannot connect to ${describe(target)}: it hung up before the key exchange, ${tries} times (${error.message})`;
  return new LamplighterError('CONNECT', text, {
    hint: 'Is it an SSH server? Many connections at once meet MaxStartups in sshd_config: lower --forks.',
    cause: error,
  });
}
