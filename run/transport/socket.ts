import { spawn } from 'node:child_process';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../errors.ts';
import { describe, errorCode, interrupted, socketFailure, timeoutFailure } from './failures.ts';
import { borrowJump } from './jumps.ts';
import type { Connect, ConnectionTarget } from './transport.ts';

const LAST_WORDS_MS = 500;

/** A byte stream to the target's sshd, and how to let go of what stands behind it. */
export interface OpenSocket {
  stream: Duplex;
  /** Called once when the stream is no longer needed. */
  release(): void;
  /** What a ProxyCommand wrote to stderr, once it has ended or had a moment to. */
  noise(): Promise<string>;
}

/**
 * Opens the stream: by TCP, through a jump host, or by a ProxyCommand.
 * @throws LamplighterError CONNECT, TIMEOUT, INTERRUPTED, and whatever the jump host's connection throws
 */
export async function openSocket(
  target: ConnectionTarget,
  connectJump: Connect,
  signal: AbortSignal | undefined,
): Promise<OpenSocket> {
  if (target.jump !== undefined) return throughJump(target, target.jump, connectJump, signal);
  if (target.proxyCommand !== undefined) return throughCommand(target, target.proxyCommand);
  const attempts = Math.max(1, target.connectionAttempts ?? 1);
  for (let attempt = 1; ; attempt++) {
    try {
      const socket = await dial(target, signal);
      return { stream: socket, release: () => socket.destroy(), noise: silence };
    } catch (error) {
      if (attempt >= attempts || signal?.aborted) throw error;
      await sleep(1000, undefined, signal ? { signal } : {}).catch(() => {
        throw interrupted(target);
      });
    }
  }
}

function dial(target: ConnectionTarget, signal: AbortSignal | undefined): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({
      host: target.address,
      port: target.port,
      noDelay: true,
      ...(target.addressFamily === undefined ? {} : { family: target.addressFamily }),
      ...(target.bindAddress === undefined ? {} : { localAddress: target.bindAddress }),
    });
    const seconds = target.connectTimeoutSeconds;
    const timer = setTimeout(() => fail(timeoutFailure(target, `no answer within ${seconds} s`)), seconds * 1000);
    const onAbort = () => fail(interrupted(target));
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
    };
    const fail = (error: Error) => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => fail(socketFailure(target, error));
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError);
    socket.once('connect', () => {
      settle();
      socket.setKeepAlive(true);
      gather(socket);
      resolve(socket);
    });
  });
}

/** More than this does not wait for the turn's end. */
const GATHERED_BYTES = 64 * 1024;

/** What is written in one turn goes in one piece: ssh2 writes each packet by itself, and each write wakes the other end. */
function gather(socket: net.Socket): void {
  const { write } = socket;
  socket.write = ((...args: Parameters<typeof write>) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    const goesOn = write.apply(socket, args);
    if (socket.writableLength >= GATHERED_BYTES) socket.uncork();
    return goesOn;
  }) as typeof write;
}

async function throughJump(
  target: ConnectionTarget,
  jump: ConnectionTarget,
  connectJump: Connect,
  signal: AbortSignal | undefined,
): Promise<OpenSocket> {
  const { connection, release } = await borrowJump(jump, connectJump, signal);
  try {
    const stream = await connection.forward(target.address, target.port);
    return { stream, release, noise: silence };
  } catch (error) {
    release();
    if (!(error instanceof LamplighterError)) throw error;
    throw new LamplighterError(
      error.code,
      `cannot connect to ${describe(target)} through its jump host: ${error.message}`,
      {
        hint: error.hint,
        cause: error,
      },
    );
  }
}

function throughCommand(target: ConnectionTarget, command: string): OpenSocket {
  const child = spawn('sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let noise = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  const ending = () => Promise.race([ended, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  child.stderr.on('data', (chunk: Buffer) => {
    noise = (noise + chunk.toString()).slice(-4096);
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const hidden = [child.stdin, child.stdout, child.stderr];
  for (const pipe of hidden) pipe.on('error', () => undefined);
  child.on('error', (error) => stream.destroy(socketFailure(target, error)));
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    stream.destroy();
    // Why it failed may still be on its way when its output has ended.
    void ending().then(() => child.stderr.destroy());
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGTERM'); // the group: a ProxyCommand may be a pipeline
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  };
  return { stream, release, noise: () => ending().then(() => noise.trim()) };
}

async function silence(): Promise<string> {
  return '';
}
