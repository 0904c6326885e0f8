import type { Duplex } from 'node:stream';
import { LamplighterError } from '../errors.ts';
import type { ByteChannel } from '../task.ts';
import { describe, lost } from './failures.ts';
import type { Connection, ConnectionTarget } from './transport.ts';

const MOST_CLIENTS = 32;

/** One log-in to a host. */
export interface Client {
  readonly warnings: readonly string[];
  /** Resolves when it is gone, with the reason when it was not asked for. */
  readonly closed: Promise<Error | undefined>;
  /** undefined when the server allows no further session on this log-in. */
  open(command: string): Promise<ByteChannel | undefined>;
  forward(address: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
  leave?(): Promise<void>;
}

interface Member {
  client: Client;
  /** Sessions open or being opened. */
  sessions: number;
  /** Sessions the server allows on one log-in (MaxSessions), once it has refused one. */
  limit: number;
  gone: boolean;
}

/** One host's connection; more log-ins stand behind it when the server allows few sessions on each. */
export class PooledConnection implements Connection {
  readonly target: ConnectionTarget;
  readonly closed: Promise<Error | undefined>;
  readonly #main: Client;
  readonly #another: (signal: AbortSignal) => Promise<Client>;
  readonly #members: Member[] = [];
  readonly #ended = new AbortController();
  #loss: Error | undefined;

  constructor(target: ConnectionTarget, main: Client, another: (signal: AbortSignal) => Promise<Client>) {
    this.target = target;
    this.#main = main;
    this.#another = another;
    this.#adopt(main);
    this.closed = main.closed.then(async (reason) => {
      this.#loss = reason ?? lost(target, 'it was closed');
      this.#ended.abort();
      await Promise.all(this.#members.map((member) => member.client.close()));
      return reason;
    });
  }

  get warnings(): readonly string[] {
    return this.#main.warnings;
  }

  async exec(command: string): Promise<ByteChannel> {
    for (;;) {
      if (this.#loss) throw this.#loss;
      const member = this.#members.find((each) => !each.gone && each.sessions < each.limit) ?? (await this.#extend());
      member.sessions++;
      const channel = await this.#open(member, command);
      if (channel) return channel;
      member.sessions--;
      if (this.#loss) throw this.#loss;
      if (member.gone) continue;
      if (member.sessions === 0)
        throw new LamplighterError('CONNECT', `${describe(this.target)} lets no command run (no session allowed)`, {
          hint: 'See MaxSessions in its sshd_config: 0 allows forwarding alone.',
        });
      member.limit = Math.max(1, Math.min(member.limit, member.sessions));
    }
  }

  async forward(address: string, port: number): Promise<Duplex> {
    if (this.#loss) throw this.#loss;
    try {
      return await this.#main.forward(address, port);
    } catch (error) {
      throw this.#loss ?? error;
    }
  }

  async close(): Promise<void> {
    await this.#main.close();
    await this.closed;
  }

  /** Only where the transport can. */
  get leave(): (() => Promise<void>) | undefined {
    if (this.#main.leave === undefined) return undefined;
    return async () => {
      await Promise.all(this.#members.map(({ client }) => client.leave?.()));
    };
  }

  async #open(member: Member, command: string): Promise<ByteChannel | undefined> {
    try {
      const channel = await member.client.open(command);
      void channel?.done.then(() => member.sessions--);
      return channel;
    } catch (error) {
      member.sessions--;
      throw this.#loss ?? error;
    }
  }

  async #extend(): Promise<Member> {
    if (this.#members.length >= MOST_CLIENTS)
      throw new LamplighterError('CONNECT', `${describe(this.target)}: too many sessions are open at once`);
    const client = await this.#another(this.#ended.signal).catch((error) => {
      throw this.#loss ?? error;
    });
    if (!this.#loss) return this.#adopt(client);
    await client.close();
    throw this.#loss;
  }

  #adopt(client: Client): Member {
    const member: Member = { client, sessions: 0, limit: Number.POSITIVE_INFINITY, gone: false };
    this.#members.push(member);
    void client.closed.then(() => {
      member.gone = true;
      this.#members.splice(this.#members.indexOf(member), 1);
    });
    return member;
  }
}
