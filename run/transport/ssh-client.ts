import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type { AnyAuthMethod, Client, ConnectConfig } from 'ssh2';
import { LamplighterError } from '../errors.ts';
import { Authentication } from './auth.ts';
import { describe, interrupted, lost, messageOf, socketFailure, timeoutFailure } from './failures.ts';
import { hostKeyAlgorithms, verifyHostKey } from './hostkey.ts';
import { DroppedEarly } from './retry.ts';
import { type OpenSocket, openSocket } from './socket.ts';
import { hurry } from './ssh2-habits.ts';
import type { Connect, ConnectionTarget } from './transport.ts';

/** A logged-in ssh2 client. */
export interface OpenClient {
  client: Client;
  warnings: string[];
  /** Resolves when the connection is gone, with the reason when it was not asked for. */
  closed: Promise<Error | undefined>;
  close(): Promise<void>;
  /** The same, but the server's own end of the connection is not waited for. */
  leave(): Promise<void>;
}

const SUPPORTED_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
  'ssh-dss',
];
const LOGIN_SECONDS = 30;
const CLOSE_MS = 1000;

/**
 * One attempt: stream, key exchange, host key, log-in.
 * @throws LamplighterError CONNECT, HOST_KEY, AUTH, TIMEOUT, INTERRUPTED; DroppedEarly
 */
export async function openClient(
  target: ConnectionTarget,
  connectJump: Connect,
  signal: AbortSignal | undefined,
): Promise<OpenClient> {
  if (signal?.aborted) throw interrupted(target);
  const auth = await Authentication.prepare(target);
  const serverHostKey = await hostKeyAlgorithms(target, SUPPORTED_KEYS);
  const socket = await openSocket(target, connectJump, signal);
  try {
    return await logIn(target, auth, socket, serverHostKey, signal);
  } catch (error) {
    socket.stream.on('error', () => undefined);
    const judged = error instanceof DroppedEarly ? hungUp(target, await socket.noise(), error) : error;
    socket.stream.destroy();
    socket.release();
    throw judged;
  }
}

function logIn(
  target: ConnectionTarget,
  auth: Authentication,
  socket: OpenSocket,
  serverHostKey: string[],
  signal: AbortSignal | undefined,
): Promise<OpenClient> {
  return new Promise((resolve, reject) => {
    const ssh = new NodeSSH();
    const warnings: string[] = [];
    let stage: 'handshake' | 'login' | 'open' | 'failed' = 'handshake';
    let reason: Error | undefined;

    const fail = (error: Error) => {
      if (stage === 'open' || stage === 'failed') return;
      stage = 'failed';
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      reject(error);
    };
    const seconds = target.connectTimeoutSeconds;
    let timer = setTimeout(
      () => fail(timeoutFailure(target, `connected, but no SSH key exchange within ${seconds} s`)),
      seconds * 1000,
    );
    const onAbort = () => fail(interrupted(target));
    signal?.addEventListener('abort', onAbort, { once: true });

    const checkKey = (blob: Buffer, accept: (valid: boolean) => void) => {
      verifyHostKey(target, blob).then(
        (verdict) => {
          warnings.push(...verdict.warnings);
          if (verdict.unsafe) auth.forbidPasswords();
          accept(true);
        },
        (error: Error) => {
          fail(error);
          accept(false);
        },
      );
    };
    const config: ConnectConfig = {
      ...sshConfig(target, socket.stream, serverHostKey),
      hostVerifier: checkKey,
      authHandler: ((offered, partial, next) => {
        const method = auth.next(offered, partial);
        if (method === false) fail(auth.failure());
        next(method as AnyAuthMethod);
      }) as NonNullable<ConnectConfig['authHandler']>,
    };

    let connecting: Promise<unknown>;
    try {
      // node-ssh's own settling is not used: it takes every error for the end, also an agent that would not sign one key.
      connecting = ssh.connect(config as Parameters<NodeSSH['connect']>[0]);
    } catch (error) {
      fail(error as Error);
      return;
    }
    connecting.catch((error) => {
      if (ssh.connection === null && stage === 'handshake') fail(translate(error));
    });
    const client = ssh.connection!;
    client.removeAllListeners('error');
    hurry(client);

    const translate = (error: unknown): Error => {
      if (error instanceof LamplighterError) return error;
      const text = messageOf(error);
      if (stage === 'login') return loginFailure(target, auth, error);
      if (/no matching/i.test(text))
        return new LamplighterError('CONNECT', `cannot connect to ${describe(target)}: ${text}`, {
          hint: "Set ansible_connection: openssh: the system's ssh may know what the server asks for (post-quantum key exchange, for example).",
          cause: error,
        });
      if (isDrop(error)) return new DroppedEarly(text);
      return socketFailure(target, error);
    };
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') return; // the next key is tried
      reason = error;
      fail(translate(error));
    });
    client.on('handshake', () => {
      if (stage !== 'handshake') return;
      stage = 'login';
      clearTimeout(timer);
      const limit = Math.max(LOGIN_SECONDS, seconds);
      timer = setTimeout(() => fail(timeoutFailure(target, `the log-in did not end within ${limit} s`)), limit * 1000);
    });
    client.on('change password', () => fail(auth.failure('the password has expired and must be changed')));

    let asked = false;
    const closed = new Promise<Error | undefined>((gone) => {
      client.on('close', () => {
        if (stage === 'handshake') fail(new DroppedEarly('the server hung up'));
        else fail(loginFailure(target, auth, reason ?? new Error('the server hung up')));
        socket.release();
        gone(asked ? undefined : lost(target, lossText(reason), reason));
      });
    });
    client.on('ready', () => {
      if (stage === 'failed') return;
      stage = 'open';
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      warnings.push(...auth.problems.map((problem) => `${target.name}: ${problem}`));
      const leave = async () => {
        asked = true;
        client.end();
        if (!socket.stream.writableFinished) await Promise.race([once(socket.stream, 'finish'), closed]);
      };
      const close = async () => {
        asked = true;
        client.end();
        const forced = setTimeout(() => socket.stream.destroy(), CLOSE_MS);
        await closed;
        clearTimeout(forced);
      };
      resolve({ client, warnings, closed, close, leave });
    });
  });
}

function sshConfig(target: ConnectionTarget, stream: Duplex, serverHostKey: string[]): ConnectConfig {
  return {
    sock: stream as NonNullable<ConnectConfig['sock']>,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: target.aliveIntervalSeconds * 1000,
    keepaliveCountMax: target.aliveCountMax ?? 3,
    ...(target.forwardAgent && target.agentSocket !== undefined
      ? { agent: target.agentSocket, agentForward: true }
      : {}),
    algorithms: {
      serverHostKey: serverHostKey as never[],
      compress: target.compression ? ['zlib@openssh.com', 'none'] : ['none'],
      ...(target.ciphers ? { cipher: target.ciphers as never[] } : {}),
      ...(target.macs ? { hmac: target.macs as never[] } : {}),
      ...(target.kexAlgorithms ? { kex: target.kexAlgorithms as never[] } : {}),
    },
  };
}

function loginFailure(target: ConnectionTarget, auth: Authentication, error: unknown): Error {
  const text = messageOf(error);
  if (/too many authentication failures/i.test(text)) return auth.failure('too many authentication failures');
  return auth.failure(`${describe(target)} ended the connection (${text})`);
}

/** A ProxyCommand that says why it failed would say so again; everything else is worth another try. */
function hungUp(target: ConnectionTarget, noise: string, error: DroppedEarly): Error {
  if (noise === '') return error;
  if (isDrop(new Error(noise))) return new DroppedEarly(noise);
  return new LamplighterError('CONNECT', `cannot connect to ${describe(target)}: its ProxyCommand said: ${noise}`, {
    hint: 'See ProxyCommand in ssh_config.',
  });
}

/** Hung up without a word, or with sshd's "Not allowed at this time" (PerSourcePenalties) or "Exceeded MaxStartups". */
function isDrop(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    /lost before handshake|No response from server|kex_exchange_identification|Exceeded MaxStartups|Not allowed at this time/i.test(
      messageOf(error),
    )
  );
}

function lossText(reason: Error | undefined): string {
  if (reason === undefined) return 'the server closed it';
  if (/keepalive timeout/i.test(reason.message)) return 'it has not answered for too long (ServerAliveInterval)';
  return reason.message;
}
