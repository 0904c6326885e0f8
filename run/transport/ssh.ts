import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { LamplighterError } from '../errors.ts';
import type { ByteChannel } from '../task.ts';
import { describe, interrupted, lost, messageOf } from './failures.ts';
import { byteChannel } from './ssh-channel.ts';
import { DroppedEarly, type OpenClient, openClient } from './ssh-client.ts';
import type { Connection, ConnectionTarget } from './transport.ts';

const DROP_TRIES = 12;
const DROP_SECONDS = 30;
const MOST_CLIENTS = 32;

/** Connects by ssh2. A server that hangs up before the key exchange is tried again, later each time, for up to 30 s. */
export async function connectSsh(target: ConnectionTarget, signal?: AbortSignal): Promise<Connection> {
  return new SshConnection(target, await persist(target, signal));
}

async function persist(target: ConnectionTarget, signal: AbortSignal | undefined): Promise<OpenClient> {
  const deadline = Date.now() + DROP_SECONDS * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      return await openClient(target, connectSsh, signal);
    } catch (error) {
      if (!(error instanceof DroppedEarly)) throw error;
      const pause = Math.min(2000, 50 * 2 ** attempt) * (0.5 + Math.random());
      if (attempt >= DROP_TRIES || Date.now() + pause > deadline) throw dropped(target, error, attempt);
      await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {
        throw interrupted(target);
      });
    }
  }
}

function dropped(target: ConnectionTarget, error: DroppedEarly, attempts: number): LamplighterError {
  return new LamplighterError(
    'CONNECT',
    `cannot connect to ${describe(target)}: it hung up before the key exchange, ${attempts} times (${error.message})`,
    {
      hint: 'Is it an SSH server? Many connections at once meet MaxStartups in sshd_config; lower --forks.',
      cause: error,
    },
  );
}

interface Pooled {
  open: OpenClient;
  channels: Set<ReturnType<typeof byteChannel>>;
  /** Sessions the server allows on one connection (MaxSessions), once it has refused one. */
  limit: number;
  gone: boolean;
}

/** One host's connection; more of them behind it when the server allows few sessions on each. */
class SshConnection implements Connection {
  readonly target: ConnectionTarget;
  readonly warnings: string[];
  readonly closed: Promise<Error | undefined>;
  readonly #clients: Pooled[] = [];
  readonly #main: Pooled;
  readonly #ended = new AbortController();
  #loss: LamplighterError | undefined;

  constructor(target: ConnectionTarget, open: OpenClient) {
    this.target = target;
    this.warnings = open.warnings;
    this.#main = this.#adopt(open);
    this.closed = open.closed.then(async (reason) => {
      this.#loss = (reason as LamplighterError | undefined) ?? lost(target, 'it was closed');
      this.#ended.abort();
      await Promise.all(this.#clients.map((pooled) => pooled.open.close()));
      return reason;
    });
  }

  async exec(command: string): Promise<ByteChannel> {
    for (;;) {
      if (this.#loss) throw this.#loss;
      const pooled =
        this.#clients.find((each) => !each.gone && each.channels.size < each.limit) ?? (await this.#extend());
      const before = pooled.channels.size;
      const channel = await this.#open(pooled, command);
      if (channel) return channel;
      // Others may have opened or closed since: what counts is how many were open when this one was refused.
      if (before === 0 && pooled.channels.size === 0)
        throw new LamplighterError('CONNECT', `${describe(this.target)} lets no command run (no session allowed)`, {
          hint: 'See MaxSessions in its sshd_config: 0 allows forwarding alone.',
        });
      pooled.limit = Math.max(1, Math.min(pooled.limit, pooled.channels.size));
    }
  }

  forward(address: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const { client } = this.#main.open;
      const refuse = (error: unknown) => reject(this.#loss ?? forwardFailure(this.target, address, port, error));
      try {
        client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
          if (error) return refuse(error);
          channel.on('error', () => undefined);
          resolve(channel);
        });
      } catch (error) {
        refuse(error);
      }
    });
  }

  async close(): Promise<void> {
    for (const pooled of this.#clients) for (const channel of pooled.channels) channel.close();
    await this.#main.open.close();
    await this.closed;
  }

  /** undefined when the server allows no further session on this client. */
  #open(pooled: Pooled, command: string): Promise<ByteChannel | undefined> {
    const slot = { close: () => undefined, lose: () => undefined } as unknown as ReturnType<typeof byteChannel>;
    pooled.channels.add(slot);
    return new Promise((resolve, reject) => {
      const done = (error: Error | undefined, raw?: ClientChannel) => {
        pooled.channels.delete(slot);
        if (this.#loss) return reject(this.#loss);
        if (pooled.gone) return resolve(undefined);
        if (error) return isSessionRefused(error) ? resolve(undefined) : reject(execFailure(this.target, error));
        const channel = byteChannel(raw!, () => pooled.channels.delete(channel));
        pooled.channels.add(channel);
        resolve(channel);
      };
      try {
        pooled.open.client.exec(command, done);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  async #extend(): Promise<Pooled> {
    if (this.#clients.length >= MOST_CLIENTS)
      throw new LamplighterError('CONNECT', `${describe(this.target)}: too many sessions open at once`);
    const open = await persist(this.target, this.#ended.signal).catch((error) => {
      throw this.#loss ?? error;
    });
    if (this.#loss) {
      await open.close();
      throw this.#loss;
    }
    return this.#adopt(open);
  }

  #adopt(open: OpenClient): Pooled {
    const pooled: Pooled = { open, channels: new Set(), limit: Number.POSITIVE_INFINITY, gone: false };
    this.#clients.push(pooled);
    void open.closed.then(() => {
      pooled.gone = true;
      this.#clients.splice(this.#clients.indexOf(pooled), 1);
      for (const channel of pooled.channels) channel.lose();
    });
    return pooled;
  }
}

function isSessionRefused(error: Error & { reason?: unknown }): boolean {
  return error.reason !== undefined && /open failure/i.test(error.message);
}

function execFailure(target: ConnectionTarget, error: Error): LamplighterError {
  if (/not connected|no response/i.test(error.message)) return lost(target, error.message, error);
  return new LamplighterError('CONNECT', `${describe(target)} refused to run a command: ${error.message}`, {
    cause: error,
  });
}

const PROHIBITED = 1;

function forwardFailure(target: ConnectionTarget, address: string, port: number, error: unknown): LamplighterError {
  const { reason } = error as { reason?: unknown };
  const text = messageOf(error).replace('(SSH) Channel open failure: ', '');
  if (reason === undefined) return lost(target, text, error);
  const prohibited = reason === PROHIBITED || /prohibited/i.test(text);
  return new LamplighterError(
    'CONNECT',
    `${describe(target)} cannot connect to ${address}:${port}: ${prohibited ? 'forwarding is forbidden' : text || 'connect failed'}`,
    {
      hint: prohibited
        ? "forbidden: its sshd does not forward (AllowTcpForwarding, PermitOpen in sshd_config, or the key's restrictions)."
        : 'refused: forwarding is allowed, but nothing answers at that address and port on the host.',
      cause: error,
    },
  );
}
