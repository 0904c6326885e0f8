import net from 'node:net';
import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { LamplighterError } from '../errors.ts';
import type { ByteChannel } from '../task.ts';
import { errorCode, interrupted, lost, messageOf } from './failures.ts';
import { type ChildProcess, processChannel } from './process-channel.ts';
import type { Connection, ConnectionTarget } from './transport.ts';

/** The controller itself: commands run by `sh -c` as the user who runs Lamplighter, in their home directory. */
export async function connectLocal(target: ConnectionTarget, signal?: AbortSignal): Promise<Connection> {
  if (signal?.aborted) throw interrupted(target);
  return new LocalConnection(target);
}

class LocalConnection implements Connection {
  readonly target: ConnectionTarget;
  readonly warnings = [];
  readonly closed: Promise<undefined>;
  readonly #channels = new Set<ByteChannel>();
  readonly #sockets = new Set<net.Socket>();
  #end: (value: undefined) => void = () => undefined;
  #ended = false;

  constructor(target: ConnectionTarget) {
    this.target = target;
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async exec(command: string): Promise<ByteChannel> {
    if (this.#ended) throw lost(this.target, 'it was closed');
    // A group of its own: Ctrl-C on the controller's terminal must not kill the step under way.
    const child = execa('sh', ['-c', command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      encoding: 'buffer',
      detached: true,
      cleanup: false,
    });
    const channel = processChannel(child as unknown as ChildProcess, () => endGroup(child.pid));
    this.#channels.add(channel);
    void channel.done.then(() => this.#channels.delete(channel));
    return channel;
  }

  forward(address: string, port: number): Promise<Duplex> {
    if (this.#ended) return Promise.reject(lost(this.target, 'it was closed'));
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: address, port, noDelay: true });
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      const refuse = (error: Error) => {
        reject(
          new LamplighterError('CONNECT', `cannot connect to ${address}:${port}: ${messageOf(error)}`, {
            hint: 'refused: nothing answers at that address and port.',
            cause: error,
          }),
        );
      };
      socket.once('error', refuse);
      socket.once('connect', () => {
        socket.off('error', refuse);
        socket.on('error', () => undefined);
        resolve(socket);
      });
    });
  }

  async close(): Promise<void> {
    this.#ended = true;
    for (const socket of this.#sockets) socket.destroy();
    const channels = [...this.#channels];
    for (const channel of channels) channel.close();
    this.#end(undefined);
  }
}

/** As sshd: the command loses its pipes, and a hangup tells it. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGHUP');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}
