import { randomBytes } from 'node:crypto';
import { LamplighterError } from '../errors.ts';
import { quote } from '../shell/script.ts';
import type { ByteChannel } from '../task.ts';
import { SwitchedChannel } from './become-channel.ts';
import { attempts } from './become-methods.ts';
import type { Become, Connection } from './transport.ts';

export interface ShellChannelOptions {
  signal?: AbortSignal;
  /** A command in POSIX sh to run in place of a shell; its input may be data. */
  command?: string;
}

/** A channel of another user. */
export interface ShellChannel extends ByteChannel {
  /** Resolves when the user's program runs; rejects with BECOME when it never will. Nobody needs to wait for it. */
  readonly ready: Promise<void>;
}

/** Users for whom sudo is known to want a password: `sudo -n` would be a wasted trip. */
const asking = new WeakMap<Connection, Set<string>>();

/**
 * Opens a POSIX `sh` (or one command) as the login user or another. Input may be written at once: it is kept until the program
 * is known to run, and a password is sent only after it was asked for, once, with nothing else before it. When the user cannot
 * be had, `ready` rejects, `done` resolves with a status other than 0, stderr has what was said, and stdout fails with the same
 * error if anybody listens for its errors.
 * @throws LamplighterError CONNECTION_LOST, CONNECT, INTERRUPTED; BECOME when it is known before anything is sent
 */
export async function openShellChannel(
  connection: Connection,
  become: Become | undefined,
  options: ShellChannelOptions = {},
): Promise<ShellChannel> {
  const { signal, command } = options;
  if (signal?.aborted) throw new LamplighterError('INTERRUPTED', 'interrupted before a shell was opened');
  const channel = become ? await switched(connection, become, command) : await plain(connection, command);
  if (signal) {
    const end = () => channel.close();
    signal.addEventListener('abort', end, { once: true });
    void channel.done.then(() => signal.removeEventListener('abort', end));
    if (signal.aborted) end();
  }
  return channel;
}

async function plain(connection: Connection, command: string | undefined): Promise<ShellChannel> {
  const channel = await connection.exec(command === undefined ? 'exec sh' : `exec sh -c ${quote(command)}`);
  return { ...channel, close: () => channel.close(), ready: Promise.resolve() };
}

async function switched(connection: Connection, become: Become, command: string | undefined): Promise<ShellChannel> {
  const mark = `ll${randomBytes(9).toString('hex')}`;
  const program = command === undefined ? 'sh' : `sh -c ${quote(command)}`;
  const fromRoot = connection.target.user === 'root';
  const users = asking.get(connection) ?? new Set();
  asking.set(connection, users);
  const name = `${become.method} ${become.user}`;
  const ways = attempts(become, program, mark, fromRoot);
  if (users.has(name) && ways.length > 1) ways.shift();
  const channel = new SwitchedChannel(connection, become, ways, mark, () => users.add(name));
  await channel.start();
  return channel;
}
