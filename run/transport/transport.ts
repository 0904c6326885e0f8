import type { Duplex } from 'node:stream';
import type { ByteChannel } from '../task.ts';

/** Where and how to reach one host: the `ansible_*` connection variables and ssh_config, resolved. */
export interface ConnectionTarget {
  /** Inventory name, for messages. */
  name: string;
  transport: 'ssh' | 'openssh' | 'local';
  address: string;
  port: number;
  user: string;
  password?: string;
  /** Path of a private key; `~` is already expanded. */
  keyFile?: string;
  keyPassphrase?: string;
  /** `accept-new` (default), `yes`, `no`: as StrictHostKeyChecking in ssh_config(5). */
  hostKeyChecking: 'accept-new' | 'yes' | 'no';
  /** Files read for known keys; new ones are added to the first. */
  knownHosts: string[];
  /** More words for ssh, split (`ansible_ssh_common_args`, `ansible_ssh_extra_args`, `ansible_ssh_args`). */
  sshArgs: string[];
  connectTimeoutSeconds: number;
  /** ServerAliveInterval: after three silent ones the connection counts as lost. */
  aliveIntervalSeconds: number;
  /** Ready text that says where an option came from is not kept; a jump host is itself a target. */
  jump?: ConnectionTarget;
  proxyCommand?: string;
  /** The name ssh_config's sections match: what `ssh` would be given. Default: `address`. */
  alias?: string;
  /** IdentityFile, in order of trying, after `keyFile`; files that are not there are passed over. */
  identityFiles?: string[];
  /** IdentitiesOnly: of the agent's keys only those of `keyFile` and `identityFiles` are tried. */
  identitiesOnly?: boolean;
  /** IdentityAgent or SSH_AUTH_SOCK: path of the agent's socket. */
  agentSocket?: string;
  /** ForwardAgent. */
  forwardAgent?: boolean;
  /** Methods that may be tried, in order (PreferredAuthentications and the …Authentication switches). Default: all. */
  authMethods?: AuthMethod[];
  /** Compression: zlib@openssh.com when the server has it. */
  compression?: boolean;
  /** Ciphers, MACs, KexAlgorithms, HostKeyAlgorithms: those of the list that ssh2 knows. Default: ssh2's own. */
  ciphers?: string[];
  macs?: string[];
  kexAlgorithms?: string[];
  hostKeyAlgorithms?: string[];
  /** HashKnownHosts: a new key is written under a hashed name. */
  hashKnownHosts?: boolean;
  /** HostKeyAlias: the name to look for in known_hosts in place of address and port. */
  hostKeyAlias?: string;
  /** AddressFamily inet (4) or inet6 (6). */
  addressFamily?: 4 | 6;
  /** BindAddress. */
  bindAddress?: string;
  /** ServerAliveCountMax, default 3. */
  aliveCountMax?: number;
  /** ConnectionAttempts, one a second, default 1. Connections that sshd's MaxStartups drops are tried again anyhow. */
  connectionAttempts?: number;
}

export type AuthMethod = 'publickey' | 'keyboard-interactive' | 'password';

/** One connection to one host. Every method throws LamplighterError CONNECTION_LOST once the connection is gone. */
export interface Connection {
  readonly target: ConnectionTarget;
  /** What a person should know and is no error: a host key that was added, a private key others can read. */
  readonly warnings: readonly string[];
  /** Opens a channel running `command` by the login user's shell; no tty. */
  exec(command: string): Promise<ByteChannel>;
  /** A TCP connection from the host to `address:port`. @throws LamplighterError CONNECT */
  forward(address: string, port: number): Promise<Duplex>;
  /** Ends every channel and the connection; temporary files and helper processes are gone when it resolves. */
  close(): Promise<void>;
  /** The same where nothing is to be learned from the host any more: what was said is on its way when it resolves. */
  readonly leave?: (() => Promise<void>) | undefined;
  /** Resolves when the connection ends, with the reason when it was not asked for. */
  readonly closed: Promise<Error | undefined>;
}

/** Opens connections. The signal ends an attempt, not an open connection.
 *  @throws LamplighterError CONNECT, HOST_KEY, AUTH, TIMEOUT; INTERRUPTED when the signal aborts */
export type Connect = (target: ConnectionTarget, signal?: AbortSignal) => Promise<Connection>;

/** How to become another user on the host. */
export interface Become {
  user: string;
  method: 'sudo' | 'su' | 'doas';
  password?: string;
  flags?: string;
  exe?: string;
}
