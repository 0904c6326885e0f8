import { type KeyObject, webcrypto } from 'node:crypto';
import type * as Library from '@peculiar/x509';
import { LamplighterError } from '../errors.ts';
import { type KeyKind, kindOf } from './keys.ts';

export type X509 = typeof Library;
export type { Extension, Name, Pkcs10CertificateRequest, X509Certificate } from '@peculiar/x509';

/** The library that reads and makes requests and certificates; 150 ms to load, so only where a task needs it. */
export async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  const library = await import('@peculiar/x509');
  library.cryptoProvider.set(webcrypto as never);
  return library;
}

interface SigningKeys {
  privateKey: webcrypto.CryptoKey;
  publicKey: webcrypto.CryptoKey;
  algorithm: { name: string; hash?: string };
}

/** A private key as the library wants it. @throws LamplighterError BAD_ARGUMENT for a key that cannot sign, a digest that is none */
export async function signingKeys(key: KeyObject, publicKey: KeyObject, digest: string): Promise<SigningKeys> {
  const kind = kindOf(key);
  const { imported, signing } = algorithms(kind, digest);
  const load = (which: KeyObject, type: 'pkcs8' | 'spki', usage: 'sign' | 'verify') =>
    webcrypto.subtle.importKey(type, which.export({ type, format: 'der' } as never) as never, imported, true, [usage]);
  const [privateHalf, publicHalf] = await Promise.all([load(key, 'pkcs8', 'sign'), load(publicKey, 'spki', 'verify')]);
  return { privateKey: privateHalf, publicKey: publicHalf, algorithm: signing };
}

const DIGESTS: Readonly<Record<string, string>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };
export const DIGEST_NAMES = ['sha256', 'sha384', 'sha512'] as const;

function algorithms({ type, curve, size }: KeyKind, digest: string) {
  const hash = DIGESTS[digest]!;
  if (type === 'RSA') {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash };
    return { imported: rsa, signing: rsa };
  }
  if (type === 'ECC' && curve?.startsWith('secp') && [256, 384, 521].includes(size))
    return { imported: { name: 'ECDSA', namedCurve: `P-${size}` }, signing: { name: 'ECDSA', hash } };
  if (type === 'Ed25519') return { imported: { name: 'Ed25519' }, signing: { name: 'Ed25519' } };
  throw new LamplighterError(
    'BAD_ARGUMENT',
    `a key of type ${type}${curve === undefined ? '' : ` (${curve})`} cannot sign requests and certificates here`,
    { hint: 'use RSA, ECC (secp256r1, secp384r1, secp521r1) or Ed25519' },
  );
}
