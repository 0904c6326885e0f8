import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { LamplighterError } from '../errors.ts';
import type { ByteChannel } from '../task.ts';
import { describe, forwardRefused, lost, messageOf } from './failures.ts';
import type { Client } from './pool.ts';
import { byteChannel } from './ssh-channel.ts';
import type { OpenClient } from './ssh-client.ts';
import type { ConnectionTarget } from './transport.ts';

/** The sessions and forwards of one ssh2 log-in. */
export class Ssh2Client implements Client {
  readonly warnings: readonly string[];
  readonly closed: Promise<Error | undefined>;
  readonly #target: ConnectionTarget;
  readonly #open: OpenClient;
  readonly #channels = new Set<ReturnType<typeof byteChannel>>();
  readonly #forwards = new Set<Duplex>();
  #gone = false;

  constructor(target: ConnectionTarget, open: OpenClient) {
    this.#target = target;
    this.#open = open;
    this.warnings = open.warnings;
    this.closed = open.closed.then((reason) => {
      this.#gone = true;
      for (const channel of this.#channels) channel.lose();
      for (const stream of this.#forwards) stream.emit('close'); // ssh2's own comes only when all was read
      return reason;
    });
  }

  open(command: string): Promise<ByteChannel | undefined> {
    return new Promise((resolve, reject) => {
      const answer = (error: Error | undefined, raw?: ClientChannel) => {
        if (error && isSessionRefused(error)) resolve(undefined);
        else if (error || this.#gone) reject(execFailure(this.#target, error ?? new Error('Not connected')));
        else {
          const channel = byteChannel(raw!, () => this.#channels.delete(channel));
          this.#channels.add(channel);
          resolve(channel);
        }
      };
      try {
        this.#open.client.exec(command, answer);
      } catch (error) {
        answer(error as Error);
      }
    });
  }

  forward(address: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const refuse = (error: unknown) => reject(forwardFailure(this.#target, address, port, error));
      try {
        this.#open.client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
          if (error) {
            refuse(error);
            return;
          }
          channel.on('error', () => undefined);
          this.#forwards.add(channel);
          channel.once('close', () => this.#forwards.delete(channel));
          resolve(channel);
        });
      } catch (error) {
        refuse(error);
      }
    });
  }

  leave(): Promise<void> {
    return this.#open.leave();
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await this.#open.close();
    await this.closed;
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

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254 5.1. */
const PROHIBITED = 1;

function forwardFailure(target: ConnectionTarget, address: string, port: number, error: unknown): LamplighterError {
  const { reason } = error as { reason?: unknown };
  const text = messageOf(error).replace('(SSH) Channel open failure: ', '');
  if (reason === undefined) return lost(target, text, error);
  return forwardRefused(target, address, port, text, reason === PROHIBITED || /prohibited/i.test(text), error);
}
