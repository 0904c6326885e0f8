import { createHash, createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { LamplighterError } from '../errors.ts';

const generate = promisify(generateKeyPair) as unknown as (
  type: string,
  options: Record<string, unknown>,
) => Promise<{ privateKey: KeyObject }>;

export const KEY_TYPES = ['RSA', 'ECC', 'Ed25519', 'Ed448', 'X25519', 'X448'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** The curves of community.crypto that certificates of this library can have, and OpenSSL's names for them. */
const CURVES = { secp256r1: 'prime256v1', secp384r1: 'secp384r1', secp521r1: 'secp521r1' } as const;
export type Curve = keyof typeof CURVES;
export const CURVE_NAMES = Object.keys(CURVES) as Curve[];

/** What a private key is, or is to be. */
export interface KeyKind {
  type: KeyType;
  /** Bits: of an RSA modulus, or of the curve. */
  size: number;
  curve?: Curve | string;
}

export type KeyFormat = 'pkcs1' | 'pkcs8';

export function newKey({ type, size, curve }: KeyKind): Promise<KeyObject> {
  const options =
    type === 'RSA' ? { modulusLength: size } : type === 'ECC' ? { namedCurve: CURVES[curve as Curve] ?? curve } : {};
  return generate(type === 'ECC' ? 'ec' : type.toLowerCase(), options).then(({ privateKey }) => privateKey);
}

/** PEM text; encrypted with AES when there is a passphrase. `pkcs1` is the traditional form of RSA and ECC keys. */
export function pemOf(key: KeyObject, format: KeyFormat, passphrase: string | undefined): string {
  const type = format === 'pkcs8' ? 'pkcs8' : key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  const protection = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return String(key.export({ type, format: 'pem', ...protection }));
}

/** The form of a key's PEM text. */
export function formatOf(pem: string): KeyFormat {
  return /-----BEGIN (RSA|EC) PRIVATE KEY-----/.test(pem) ? 'pkcs1' : 'pkcs8';
}

/** The traditional form where a key has one: what community.crypto's `auto` means. */
export function usualFormat(type: KeyType): KeyFormat {
  return type === 'RSA' || type === 'ECC' ? 'pkcs1' : 'pkcs8';
}

/** @throws LamplighterError BAD_ARGUMENT when it is no private key, or the passphrase is not its own */
export function readKey(pem: string | Buffer, passphrase: string | undefined, what: string): KeyObject {
  const text = String(pem);
  const encrypted = /ENCRYPTED/.test(text);
  if (passphrase !== undefined && !encrypted)
    throw new LamplighterError('BAD_ARGUMENT', `${what} has no passphrase, and one is given`);
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    const why = !encrypted
      ? 'is no private key in PEM form'
      : passphrase === undefined
        ? 'is encrypted, and no passphrase is given'
        : 'does not open with this passphrase';
    throw new LamplighterError('BAD_ARGUMENT', `${what} ${why}`, { cause });
  }
}

/** Of a private or a public key. */
export function kindOf(key: KeyObject): KeyKind {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') return { type: 'RSA', size: details?.modulusLength ?? 0 };
  if (type === 'ec') {
    const curve = Object.entries(CURVES).find(([, name]) => name === details?.namedCurve)?.[0] ?? details?.namedCurve;
    return {
      type: 'ECC',
      size: Number(/\d+/.exec(curve ?? '')?.[0] ?? 0),
      ...(curve === undefined ? {} : { curve }),
    };
  }
  const found = KEY_TYPES.find((each) => each.toLowerCase() === type);
  if (found === undefined) throw new LamplighterError('BAD_ARGUMENT', `keys of type ${type} are not supported`);
  return { type: found, size: found.includes('448') ? 448 : 256 };
}

/** Hashes of DER bytes, in community.crypto's form `ab:cd:…`. */
export function fingerprints(der: Buffer): Record<string, string> {
  return Object.fromEntries(
    ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => [
      name,
      createHash(name)
        .update(der)
        .digest('hex')
        .replace(/(..)(?!$)/g, '$1:'),
    ]),
  );
}

/** Of its public half. */
export function keyFingerprints(publicKey: KeyObject): Record<string, string> {
  return fingerprints(publicKey.export({ type: 'spki', format: 'der' }));
}
