import { PooledConnection } from './pool.ts';
import { persist } from './retry.ts';
import { openClient } from './ssh-client.ts';
import { Ssh2Client } from './ssh-sessions.ts';
import type { Connection, ConnectionTarget } from './transport.ts';

/** Connects by ssh2. @throws as Connect */
export async function connectSsh(target: ConnectionTarget, signal?: AbortSignal): Promise<Connection> {
  const logIn = (stop: AbortSignal | undefined) =>
    persist(target, stop, async () => new Ssh2Client(target, await openClient(target, connectSsh, stop)));
  return new PooledConnection(target, await logIn(signal), logIn);
}
