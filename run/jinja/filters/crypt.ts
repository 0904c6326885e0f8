import { randomInt } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { filterError } from '../errors.ts';
import { md5Crypt } from './md5-crypt.ts';
import { shaCrypt } from './sha-crypt.ts';

export interface PasswordHashOptions {
  readonly type: string;
  readonly salt?: string | undefined;
  readonly saltSize?: number | undefined;
  readonly rounds?: number | undefined;
  readonly ident?: string | undefined;
}

const aliases: Record<string, string> = {
  md5: 'md5_crypt',
  blowfish: 'bcrypt',
  sha256: 'sha256_crypt',
  sha512: 'sha512_crypt',
};
const saltSizes: Record<string, number> = { md5_crypt: 8, bcrypt: 22, sha256_crypt: 16, sha512_crypt: 16 };
const saltCharacters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./';

/** How long the salt of a kind of hash is. */
export function saltSize(type: string): number {
  return saltSizes[aliases[type] ?? type] ?? 8;
}

export function randomSalt(size: number): string {
  return Array.from({ length: size }, () => saltCharacters[randomInt(saltCharacters.length)]).join('');
}

/** Ansible's `password_hash`: a hash as in /etc/shadow. Without a salt, another one each time. */
export function passwordHash(password: string, options: PasswordHashOptions): string {
  const type = aliases[options.type] ?? options.type;
  const size = saltSizes[type];
  if (size === undefined)
    throw filterError(`'${options.type}' is no kind of password hash; there are ${Object.keys(aliases).join(', ')}`);
  const salt = options.salt ?? randomSalt(options.saltSize ?? size);
  if (/[^./0-9A-Za-z]/.test(salt)) throw filterError('invalid characters in salt');
  if (type === 'bcrypt' ? salt.length !== size : salt.length > size) throw filterError('invalid salt size');
  switch (type) {
    case 'bcrypt':
      return bcryptHash(password, salt, options.rounds ?? 12, options.ident ?? '2b');
    case 'md5_crypt':
      return md5Crypt(password, salt);
    case 'sha256_crypt':
      return shaCrypt('sha256', password, salt, options.rounds ?? 535000);
    default:
      return shaCrypt('sha512', password, salt, options.rounds ?? 656000);
  }
}

function bcryptHash(password: string, salt: string, rounds: number, ident: string): string {
  if (!/^2[aby]$/.test(ident)) throw filterError(`'${ident}' is no kind of bcrypt; there are 2a, 2b, 2y`);
  const hash = bcrypt.hashSync(password, `$2b$${String(rounds).padStart(2, '0')}$${salt}`);
  return `$${ident}${hash.slice(3)}`;
}
