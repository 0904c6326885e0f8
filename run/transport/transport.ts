import type { Duplex, Readable } from 'node:stream';
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
}

/** One connection to one host. Every method throws LamplighterError CONNECTION_LOST once the connection is gone. */
export interface Connection {
  readonly target: ConnectionTarget;
  /** Opens a channel running `command` by the login user's shell; no tty. */
  exec(command: string): Promise<ByteChannel>;
  /** A TCP connection from the host to `address:port`. @throws LamplighterError CONNECT */
  forward(address: string, port: number): Promise<Duplex>;
  /** Streams into a new file of the login user, mode 0600. */
  close(): Promise<void>;
  /** Resolves when the connection ends, with the reason when it was not asked for. */
  readonly closed: Promise<Error | undefined>;
}

/** Opens connections. @throws LamplighterError CONNECT, HOST_KEY, AUTH, TIMEOUT; aborts with the signal */
export type Connect = (target: ConnectionTarget, signal?: AbortSignal) => Promise<Connection>;

/** How to become another user on the host. */
export interface Become {
  user: string;
  method: 'sudo' | 'su' | 'doas';
  password?: string;
  flags?: string;
  exe?: string;
}

export type { ByteChannel, Duplex, Readable };
