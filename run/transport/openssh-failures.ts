import { LamplighterError } from '../errors.ts';
import { describe, timeoutFailure } from './failures.ts';
import { DroppedEarly } from './retry.ts';
import type { ConnectionTarget } from './transport.ts';

const CAUSES: [said: RegExp, code: 'CONNECT' | 'AUTH' | 'HOST_KEY' | 'USAGE', hint: string | undefined][] = [
  [
    /IDENTIFICATION HAS CHANGED|Host key verification failed|host key .*revoked|REVOKED HOST KEY|No .* host key is known/i,
    'HOST_KEY',
    'If the host was set up anew, remove the old key by ssh-keygen -R; if it was not, somebody may be in between.',
  ],
  [
    /Too many authentication failures/i,
    'AUTH',
    'The agent holds more keys than the server lets try: set IdentitiesOnly=yes and name the key.',
  ],
  [
    /Permission denied|no more authentication methods/i,
    'AUTH',
    'Name a key by ansible_ssh_private_key_file or --private-key, or a password by --ask-pass.',
  ],
  [/Bad configuration option|unknown option|Bad .* spec|command-line: line/i, 'USAGE', 'See ssh_config(5).'],
  [/Connection refused/i, 'CONNECT', 'Is sshd running, and is this its port (ansible_port)?'],
  [/Could not resolve|Name or service not known/i, 'CONNECT', 'Check the spelling, or set ansible_host to an address.'],
  [/No route to host|Network is unreachable/i, 'CONNECT', 'Check the address (ansible_host) and the network between.'],
  [/no matching .* found/i, 'CONNECT', undefined],
];

const DROPPED =
  /kex_exchange_identification|ssh_exchange_identification|Exceeded MaxStartups|Not allowed at this time|Connection (closed|reset) by .* port/i;

/** What ssh(1) wrote before it ended, as an error of ours. DroppedEarly when the server hung up on it. */
export function opensshFailure(target: ConnectionTarget, said: string, code: string | undefined): Error {
  if (code === 'ENOENT')
    return new LamplighterError('CONNECT', 'there is no ssh command on the controller', {
      hint: 'Install openssh-client, or set ansible_connection: ssh.',
    });
  const words = plain(said);
  const known = CAUSES.find(([pattern]) => pattern.test(said));
  if (!known && /timed out/i.test(said)) return timeoutFailure(target, words);
  if (!known && DROPPED.test(said)) return new DroppedEarly(words);
  const what = known?.[1] === 'AUTH' ? 'log in to' : 'connect to';
  return new LamplighterError(
    known?.[1] ?? 'CONNECT',
    `cannot ${what} ${describe(target)}: ${words || 'ssh ended without a word'}`,
    { hint: known?.[2] },
  );
}

/** ssh's lines without its ornaments, in one. */
function plain(said: string): string {
  return said
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[@ ]+$/.test(line) && !/^Warning: Permanently added/.test(line))
    .map((line) => line.replace(/^@\s*|\s*@$/g, ''))
    .join(' ')
    .slice(-1500);
}
