import { createHash, getHashes } from 'node:crypto';
import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { Undefined } from '../values/types.ts';
import { passwordHash } from './crypt.ts';

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(pyString(value), 'utf8');
}

function digest(value: unknown, algorithm: string): string {
  if (value instanceof Undefined) throw value.error();
  const name = algorithm
    .toLowerCase()
    .replace('_', '-')
    .replace(/^sha-(?=\d+$)/, 'sha')
    .replace('blake2b', 'blake2b512')
    .replace('blake2s', 'blake2s256');
  if (!getHashes().includes(name)) throw filterError(`unsupported hash type ${algorithm}`);
  return createHash(name).update(bytesOf(value)).digest('hex');
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : pyString(value);
}

function number(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(pyString(value));
}

const sha1 = builtin('data', (_rt, value) => digest(value, 'sha1'));

/** Ansible's filters for digests and password hashes. */
export const hashFilters: Builtins = {
  checksum: sha1,
  hash: builtin('data, hashtype?', (_rt, value, type) => digest(value, type === undefined ? 'sha1' : pyString(type))),
  md5: builtin('data', (_rt, value) => digest(value, 'md5')),
  password_hash: builtin(
    'password, hashtype?, salt?, salt_size?, rounds?, ident?',
    (_rt, password, type, salt, size, rounds, ident) =>
      passwordHash(pyString(password), {
        type: text(type) ?? 'sha512',
        salt: text(salt),
        saltSize: number(size),
        rounds: number(rounds),
        ident: text(ident),
      }),
  ),
  sha1,
};
