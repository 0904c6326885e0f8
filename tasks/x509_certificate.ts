import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { bool, choice, int, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { type ActionHost, defineTask, type TaskResult } from '../run/task.ts';
import { shortFacts } from '../run/x509/certificate-facts.ts';
import { dropFile, keepFile, readFiles, required } from '../run/x509/files.ts';
import { issue, reasonToRenew, type Signer, type Wanted } from '../run/x509/issue.ts';
import { readKey } from '../run/x509/keys.ts';
import { DIGEST_NAMES, loadX509, type X509 } from '../run/x509/library.ts';
import { mustBe, readCertificate, readRequest } from '../run/x509/read.ts';
import { durationOf, isTime, timeOf } from '../run/x509/times.ts';

const args = z
  .strictObject({
    path: path(),
    state: choice('present', 'absent').default('present'),
    provider: choice('selfsigned', 'ownca').optional(),
    csr_path: path().optional(),
    csr_content: str().optional(),
    privatekey_path: path().optional(),
    privatekey_content: str().optional(),
    privatekey_passphrase: str().optional(),
    ownca_path: path().optional(),
    ownca_content: str().optional(),
    ownca_privatekey_path: path().optional(),
    ownca_privatekey_content: str().optional(),
    ownca_privatekey_passphrase: str().optional(),
    ownca_digest: choice(...DIGEST_NAMES).default('sha256'),
    ownca_not_before: time('+0s'),
    ownca_not_after: time('+3650d'),
    ownca_version: int({ min: 3, max: 3 }).default(3),
    ownca_create_subject_key_identifier: identifier(),
    ownca_create_authority_key_identifier: bool().default(true),
    selfsigned_digest: choice(...DIGEST_NAMES).default('sha256'),
    selfsigned_not_before: time('+0s'),
    selfsigned_not_after: time('+3650d'),
    selfsigned_version: int({ min: 3, max: 3 }).default(3),
    selfsigned_create_subject_key_identifier: identifier(),
    ignore_timestamps: bool().default(true),
    renew_before: str()
      .refine((text) => durationOf(text) !== undefined, 'expected a time such as 30d (units w d h m s)')
      .optional(),
    force: bool().default(false),
    return_content: bool().default(false),
    backup: bool().default(false),
    ...fileArguments,
  })
  .superRefine((args, context) => {
    if (args.state === 'absent') return;
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (args.provider === undefined) complain('provider is required: selfsigned or ownca');
    if (args.csr_path !== undefined && args.csr_content !== undefined)
      complain('csr_path and csr_content are mutually exclusive');
    if (args.provider === 'selfsigned' && (args.privatekey_path ?? args.privatekey_content) === undefined)
      complain('provider: selfsigned needs privatekey_path or privatekey_content');
    if (args.provider !== 'ownca') return;
    if ((args.csr_path ?? args.csr_content) === undefined) complain('provider: ownca needs csr_path or csr_content');
    if ((args.ownca_path ?? args.ownca_content) === undefined)
      complain('provider: ownca needs ownca_path or ownca_content');
    if ((args.ownca_privatekey_path ?? args.ownca_privatekey_content) === undefined)
      complain('provider: ownca needs ownca_privatekey_path or ownca_privatekey_content');
  });
type Args = z.output<typeof args>;

/** Source: community.crypto.x509_certificate. `renew_before` is ours: without it a certificate is kept until it expires, and after. */
export default defineTask<Args>({
  name: 'community.crypto.x509_certificate',
  aliases: ['openssl_certificate'],
  summary: 'Makes a certificate, signed by its own key or by an authority of your own, and renews it in time.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: {
    ownca_not_before: ['ownca_notBefore'],
    ownca_not_after: ['ownca_notAfter'],
    selfsigned_not_before: ['selfsigned_notBefore'],
    selfsigned_not_after: ['selfsigned_notAfter'],
    ...FILE_ALIASES,
  },
  unsupported: { ...FILE_UNSUPPORTED, select_crypto_backend: 'there is one: @peculiar/x509' },
  secrets: ['privatekey_content', 'privatekey_passphrase', 'ownca_privatekey_content', 'ownca_privatekey_passphrase'],
  checkMode: 'full',
  returns: {
    filename: 'The path.',
    csr: 'Path of the request.',
    privatekey: 'Path of the private key.',
    certificate: 'The PEM text, with return_content.',
    reason: 'Why a new certificate was made.',
    notBefore: 'From when it holds: 20301231235959Z.',
    notAfter: 'Until when.',
    serial_number: 'Its serial number, decimal.',
    backup_file: 'The copy of what was there, with backup.',
  },
  example: `
- name: Sign the certificate of a lamp
  x509_certificate:
    path: pki/b827eb08451e.crt
    provider: ownca
    csr_path: pki/b827eb08451e.csr
    ownca_path: pki/ca.crt
    ownca_privatekey_path: pki/ca.key
    ownca_not_after: +365d
    renew_before: 30d # a new one, made in the last 30 days of the old one
  delegate_to: localhost
`,
  action: async (args, host) => {
    if (args.state === 'absent') {
      const dropped = await dropFile(host, args, { before: { filename: args.path }, after: {} });
      return { ...dropped, filename: args.path };
    }
    const x509 = await loadX509();
    const { old, oldText, wanted } = await inputs(args, host, x509);
    const now = new Date();
    const reason = args.force
      ? 'force'
      : old === undefined
        ? oldText === undefined
          ? 'there is none'
          : 'what is there is no certificate'
        : await reasonToRenew(x509, old, wanted, now);
    const certificate = reason === undefined ? old! : await issue(x509, wanted);
    const text = reason === undefined ? oldText! : `${certificate.toString('pem')}\n`;
    const facts = shortFacts(x509, certificate);
    const expired = reason === undefined && certificate.notAfter < now;
    return {
      ...(await keepFile(host, args, text, { before: old ? shortFacts(x509, old) : {}, after: facts })),
      filename: args.path,
      csr: args.csr_path ?? null,
      privatekey: args.privatekey_path ?? null,
      ...(reason === undefined ? {} : { reason }),
      notBefore: facts.not_before,
      notAfter: facts.not_after,
      serial_number: facts.serial_number,
      ...(args.return_content ? { certificate: text } : {}),
      ...(expired ? { warnings: [`${args.path} has expired: set renew_before to have it renewed in time`] } : {}),
    } satisfies TaskResult;
  },
});

/** Reads all that the task names, in one visit. */
async function inputs(args: Args, host: ActionHost, x509: X509) {
  const found = await readFiles(host, {
    file: args.path,
    csr: args.csr_path,
    key: args.privatekey_path,
    ca: args.ownca_path,
    caKey: args.ownca_privatekey_path,
  });
  const secretKey = (name: 'privatekey' | 'ownca_privatekey', read: Buffer | undefined): KeyObject | undefined => {
    const path = args[`${name}_path`];
    const content = args[`${name}_content`];
    if (path === undefined && content === undefined) return undefined;
    const pem = content ?? required(read, path, `${name}_path`);
    host.secret(String(pem));
    return readKey(pem, args[`${name}_passphrase`], path ?? `${name}_content`);
  };
  const key = secretKey('privatekey', found.key);
  const csrText = args.csr_content ?? (args.csr_path && required(found.csr, args.csr_path, 'csr_path'));
  const request = csrText
    ? mustBe(readRequest(x509, Buffer.from(csrText)), args.csr_path ?? 'csr_content', 'request')
    : undefined;
  if (request !== undefined && !(await request.verify()))
    throw new LamplighterError('BAD_ARGUMENT', `the request ${args.csr_path ?? ''} is not signed by its own key`);

  const own = args.provider === 'ownca';
  let signer: Signer | undefined;
  if (own) {
    const text = args.ownca_content ?? required(found.ca, args.ownca_path, 'ownca_path');
    const certificate = mustBe(
      readCertificate(x509, Buffer.from(text)),
      args.ownca_path ?? 'ownca_content',
      'certificate',
    );
    const caKey = secretKey('ownca_privatekey', found.caKey)!;
    if (!spki(caKey).equals(Buffer.from(certificate.publicKey.rawData)))
      throw new LamplighterError('BAD_ARGUMENT', "ownca_privatekey_path is not the key of the authority's certificate");
    signer = { certificate, key: caKey };
  }
  const publicKey = request ? Buffer.from(request.publicKey.rawData) : spki(key!);
  if (request !== undefined && key !== undefined && !spki(key).equals(publicKey))
    throw new LamplighterError('BAD_ARGUMENT', 'the request is for another private key than privatekey_path');
  const now = new Date();
  const side = own ? 'ownca' : 'selfsigned';
  const wanted: Wanted = {
    request,
    publicKey,
    signer: signer ?? { key: key! },
    digest: args[`${side}_digest`],
    notBefore: timeOf(args[`${side}_not_before`], now),
    notAfter: timeOf(args[`${side}_not_after`], now),
    subjectKeyIdentifier: args[`${side}_create_subject_key_identifier`],
    authorityKeyIdentifier: own && args.ownca_create_authority_key_identifier,
    compareTimes: !args.ignore_timestamps,
    renewBefore: args.renew_before === undefined ? undefined : durationOf(args.renew_before)!,
  };
  const oldText = found.file?.toString('utf8');
  return { old: found.file && readCertificate(x509, found.file), oldText, wanted };
}

function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function time(standard: string): z.ZodType<string> {
  return str()
    .refine(isTime, 'expected a time such as +3650d or 20301231235959Z')
    .default(standard) as unknown as z.ZodType<string>;
}

function identifier() {
  return choice('create_if_not_provided', 'always_create', 'never_create').default('create_if_not_provided');
}
