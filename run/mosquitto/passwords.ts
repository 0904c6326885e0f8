import { createHash, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { User } from './broker-args.ts';
import { isBefore, type Version } from './version.ts';

const derive = promisify(pbkdf2);

/** As mosquitto_passwd of 2.0 writes them; later releases read these too. */
const ITERATIONS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

/** Nobody waits for a hash longer than this would take, whatever a file claims. */
const MOST_ITERATIONS = 1_000_000;

/**
 * A password file with these users, each line as it was where its hash is still the password's, a new one otherwise.
 * @param now the file's present content
 */
export async function passwordFile(users: readonly User[], now: string, version: Version): Promise<string> {
  const stored = new Map(
    now.split('\n').flatMap((text): [string, string][] => {
      const colon = text.indexOf(':');
      return colon > 0 ? [[text.slice(0, colon), text.slice(colon + 1).trim()]] : [];
    }),
  );
  const lines = await Promise.all(
    users.map(async ({ name, password }) => {
      const old = stored.get(name);
      const hash =
        old !== undefined && (await isHashOf(password, old, version)) ? old : await hashOf(password, version);
      return `${name}:${hash}\n`;
    }),
  );
  return lines.join('');
}

/** `$7$ITERATIONS$SALT$HASH` (PBKDF2), which 2.0 brought; `$6$SALT$HASH` (one round of SHA-512) before. */
export async function hashOf(password: string, version: Version): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  if (isBefore(version, [2, 0])) return `$6$${salt.toString('base64')}$${plainHash(password, salt).toString('base64')}`;
  const hash = await derive(password, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return `$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Whether a stored hash is the password's, in a form that this release reads. `$argon2id$` cannot be told: no. */
export async function isHashOf(password: string, stored: string, version: Version): Promise<boolean> {
  const [empty, kind, ...rest] = stored.split('$');
  if (empty !== '') return false;
  if (kind === '6' && rest.length === 2) return same(rest[1]!, plainHash(password, Buffer.from(rest[0]!, 'base64')));
  if (kind !== '7' || rest.length !== 3 || isBefore(version, [2, 0])) return false;
  const iterations = Number(rest[0]);
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MOST_ITERATIONS) return false;
  return same(rest[2]!, await derive(password, Buffer.from(rest[1]!, 'base64'), iterations, HASH_BYTES, 'sha512'));
}

function plainHash(password: string, salt: Buffer): Buffer {
  return createHash('sha512').update(password).update(salt).digest();
}

function same(stored: string, hash: Buffer): boolean {
  const bytes = Buffer.from(stored, 'base64');
  return bytes.length === hash.length && timingSafeEqual(bytes, hash);
}
