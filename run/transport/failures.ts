import { LamplighterError } from '../errors.ts';
import type { ConnectionTarget } from './transport.ts';

/** The host as a person would look for it: `lamp1 (pi@10.0.0.7:22)`. */
export function describe(target: ConnectionTarget): string {
  const address = target.address.includes(':') ? `[${target.address}]` : target.address;
  return `${target.name} (${target.user}@${address}:${target.port})`;
}

const SOCKET_CAUSES: Record<string, [text: string, hint: string]> = {
  ECONNREFUSED: ['nothing listens there (connection refused)', 'Is sshd running, and is this its port (ansible_port)?'],
  EHOSTUNREACH: [
    'no route to the host',
    'Check the address (ansible_host), that the host is on, and the network between.',
  ],
  ENETUNREACH: ['the network is unreachable', 'Check the routes of the controller.'],
  EHOSTDOWN: ['the host is down', 'Check that the host is on.'],
  ENOTFOUND: ['the name does not resolve', 'Check the spelling, or set ansible_host to an address.'],
  EAI_AGAIN: ['the name server does not answer', "Check the controller's DNS, or set ansible_host to an address."],
  EADDRNOTAVAIL: ['the local address cannot be used', 'Check BindAddress and the address family.'],
  EACCES: ['the controller may not connect there', 'A firewall on the controller forbids it.'],
  EPERM: ['the controller may not connect there', 'A firewall on the controller forbids it.'],
  ECONNRESET: ['the connection was reset', 'Is it an SSH server? A firewall or sshd itself may have dropped it.'],
  EPIPE: ['the connection was cut', 'Is it an SSH server? A firewall or sshd itself may have dropped it.'],
  ETIMEDOUT: ['no answer', 'Check the address (ansible_host) and firewalls between.'],
};

/** An error of a socket as CONNECT (TIMEOUT for ETIMEDOUT), in words. */
export function socketFailure(target: ConnectionTarget, error: unknown): LamplighterError {
  const code = errorCode(error);
  const known = SOCKET_CAUSES[code];
  const text = known?.[0] ?? (error instanceof Error ? error.message : String(error));
  return new LamplighterError(
    code === 'ETIMEDOUT' ? 'TIMEOUT' : 'CONNECT',
    `cannot connect to ${describe(target)}: ${text}`,
    {
      hint: known?.[1],
      cause: error,
    },
  );
}

/** `ECONNREFUSED` and the like; of several addresses tried, the first one's. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return '';
}

/** TIMEOUT, saying how far the connection came. */
export function timeoutFailure(target: ConnectionTarget, stage: string): LamplighterError {
  return new LamplighterError('TIMEOUT', `cannot connect to ${describe(target)}: ${stage}`, {
    hint: 'Check the address and the network, or raise ansible_timeout.',
  });
}

/** INTERRUPTED, for an aborted signal. */
export function interrupted(target: ConnectionTarget): LamplighterError {
  return new LamplighterError('INTERRUPTED', `interrupted while connecting to ${describe(target)}`);
}

/** CONNECTION_LOST. */
export function lost(target: ConnectionTarget, reason: string, cause?: unknown): LamplighterError {
  return new LamplighterError('CONNECTION_LOST', `lost the connection to ${describe(target)}: ${reason}`, { cause });
}

/** Text of an unknown thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** CONNECT; the hint begins with `forbidden` or `refused`. */
export function forwardRefused(
  target: ConnectionTarget,
  address: string,
  port: number,
  text: string,
  forbidden: boolean,
  cause?: unknown,
): LamplighterError {
  const why = forbidden ? 'forwarding is forbidden' : text || 'connect failed';
  return new LamplighterError('CONNECT', `${describe(target)} cannot connect to ${address}:${port}: ${why}`, {
    hint: forbidden
      ? "forbidden: its sshd does not forward (AllowTcpForwarding, PermitOpen in sshd_config, or the key's restrictions)."
      : 'refused: forwarding is allowed, but nothing answers at that address and port on the host.',
    cause,
  });
}
