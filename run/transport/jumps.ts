import { interrupted } from './failures.ts';
import type { Connect, Connection, ConnectionTarget } from './transport.ts';

interface Shared {
  opening: Promise<Connection>;
  users: number;
}

const open = new Map<string, Shared>();

/** A connection to a jump host that others may be using, and how to give it back. */
export interface BorrowedJump {
  connection: Connection;
  release(): void;
}

/**
 * Connects to a jump host, once for all the hosts behind it: a hundred log-ins at once would meet its MaxStartups. It is closed
 * when the last one gives it back. @throws as Connect
 */
export async function borrowJump(
  jump: ConnectionTarget,
  connect: Connect,
  signal: AbortSignal | undefined,
): Promise<BorrowedJump> {
  const key = JSON.stringify(jump);
  const shared = open.get(key) ?? start(key, jump, connect);
  shared.users++;
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    if (--shared.users > 0) return;
    forget(key, shared);
    shared.opening.then((connection) => connection.close()).catch(() => undefined);
  };
  try {
    return { connection: await unlessAborted(jump, shared.opening, signal), release };
  } catch (error) {
    release();
    throw error;
  }
}

function start(key: string, jump: ConnectionTarget, connect: Connect): Shared {
  const shared: Shared = { opening: connect(jump), users: 0 };
  open.set(key, shared);
  shared.opening.then(
    (connection) => connection.closed.then(() => forget(key, shared)),
    () => forget(key, shared),
  );
  return shared;
}

function forget(key: string, shared: Shared): void {
  if (open.get(key) === shared) open.delete(key);
}

async function unlessAborted<T>(
  jump: ConnectionTarget,
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return promise;
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(interrupted(jump));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
