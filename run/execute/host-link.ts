import { LamplighterError } from '../errors.ts';
import type { ShellSession } from '../shell/protocol.ts';
import { openSession } from '../shell/session.ts';
import type { ByteChannel } from '../task.ts';
import { openShellChannel } from '../transport/become.ts';
import { hostToken } from '../transport/knownhosts.ts';
import type { Become, Connect, Connection, ConnectionTarget } from '../transport/transport.ts';
import type { Holder, Slots } from './slots.ts';

/** How long a shell may take to answer, as long as a log-in: a host under load starts programs slowly. */
const HELLO_SECONDS = 30;

/** A host that a task has given another address. */
export interface Whereabouts {
  moved?: { address: string; knownAs: string } | undefined;
}

export interface LinkOptions {
  runId: string;
  connect: Connect;
  slots: Slots;
  /** Where the host has gone during the run; all its links share it. */
  whereabouts: Whereabouts;
  signal: AbortSignal;
  notice: (host: string, message: string) => void;
}

/**
 * The connection to one host and its shells, one a user, opened when they are first needed and kept for the run. A link
 * that waits for other hosts may be closed to make room (`forks`) and opens again by itself.
 */
export class HostLink implements Holder {
  readonly name: string;
  /** Set while the host has work; an idle link may be closed. */
  busy = false;
  /** Check mode's memory lives in the shells: keep them. */
  keep = false;
  private readonly target: () => Promise<ConnectionTarget>;
  private readonly options: LinkOptions;
  private opening: Promise<Connection> | undefined;
  private readonly sessions = new Map<string, Promise<ShellSession>>();

  constructor(name: string, target: () => Promise<ConnectionTarget>, options: LinkOptions) {
    this.name = name;
    this.target = target;
    this.options = options;
  }

  get idle(): boolean {
    return !this.busy && !this.keep;
  }

  /** @throws LamplighterError CONNECT, AUTH, HOST_KEY, TIMEOUT */
  connection(signal: AbortSignal = this.options.signal): Promise<Connection> {
    this.opening ??= this.open(signal);
    return this.opening;
  }

  /**
   * The shell of the become user, or of the login user; tasks delegated from other hosts have one of their own, which a
   * failure of the host's own tasks does not stop.
   * @throws as `connection`, and LamplighterError BECOME, PROTOCOL
   */
  session(become: Become | undefined, user: string, isVisit = false): Promise<ShellSession> {
    const key = `${isVisit ? 'visit ' : ''}${sessionKey(become)}`;
    let session = this.sessions.get(key);
    if (!session) {
      session = this.openSession(become, user);
      this.sessions.set(key, session);
      const forget = (): void => {
        if (this.sessions.get(key) === session) this.sessions.delete(key);
      };
      session.then((opened) => opened.closed.then(forget, forget), forget);
    }
    return session;
  }

  /** A channel of its own for a command of the become user. */
  async channel(become: Become | undefined, command: string): Promise<ByteChannel> {
    const connection = await this.connection();
    return openShellChannel(connection, become, { signal: this.options.signal, command });
  }

  /** Where the host is reached now. */
  async whereabouts(): Promise<ConnectionTarget> {
    const target = await this.target();
    const { moved } = this.options.whereabouts;
    return moved ? movedTarget(target, moved) : target;
  }

  /** Where the next connection goes; undefined: where the inventory says. */
  async moveTo(address: string | undefined): Promise<void> {
    const target = await this.target();
    const knownAs = target.hostKeyAlias ?? hostToken(target.address, target.port);
    this.options.whereabouts.moved = address === undefined ? undefined : { address, knownAs };
  }

  /** Clears the stop flag of every open shell. */
  async resume(): Promise<void> {
    for (const session of this.sessions.values()) (await session.catch(() => undefined))?.resume();
  }

  yieldSlot(): void {
    void this.close();
  }

  /** Ends shells and connection; they open again when they are needed. */
  async close(): Promise<void> {
    const { opening } = this;
    const sessions = [...this.sessions.values()];
    this.sessions.clear();
    this.opening = undefined;
    await Promise.allSettled(sessions.map(async (session) => (await session).close()));
    const connection = await opening?.catch(() => undefined);
    await connection?.close();
    this.options.slots.release(this);
  }

  /** Ends shells and connection at the end of a run, whose last word need not be waited for. */
  async leave(): Promise<void> {
    const connection = await this.opening?.catch(() => undefined);
    if (!connection?.leave) return this.close();
    await Promise.allSettled([...this.sessions.values()].map(async (session) => (await session).leave()));
    await connection.leave();
  }

  private async open(signal: AbortSignal): Promise<Connection> {
    await this.options.slots.acquire(this);
    try {
      const connection = await this.options.connect(await this.whereabouts(), signal);
      void connection.closed.then(() => this.forget());
      return connection;
    } catch (error) {
      this.forget();
      throw error instanceof LamplighterError ? new Unreachable(error) : error;
    }
  }

  private forget(): void {
    this.opening = undefined;
    this.sessions.clear();
    this.options.slots.release(this);
  }

  private async openSession(become: Become | undefined, user: string): Promise<ShellSession> {
    const connection = await this.connection();
    const channel = await openShellChannel(connection, become, { signal: this.options.signal });
    return openSession(channel, {
      runId: this.options.runId,
      host: this.name,
      user: become?.user ?? user,
      notice: (message) => this.options.notice(this.name, message),
      ready: channel.ready,
      connectionClosed: connection.closed,
      helloTimeoutSeconds: Math.max(HELLO_SECONDS, connection.target.connectTimeoutSeconds),
    });
  }
}

/** The same host at another address: its key is looked for under the name that it had. */
function movedTarget(target: ConnectionTarget, { address, knownAs }: { address: string; knownAs: string }) {
  const words = ['-o', `HostName=${address}`, '-o', `HostKeyAlias=${knownAs}`];
  return { ...target, address, hostKeyAlias: knownAs, sshArgs: [...words, ...target.sshArgs] };
}

/** The host itself cannot be reached (a port that it refuses is something else). */
class Unreachable extends LamplighterError {
  constructor(error: LamplighterError) {
    super(error.code, error.message, { place: error.place, hint: error.hint, cause: error });
  }
}

/** Whether an error means that the host is out of reach, not that a task failed. */
export function isUnreachable(error: unknown): error is LamplighterError {
  return (
    error instanceof Unreachable ||
    (error instanceof LamplighterError && (error.code === 'CONNECTION_LOST' || error.code === 'PROTOCOL'))
  );
}

/** Names the shell of a become user among those of a host. */
export function sessionKey(become: Become | undefined): string {
  return become ? `${become.method}:${become.user}:${become.flags ?? ''}` : '';
}
