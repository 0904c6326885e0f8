import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { ConnectionTarget } from '../../run/transport/transport.ts';

export interface SshdOptions {
  /** More lines of sshd_config, in place of the helper's own with the same keyword. */
  config?: string[];
  /** Kinds of host key to make. Default: ed25519. */
  hostKeys?: ('ed25519' | 'ecdsa' | 'rsa')[];
  port?: number;
}

/** A real sshd on a loopback port, with its own keys and a directory that goes with it. */
export interface TestSshd {
  readonly port: number;
  readonly directory: string;
  readonly pid: number;
  /** A private key that every user of this sshd accepts. */
  readonly keyFile: string;
  /** An empty known_hosts of its own. */
  readonly knownHosts: string;
  /** `TYPE BASE64` of a host key. */
  hostKey(kind?: 'ed25519' | 'ecdsa' | 'rsa'): Promise<string>;
  /** A target for this sshd: the current user, the key, the known_hosts. */
  target(changes?: Partial<ConnectionTarget>): ConnectionTarget;
  /** Processes that serve connections. */
  sessions(): Promise<number[]>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts an sshd that lets users in by `keyFile`, or by password where they have one. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const directory = await mkdtemp(join(tmpdir(), 'sshd-'));
  await chmod(directory, 0o755); // authorized_keys is read as the user who logs in
  const port = options.port ?? (await freePort());
  const keyFile = join(directory, 'user_key');
  await makeKey(keyFile, 'ed25519');
  await writeFile(join(directory, 'authorized_keys'), await readFile(`${keyFile}.pub`), { mode: 0o644 });
  const kinds = options.hostKeys ?? ['ed25519'];
  for (const kind of kinds) await makeKey(join(directory, `host_${kind}`), kind);
  const given = options.config ?? [];
  const own = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...kinds.map((kind) => `HostKey ${directory}/host_${kind}`),
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    'StrictModes no',
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'PermitRootLogin yes',
    'MaxStartups 2000:1:3000',
    'Subsystem sftp internal-sftp',
    'SetEnv SHLVL=1', // so that bash leaves the ~/.bashrc of whoever runs the tests alone
  ];
  const keyword = (line: string) => line.split(' ')[0]!.toLowerCase();
  const replaced = new Set(given.map(keyword));
  const config = [...given, ...own.filter((line) => !replaced.has(keyword(line)))];
  await writeFile(join(directory, 'sshd_config'), `${config.join('\n')}\n`);
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const logFile = join(directory, 'log');
  const child = spawn('/usr/sbin/sshd', ['-D', '-f', join(directory, 'sshd_config'), '-E', logFile], {
    stdio: 'ignore',
  });
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  await listening(child, log);
  const knownHosts = join(directory, 'known_hosts');
  return {
    port,
    directory,
    pid: child.pid!,
    keyFile,
    knownHosts,
    log,
    async hostKey(kind = 'ed25519') {
      const text = await readFile(join(directory, `host_${kind}.pub`), 'utf8');
      return text.split(' ').slice(0, 2).join(' ');
    },
    target: (changes = {}) => ({
      name: 'box',
      transport: 'ssh',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      keyFile,
      hostKeyChecking: 'accept-new',
      knownHosts: [knownHosts],
      sshArgs: [],
      connectTimeoutSeconds: 10,
      aliveIntervalSeconds: 15,
      ...changes,
    }),
    sessions: () => childrenOf(child.pid!),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const sessions = await childrenOf(child.pid!);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await ended;
      }
      for (const pid of sessions) killIfThere(pid);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair with ssh-keygen. */
export async function makeKey(path: string, kind: 'ed25519' | 'ecdsa' | 'rsa', passphrase = ''): Promise<void> {
  await execa('ssh-keygen', ['-q', '-t', kind, '-N', passphrase, '-C', 'test', '-f', path]);
}

export interface TestUser {
  name: string;
  remove(): Promise<void>;
}

/** Whether the tests may make users: only root can, and only where the tools are. */
export function canMakeUsers(): boolean {
  return userInfo().uid === 0;
}

/** A user of this machine for the time of a test. `sudoers` is what follows the name in a sudoers line. */
export async function addUser(
  options: { shell?: string; password?: string; sudoers?: string[] } = {},
): Promise<TestUser> {
  const name = `lltest${process.pid}x${Math.random().toString(36).slice(2, 7)}`;
  const hash =
    options.password === undefined ? '*' : (await execa({ input: options.password })`openssl passwd -6 -stdin`).stdout;
  await execa('useradd', ['-m', '-s', options.shell ?? '/bin/sh', '-p', hash, name]);
  const sudoers = `/etc/sudoers.d/${name}`;
  if (options.sudoers)
    await writeFile(sudoers, options.sudoers.map((line) => `${line.replaceAll('USER', name)}\n`).join(''), {
      mode: 0o440,
    });
  return {
    name,
    async remove() {
      await rm(sudoers, { force: true });
      for (let tries = 0; tries < 50; tries++) {
        const { exitCode } = await execa('userdel', ['-r', '-f', name], { reject: false });
        if (exitCode === 0) return;
        await sleep(100);
      }
      throw new Error(`the user ${name} could not be removed`);
    },
  };
}

async function listening(child: ChildProcess, log: () => Promise<string>): Promise<void> {
  for (let waited = 0; waited < 5000; waited += 20) {
    if (/Server listening on/.test(await log())) return;
    if (child.exitCode !== null) break;
    await sleep(20);
  }
  throw new Error(`sshd did not start: ${await log()}`);
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function childrenOf(pid: number): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const name of names) {
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    if (new RegExp(`^PPid:\\s+${pid}$`, 'm').test(status)) found.push(Number(name));
  }
  return found;
}

/** Kills a process that may have ended meanwhile. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
