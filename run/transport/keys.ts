import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import ssh2, { type ParsedKey } from 'ssh2';
import { errorCode, messageOf } from './failures.ts';
import { fingerprint } from './knownhosts.ts';

/** A key file as far as it could be read. */
export interface Identity {
  path: string;
  /** Base64 of the public blob, when the file or the .pub beside it tells. */
  publicKey: string | undefined;
  /** The private key, ready to sign. */
  key: ParsedKey | undefined;
  /** Why there is no `key`, in words. */
  problem: string | undefined;
  missing: boolean;
}

const read = new Map<string, Promise<Identity>>();
const LOOK_EVERY_MS = 1000;
const looked = new Map<string, { at: number; identity: Promise<Identity> }>();

/**
 * Reads a private key file as ssh(1) would: one that others can read is refused. Decrypting costs about 0.1 s, so an unchanged
 * file is read once a process, and many hosts look once a second whether it has changed. Never throws.
 */
export function readIdentity(path: string, passphrase: string | undefined): Promise<Identity> {
  const name = JSON.stringify([path, passphrase]);
  const last = looked.get(name);
  const now = performance.now();
  if (last && now - last.at < LOOK_EVERY_MS) return last.identity;
  const identity = readChanged(path, passphrase);
  looked.set(name, { at: now, identity });
  return identity;
}

async function readChanged(path: string, passphrase: string | undefined): Promise<Identity> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    const name = JSON.stringify([path, mtimeMs, size, ino, passphrase]);
    const cached = read.get(name);
    if (cached) return await cached;
    const identity = load(path, passphrase);
    read.set(name, identity);
    return await identity;
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    return nothing(path, missing ? 'there is no such file' : messageOf(error), missing);
  }
}

const names = new WeakMap<ParsedKey, string>();

/** `ED25519 SHA256:…` */
export function keyName(key: ParsedKey): string {
  const name = names.get(key) ?? `${key.type.replace(/^ssh-/, '').toUpperCase()} ${fingerprint(key.getPublicSSH())}`;
  names.set(key, name);
  return name;
}

function nothing(path: string, problem: string, missing = false): Identity {
  return { path, publicKey: undefined, key: undefined, problem, missing };
}

async function load(path: string, passphrase: string | undefined): Promise<Identity> {
  const { uid, mode } = await stat(path);
  const text = await readFile(path, 'utf8');
  const parsed = firstKey(text, passphrase);
  if (!(parsed instanceof Error) && !parsed.isPrivateKey())
    return { ...nothing(path, 'it holds a public key only'), publicKey: blobOf(parsed) };
  const publicKey = parsed instanceof Error ? await publicPart(path, text) : blobOf(parsed);
  if (uid === userInfo().uid && (mode & 0o077) !== 0)
    return { ...nothing(path, `others may read it (mode ${(mode & 0o777).toString(8)}): chmod 600 it`), publicKey };
  if (parsed instanceof Error) return { ...nothing(path, explain(parsed.message, text, passphrase)), publicKey };
  return { path, publicKey, key: readyToSign(parsed), problem: undefined, missing: false };
}

/** The key, read for good: ssh2 reads its text anew for each signature, which costs ten times as much as to sign with Ed25519. */
function readyToSign(key: ParsedKey): ParsedKey {
  const slow = key.sign.bind(key);
  let object: KeyObject;
  try {
    object = createPrivateKey(key.getPrivatePEM());
  } catch {
    return key;
  }
  key.sign = (data, hash) => {
    if (hash === undefined && key.type !== 'ssh-ed25519') return slow(data);
    try {
      return sign(hash ?? null, Buffer.from(data), object);
    } catch {
      // It says why.
      return slow(data, hash);
    }
  };
  return key;
}

function firstKey(text: string, passphrase: string | undefined): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(pkcs1(text, passphrase), passphrase) as ParsedKey | ParsedKey[] | Error;
  return Array.isArray(parsed) ? parsed[0]! : parsed;
}

/** ssh2 does not read PKCS#8, which openssl writes; Node turns RSA and EC keys into what it reads. */
function pkcs1(text: string, passphrase: string | undefined): string {
  if (!/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return text;
  try {
    const key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
    const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    return key.export({ format: 'pem', type }).toString();
  } catch {
    return text;
  }
}

function explain(message: string, text: string, passphrase: string | undefined): string {
  const encrypted = /passphrase given/.test(message) || /BEGIN ENCRYPTED PRIVATE KEY/.test(text);
  if (encrypted && passphrase === undefined)
    return 'it is encrypted and no passphrase was given (nor is it in the agent)';
  if (/passphrase|integrity check failed/i.test(message) || encrypted) return 'the passphrase is wrong';
  if (/sk-(ssh|ecdsa)/.test(message)) return 'it is a hardware key: set ansible_connection: openssh';
  return `it is not a private key that can be read here (${message})`;
}

/** The public half of an encrypted key: from the .pub file or the head of the OpenSSH format, which is in clear. */
async function publicPart(path: string, text: string): Promise<string | undefined> {
  const beside = await readFile(`${path}.pub`, 'utf8').catch(() => '');
  const blob = beside.trim().split(/\s+/)[1];
  if (blob !== undefined) return blob;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  try {
    let at = 'openssh-key-v1\0'.length;
    for (let skipped = 0; skipped < 3; skipped++) at += 4 + bytes.readUInt32BE(at);
    at += 4;
    const length = bytes.readUInt32BE(at);
    return bytes.subarray(at + 4, at + 4 + length).toString('base64');
  } catch {
    return undefined;
  }
}

function blobOf(key: ParsedKey): string {
  return key.getPublicSSH().toString('base64');
}
