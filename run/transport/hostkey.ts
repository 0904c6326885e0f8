import { LamplighterError } from '../errors.ts';
import { describe, messageOf } from './failures.ts';
import { addKnownKey, fingerprint, hostToken, inTurn, type KnownKey, keyType, knownKeys } from './knownhosts.ts';
import type { ConnectionTarget } from './transport.ts';

/** What a checked host key allows. */
export interface HostKeyVerdict {
  warnings: string[];
  /** StrictHostKeyChecking no with a changed key: no password may be sent, as in OpenSSH. */
  unsafe: boolean;
}

/** Algorithms offered when ssh_config names none; ssh-rsa (SHA-1) is not among them, as in OpenSSH since 8.8. */
const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** The name under which the target is known: HostKeyAlias, `host` or `[host]:port`. */
function knownName(target: ConnectionTarget): string {
  return target.hostKeyAlias?.toLowerCase() ?? hostToken(target.address, target.port);
}

/**
 * The host key algorithms to offer, those of known keys first: a server with several keys would otherwise show one that is
 * not known.
 */
export async function hostKeyAlgorithms(target: ConnectionTarget, supported: readonly string[]): Promise<string[]> {
  const offered = (target.hostKeyAlgorithms ?? ALGORITHMS).filter((name) => supported.includes(name));
  const known = (await knownKeys(target.knownHosts, knownName(target))).filter((entry) => entry.marker === '');
  const types = new Set(known.map((entry) => entry.type));
  const isKnown = (name: string) => types.has(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  return [...offered.filter(isKnown), ...offered.filter((name) => !isKnown(name))];
}

/**
 * Checks the key a server has shown, as StrictHostKeyChecking says; a new one is added to the first file.
 * @throws LamplighterError HOST_KEY
 */
export async function verifyHostKey(target: ConnectionTarget, blob: Buffer): Promise<HostKeyVerdict> {
  const first = target.knownHosts[0];
  if (first === undefined) return judge(target, blob, undefined);
  return inTurn(first, () => judge(target, blob, first));
}

async function judge(target: ConnectionTarget, blob: Buffer, first: string | undefined): Promise<HostKeyVerdict> {
  const name = knownName(target);
  const shown = { type: keyType(blob), key: blob.toString('base64') };
  const same = (entry: KnownKey) => entry.key === shown.key;
  const entries = await knownKeys(target.knownHosts, name);

  const revoked = entries.find((entry) => entry.marker === '@revoked' && same(entry));
  if (revoked) throw refusal(target, blob, `is marked as revoked at ${placeOf(revoked)}`, REVOKED_HINT);
  const plain = entries.filter((entry) => entry.marker === '');
  if (plain.some(same)) return { warnings: [], unsafe: false };

  const changed = plain.find((entry) => family(entry.type) === family(shown.type));
  if (changed) {
    const text = `is not the one known at ${placeOf(changed)} (${fingerprint(Buffer.from(changed.key, 'base64'))})`;
    if (target.hostKeyChecking === 'no')
      return { warnings: [`The ${shown.type} host key of ${describe(target)} ${text}.`], unsafe: true };
    throw refusal(target, blob, text, changedHint(changed, name));
  }
  const authority = entries.find((entry) => entry.marker === '@cert-authority');
  if (authority && plain.length === 0)
    throw refusal(
      target,
      blob,
      `must be signed by the authority at ${placeOf(authority)}, and this transport cannot check certificates`,
      'Set ansible_connection: openssh for this host.',
    );
  if (target.hostKeyAlias === undefined && target.port !== 22) {
    // OpenSSH, check_host_key(): a key known for the host without a port is good for any port of it.
    const portless = await knownKeys(target.knownHosts, hostToken(target.address, 22));
    if (portless.some((entry) => entry.marker === '@revoked' && same(entry)))
      throw refusal(target, blob, 'is marked as revoked', REVOKED_HINT);
    if (portless.some((entry) => entry.marker === '' && same(entry))) return { warnings: [], unsafe: false };
  }
  if (target.hostKeyChecking === 'yes')
    throw refusal(
      target,
      blob,
      `is not known: ${name} is in none of ${target.knownHosts.join(', ') || 'the (empty list of) known_hosts files'}`,
      `Compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then add it by: ssh-keyscan -p ${target.port} ${target.address} >> ${first ?? 'known_hosts'}`,
    );
  return { warnings: await remember(target, name, shown, first), unsafe: false };
}

async function remember(
  target: ConnectionTarget,
  name: string,
  key: { type: string; key: string },
  file: string | undefined,
): Promise<string[]> {
  if (file === undefined) return [];
  try {
    await addKnownKey(file, name, key, target.hashKnownHosts ?? false);
    return [`Added the ${key.type} host key of ${describe(target)} to ${file}.`];
  } catch (error) {
    return [`The host key of ${describe(target)} could not be added to ${file}: ${messageOf(error)}`];
  }
}

const REVOKED_HINT = 'Somebody may hold this key who should not. Give the host a new key.';

function refusal(target: ConnectionTarget, blob: Buffer, text: string, hint: string): LamplighterError {
  const shown = `${keyType(blob)} host key ${fingerprint(blob)}`;
  return new LamplighterError('HOST_KEY', `the ${shown} of ${describe(target)} ${text}`, { hint });
}

function changedHint(entry: KnownKey, name: string): string {
  return `If the host was set up anew, remove the old key by: ssh-keygen -f '${entry.file}' -R '${name}' (or delete line ${entry.line}). If it was not, somebody may be in between.`;
}

function placeOf(entry: KnownKey): string {
  return `${entry.file}:${entry.line}`;
}

/** OpenSSH compares keys of one kind; the three curves of ECDSA are one. */
function family(type: string): string {
  return type.startsWith('ecdsa-sha2-') ? 'ecdsa' : type;
}
