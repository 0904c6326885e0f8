import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { askPassword } from '../cli/ask.ts';
import type { Io } from '../cli/io.ts';
import { LamplighterError } from '../errors.ts';
import { passwordHash } from '../jinja/filters/crypt.ts';
import type { HostValues } from './values.ts';

/** A hash of /etc/shadow that Ubuntu understands: SHA-2, yescrypt, bcrypt. */
const HASH = /^\$(5|6|y|2[aby])\$[./0-9A-Za-z$,=]{10,}$/;
/** A second of a thin client's time at each sudo would be too much. */
const ROUNDS = 100_000;

/**
 * The password of the user as /etc/shadow has it: from a file, the host's variables, or the person; undefined for none.
 * @throws LamplighterError USAGE, FILE_UNREADABLE, BAD_ARGUMENT
 */
export async function passwordHashFrom(
  options: { password: boolean; passwordFile?: string },
  host: HostValues | undefined,
  io: Io,
  user: string,
): Promise<string | undefined> {
  if (!options.password && options.passwordFile !== undefined)
    throw new LamplighterError('USAGE', '--no-password and --password-file exclude each other');
  if (!options.password) return undefined;
  if (options.passwordFile !== undefined) return hashed(passwordIn(resolve(io.cwd(), options.passwordFile)));
  const known = host?.value('install_password_hash');
  if (known !== undefined && known !== null) {
    if (typeof known === 'string' && HASH.test(known)) return known;
    // The value may be the password itself: it is not shown.
    throw new LamplighterError('BAD_ARGUMENT', `install_password_hash of ${host!.name} is no hash as in /etc/shadow`, {
      hint: "Make one by {{ PASSWORD | password_hash('sha512') }}, the password from a vault.",
    });
  }
  const password = await askPassword(
    io,
    `Password of ${user} on the new machine: `,
    'Say --password-file FILE or --no-password.',
  );
  const again = await askPassword(io, 'Once more: ', 'Say --password-file FILE or --no-password.');
  if (password !== again) throw new LamplighterError('USAGE', 'the two passwords differ');
  return hashed(password);
}

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    throw new LamplighterError('FILE_UNREADABLE', `cannot read the password file ${file}`, { cause: error });
  }
}

function hashed(password: string): string {
  if (password === '')
    throw new LamplighterError('USAGE', 'the password is empty', { hint: 'Say --no-password for none.' });
  return passwordHash(password, { type: 'sha512', rounds: ROUNDS });
}
