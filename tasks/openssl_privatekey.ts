import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { bool, choice, fileMode, int, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { defineTask, type TaskResult } from '../run/task.ts';
import { dropFile, keepFile, readFiles } from '../run/x509/files.ts';
import {
  CURVE_NAMES,
  formatOf,
  KEY_TYPES,
  type KeyKind,
  keyFingerprints,
  kindOf,
  newKey,
  pemOf,
  readKey,
  usualFormat,
} from '../run/x509/keys.ts';

const args = z
  .strictObject({
    path: path(),
    state: choice('present', 'absent').default('present'),
    type: choice(...KEY_TYPES).default('RSA'),
    size: int({ min: 1024, max: 16384 }).default(4096),
    curve: choice(...CURVE_NAMES).optional(),
    passphrase: str().optional(),
    cipher: choice('auto').default('auto'),
    format: choice('auto_ignore', 'auto', 'pkcs1', 'pkcs8').default('auto_ignore'),
    format_mismatch: choice('regenerate', 'convert').default('regenerate'),
    regenerate: choice('never', 'fail', 'partial_idempotence', 'full_idempotence', 'always').default(
      'full_idempotence',
    ),
    force: bool().default(false),
    return_content: bool().default(false),
    backup: bool().default(false),
    ...fileArguments,
    mode: fileMode().default('0600'),
  })
  .refine(({ type, curve }) => type !== 'ECC' || curve !== undefined, 'type: ECC needs a curve');
type Args = z.output<typeof args>;

/** Source: community.crypto.openssl_privatekey. The key is made on the controller and travels through the SSH connection. */
export default defineTask<Args>({
  name: 'community.crypto.openssl_privatekey',
  summary: 'Makes a private key, and keeps it as long as it is what is asked for.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: FILE_ALIASES,
  unsupported: {
    ...FILE_UNSUPPORTED,
    select_crypto_backend: 'there is one: that of Node',
  },
  secrets: ['passphrase'],
  checkMode: 'full',
  returns: {
    filename: 'The path.',
    type: 'RSA, ECC, Ed25519 …',
    size: 'Bits.',
    curve: 'Of an ECC key.',
    fingerprint: 'Hashes of its public half, by algorithm.',
    privatekey: 'The PEM text, with return_content; secret in every output.',
    backup_file: 'The copy of what was there, with backup.',
  },
  example: `
- name: Make the key of the authority, on this machine
  openssl_privatekey:
    path: pki/ca.key
    type: ECC
    curve: secp256r1
  delegate_to: localhost
`,
  action: async (args, host) => {
    if (args.state === 'absent') {
      const dropped = await dropFile(host, args, { before: { filename: args.path }, after: {} });
      return { ...dropped, filename: args.path };
    }
    const { file } = await readFiles(host, { file: args.path });
    if (file !== undefined) host.secret(file.toString('utf8'));
    const old = oldKey(args, file);
    const { key, pem } = await wanted(args, old, file);
    host.secret(pem);
    const now = described(key);
    const shown = ({ fingerprint, ...facts }: typeof now) => ({ ...facts, fingerprint: fingerprint.sha256 });
    const diff = { before: old === undefined ? {} : shown(described(old)), after: shown(now) };
    return {
      ...(await keepFile(host, args, pem, diff)),
      filename: args.path,
      ...now,
      ...(args.return_content ? { privatekey: pem } : {}),
    } satisfies TaskResult;
  },
});

/** The key that is there, if it can be read; whether one that cannot may be replaced is `regenerate`'s to say. */
function oldKey({ passphrase, regenerate, force, path }: Args, file: Buffer | undefined): KeyObject | undefined {
  if (file === undefined || force || regenerate === 'always') return undefined;
  try {
    return readKey(file, passphrase, path);
  } catch (error) {
    if (regenerate === 'full_idempotence' || !(error instanceof LamplighterError)) return undefined;
    throw new LamplighterError('MODULE_FAILED', `${error.message}; regenerate: ${regenerate} does not replace it`, {
      hint: 'give its passphrase, or set force: true to make a new key',
    });
  }
}

async function wanted(args: Args, old: KeyObject | undefined, file: Buffer | undefined) {
  const usual = usualFormat(args.type);
  const format = args.format === 'auto' || args.format === 'auto_ignore' ? usual : args.format;
  const kind: KeyKind = {
    type: args.type,
    size: args.size,
    ...(args.curve === undefined ? {} : { curve: args.curve }),
  };
  if (old !== undefined && file !== undefined) {
    const pem = file.toString('utf8');
    const isFormatted = args.format === 'auto_ignore' || formatOf(pem) === format;
    const isKept = isFormatted || args.format_mismatch === 'convert';
    const wrong = mismatch(kind, kindOf(old)) ?? (isKept ? undefined : `in the format ${formatOf(pem)}`);
    if (wrong !== undefined && args.regenerate === 'fail')
      throw new LamplighterError('MODULE_FAILED', `${args.path} is ${wrong}; regenerate: fail does not replace it`, {
        hint: 'set force: true to make a new key',
      });
    if (wrong === undefined || args.regenerate === 'never')
      return { key: old, pem: isFormatted || !isKept ? pem : pemOf(old, format, args.passphrase) };
  }
  const key = await newKey(kind);
  return { key, pem: pemOf(key, format, args.passphrase) };
}

/** What is other than it should be: "an RSA key of 2048 bits". */
function mismatch(wanted: KeyKind, found: KeyKind): string | undefined {
  const same =
    wanted.type === found.type &&
    (wanted.type !== 'RSA' || wanted.size === found.size) &&
    (wanted.type !== 'ECC' || wanted.curve === found.curve);
  return same ? undefined : `a key of type ${found.type}, ${found.curve ?? `${found.size} bits`}`;
}

function described(key: KeyObject) {
  return { ...kindOf(key), fingerprint: keyFingerprints(createPublicKey(key)) };
}
