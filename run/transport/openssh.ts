import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { makeAskpass } from './askpass.ts';
import { interrupted, timeoutFailure } from './failures.ts';
import { opensshFailure } from './openssh-failures.ts';
import { OpensshMaster } from './openssh-master.ts';
import { PooledConnection } from './pool.ts';
import { persist } from './retry.ts';
import type { Connection, ConnectionTarget } from './transport.ts';

const READY = 'lamplighter-ready';
const LOGIN_SECONDS = 30;
/** sun_path holds 108 bytes, and ssh adds 17 while it makes the socket. */
const LONGEST_DIRECTORY = 80;

/** Connects by the system's ssh: one master process, and one more for each channel. @throws as Connect */
export async function connectOpenssh(target: ConnectionTarget, signal?: AbortSignal): Promise<Connection> {
  const logIn = (stop: AbortSignal | undefined) => persist(target, stop, () => startMaster(target, stop));
  return new PooledConnection(target, await logIn(signal), logIn);
}

async function startMaster(target: ConnectionTarget, signal: AbortSignal | undefined): Promise<OpensshMaster> {
  if (signal?.aborted) throw interrupted(target);
  const base = tmpdir().length < LONGEST_DIRECTORY ? tmpdir() : '/tmp';
  const directory = await mkdtemp(join(base, 'lamplighter-ssh-'));
  try {
    await chmod(directory, 0o700);
    return await logIn(target, directory, signal);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function logIn(
  target: ConnectionTarget,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<OpensshMaster> {
  const { password, keyPassphrase: passphrase } = target;
  const askpass = await makeAskpass(directory, { password, passphrase });
  const silent = password === undefined && passphrase === undefined;
  const control = join(directory, 'control');
  const child = execa('ssh', masterWords(target, control, silent), {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    env: silent ? {} : askpass.env,
    detached: true,
    forceKillAfterDelay: 1000,
  });
  const said = { text: '' };
  child.stderr.on('data', (chunk: Buffer) => {
    said.text = (said.text + chunk.toString()).slice(-8192);
  });
  try {
    await ready(target, child, said, signal);
  } catch (error) {
    child.kill();
    await child;
    throw error;
  } finally {
    await askpass.close();
  }
  return new OpensshMaster(target, child, control, directory, said);
}

/** Our own words stand first, where they cannot be overruled; what the target has resolved stands last. */
function masterWords(target: ConnectionTarget, control: string, silent: boolean): string[] {
  const files = target.knownHosts.map((file) => `"${file}"`).join(' ');
  const first = {
    ControlPersist: 'no',
    PermitLocalCommand: 'yes',
    LocalCommand: `echo ${READY}`,
    RemoteCommand: 'none',
    RequestTTY: 'no',
    ClearAllForwardings: 'yes',
    BatchMode: silent ? 'yes' : 'no',
    NumberOfPasswordPrompts: '1',
  };
  const last = {
    Port: target.port,
    User: target.user,
    StrictHostKeyChecking: target.hostKeyChecking,
    ConnectTimeout: target.connectTimeoutSeconds,
    ServerAliveInterval: target.aliveIntervalSeconds,
    ServerAliveCountMax: target.aliveCountMax ?? 3,
    ...(files === '' ? {} : { UserKnownHostsFile: files }),
    ...(target.keyFile === undefined ? {} : { IdentityFile: `"${target.keyFile}"` }),
  };
  const words = (options: Record<string, string | number>) =>
    Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return [
    '-M',
    '-N',
    '-T',
    '-S',
    control,
    ...words(first),
    ...target.sshArgs,
    ...words(last),
    '--',
    target.alias ?? target.address,
  ];
}

/** Waits for LocalCommand, which ssh runs once it is logged in and its control socket listens. */
function ready(
  target: ConnectionTarget,
  child: PromiseLike<{ code?: string | undefined }> & { stdout: Readable },
  said: { text: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = target.connectTimeoutSeconds + LOGIN_SECONDS;
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    const fail = (error: Error) => settle(() => reject(error));
    const timer = setTimeout(
      () => fail(timeoutFailure(target, `the log-in did not end within ${limit} s`)),
      limit * 1000,
    );
    const onAbort = () => fail(interrupted(target));
    signal?.addEventListener('abort', onAbort, { once: true });
    let heard = '';
    child.stdout.on('data', (chunk: Buffer) => {
      heard = (heard + chunk.toString()).slice(-1024);
      if (heard.includes(READY)) settle(resolve);
    });
    void child.then((result) => fail(opensshFailure(target, said.text, result.code)));
  });
}
