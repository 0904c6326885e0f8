import { createHash } from 'node:crypto';
import { LamplighterError } from '../errors.ts';

/** What a lab host plays, read from its name: `cloud…`, `home…`, anything else is a lamp. */
export type Kind = 'cloud' | 'lamp' | 'home';

/** The hosts that a lab always has unless told otherwise. */
export const DEFAULT_HOSTS = ['cloud', 'lamp01', 'lamp02'];

/** The vendor's half of a MAC address: Xen (a rented machine), Raspberry Pi, Fujitsu (a thin client). */
const VENDOR: Record<Kind, string> = { cloud: '00:16:3e', lamp: 'b8:27:eb', home: '00:19:99' };
const USER: Record<Kind, string> = { cloud: 'ubuntu', lamp: 'pi', home: 'home' };

const CLOUD_ADDRESS = 10;
const FIRST_LAMP = 100;
const LAST_LAMP = 150;
const FIRST_OTHER = 11;
const LAST_OTHER = 254;

/** The kind of a host. Throws LAB when the name cannot be a host name. */
export function kindOf(name: string): Kind {
  if (!/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new LamplighterError('LAB', `"${name}" cannot name a host`, {
      hint: 'Use up to 32 lower-case letters, digits and dashes, a letter first.',
    });
  }
  if (name.startsWith('cloud')) return 'cloud';
  return name.startsWith('home') ? 'home' : 'lamp';
}

/** The login user of a host. */
export function userOf(name: string): string {
  return USER[kindOf(name)];
}

/** The MAC address of a host's eth0: the same for the same name in every lab. */
export function macOf(name: string): string {
  const [a, b, c] = createHash('sha256').update(name).digest();
  const own = [a, b, c].map((byte) => byte!.toString(16).padStart(2, '0'));
  return [VENDOR[kindOf(name)], ...own].join(':');
}

/** A Device ID: the MAC address of eth0 without its colons. */
export function deviceIdOf(mac: string): string {
  return mac.replaceAll(':', '');
}

/**
 * The last number of a host's address: 10 for `cloud`, 100 + N for `lampN`, otherwise the first free one from a place
 * that the name decides. `taken` are the numbers of the other hosts. Throws LAB when the subnet is full.
 */
export function numberFor(name: string, taken: Iterable<number>): number {
  const used = new Set(taken);
  const wished = wishedNumber(name);
  if (wished !== undefined && !used.has(wished)) return wished;
  const span = LAST_OTHER - FIRST_OTHER + 1;
  // The low numbers first: those above 100 are the lamps'.
  const low = FIRST_LAMP - FIRST_OTHER + 1;
  const start = createHash('sha256').update(name).digest().readUInt16BE(4) % low;
  for (let i = 0; i < low; i++) {
    const number = FIRST_OTHER + ((start + i) % low);
    if (!used.has(number)) return number;
  }
  for (let i = span - 1; i >= low; i--) if (!used.has(FIRST_OTHER + i)) return FIRST_OTHER + i;
  throw new LamplighterError('LAB', `no address is left for ${name}`, {
    hint: 'A lab holds 244 hosts; start another with --instance.',
  });
}

function wishedNumber(name: string): number | undefined {
  if (name === 'cloud') return CLOUD_ADDRESS;
  const lamp = /^lamp0*([1-9][0-9]{0,2})$/.exec(name);
  const number = Number(lamp?.[1]);
  return number <= LAST_LAMP ? FIRST_LAMP + number : undefined;
}
