import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { bool, choice, dict, int, list, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { defineTask, type TaskResult } from '../run/task.ts';
import { extensionFacts, extensionsFor, sameExtensions } from '../run/x509/extensions.ts';
import { dropFile, keepFile, readFiles, required } from '../run/x509/files.ts';
import { readKey } from '../run/x509/keys.ts';
import { DIGEST_NAMES, loadX509, type Pkcs10CertificateRequest, signingKeys, type X509 } from '../run/x509/library.ts';
import { readRequest } from '../run/x509/read.ts';
import { attributeOid, nameOf, type Subject, subjectOf } from '../run/x509/subject.ts';

/** The arguments that are parts of the subject, in the order in which they stand in it. */
const PARTS = {
  country_name: 'C',
  state_or_province_name: 'ST',
  locality_name: 'L',
  organization_name: 'O',
  organizational_unit_name: 'OU',
  common_name: 'CN',
  email_address: 'emailAddress',
} as const;

const args = z
  .strictObject({
    path: path(),
    state: choice('present', 'absent').default('present'),
    privatekey_path: path().optional(),
    privatekey_content: str().optional(),
    privatekey_passphrase: str().optional(),
    country_name: str().optional(),
    state_or_province_name: str().optional(),
    locality_name: str().optional(),
    organization_name: str().optional(),
    organizational_unit_name: str().optional(),
    common_name: str().optional(),
    email_address: str().optional(),
    subject: dict().optional(),
    subject_ordered: z.array(dict()).optional(),
    subject_alt_name: list(str()).default([]),
    subject_alt_name_critical: bool().default(false),
    use_common_name_for_san: bool().default(true),
    key_usage: list(str()).default([]),
    key_usage_critical: bool().default(false),
    extended_key_usage: list(str()).default([]),
    extended_key_usage_critical: bool().default(false),
    basic_constraints: list(str()).default([]),
    basic_constraints_critical: bool().default(false),
    ocsp_must_staple: bool().default(false),
    ocsp_must_staple_critical: bool().default(false),
    create_subject_key_identifier: bool().default(false),
    digest: choice(...DIGEST_NAMES).default('sha256'),
    version: int({ min: 1, max: 1 }).default(1),
    force: bool().default(false),
    return_content: bool().default(false),
    backup: bool().default(false),
    ...fileArguments,
  })
  .refine(
    ({ state, privatekey_path, privatekey_content }) =>
      state === 'absent' || (privatekey_path === undefined) !== (privatekey_content === undefined),
    'privatekey_path or privatekey_content is required, and only one of them',
  )
  .refine(
    ({ subject, subject_ordered }) => subject === undefined || subject_ordered === undefined,
    'subject and subject_ordered are mutually exclusive',
  );
type Args = z.output<typeof args>;

const NOT_THERE = 'requests are made without it here';

/** Source: community.crypto.openssl_csr. */
export default defineTask<Args>({
  name: 'community.crypto.openssl_csr',
  summary: 'Makes a certificate signing request for a private key.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: {
    common_name: ['CN', 'commonName'],
    country_name: ['C', 'countryName'],
    state_or_province_name: ['ST', 'stateOrProvinceName'],
    locality_name: ['L', 'localityName'],
    organization_name: ['O', 'organizationName'],
    organizational_unit_name: ['OU', 'organizationalUnitName'],
    email_address: ['E', 'emailAddress'],
    subject_alt_name: ['subjectAltName'],
    subject_alt_name_critical: ['subjectAltName_critical'],
    key_usage: ['keyUsage'],
    key_usage_critical: ['keyUsage_critical'],
    extended_key_usage: ['extKeyUsage', 'extendedKeyUsage'],
    extended_key_usage_critical: ['extKeyUsage_critical', 'extendedKeyUsage_critical'],
    basic_constraints: ['basicConstraints'],
    basic_constraints_critical: ['basicConstraints_critical'],
    ocsp_must_staple: ['ocspMustStaple'],
    ocsp_must_staple_critical: ['ocspMustStaple_critical'],
    ...FILE_ALIASES,
  },
  unsupported: {
    ...FILE_UNSUPPORTED,
    select_crypto_backend: 'there is one: @peculiar/x509',
    authority_cert_issuer: NOT_THERE,
    authority_cert_serial_number: NOT_THERE,
    authority_key_identifier: NOT_THERE,
    crl_distribution_points: NOT_THERE,
    name_constraints_critical: NOT_THERE,
    name_constraints_excluded: NOT_THERE,
    name_constraints_permitted: NOT_THERE,
    subject_key_identifier: 'set create_subject_key_identifier',
  },
  secrets: ['privatekey_content', 'privatekey_passphrase'],
  checkMode: 'full',
  returns: {
    filename: 'The path.',
    privatekey: 'Path of the private key.',
    subject: 'Pairs of attribute and value.',
    subjectAltName: 'Alternative names.',
    keyUsage: 'What the key may be used for.',
    extendedKeyUsage: 'The same for applications.',
    basicConstraints: 'Whether it may sign certificates.',
    ocsp_must_staple: 'Whether OCSP stapling is demanded.',
    csr: 'The PEM text, with return_content.',
    backup_file: 'The copy of what was there, with backup.',
  },
  example: `
- name: Ask for a certificate of a lamp
  openssl_csr:
    path: pki/b827eb08451e.csr
    privatekey_path: pki/b827eb08451e.key
    common_name: b827eb08451e
    extended_key_usage: [clientAuth]
  delegate_to: localhost
`,
  action: async (args, host) => {
    if (args.state === 'absent') {
      const dropped = await dropFile(host, args, { before: { filename: args.path }, after: {} });
      return { ...dropped, filename: args.path };
    }
    const found = await readFiles(host, { file: args.path, key: args.privatekey_path });
    const pem = args.privatekey_content ?? required(found.key, args.privatekey_path, 'privatekey_path');
    host.secret(String(pem));
    const key = readKey(pem, args.privatekey_passphrase, args.privatekey_path ?? 'privatekey_content');
    const x509 = await loadX509();
    const keys = await signingKeys(key, createPublicKey(key), args.digest);
    const name = nameOf(x509, subject(args));
    const extensions = extensionsFor(x509, { ...args, subject_alt_name: alternativeNames(args) });
    if (args.create_subject_key_identifier)
      extensions.push(await x509.SubjectKeyIdentifierExtension.create(keys.publicKey));

    const old = found.file === undefined ? undefined : readRequest(x509, found.file);
    const wantedKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
    const isRight =
      !args.force &&
      old !== undefined &&
      old.subject === name.toString() &&
      sameExtensions(old.extensions, extensions) &&
      wantedKey.equals(Buffer.from(old.publicKey.rawData)) &&
      (await old.verify());
    const request = isRight
      ? old
      : await x509.Pkcs10CertificateRequestGenerator.create({
          name,
          keys,
          signingAlgorithm: keys.algorithm,
          extensions,
        });
    const text = isRight ? found.file!.toString('utf8') : `${request.toString('pem')}\n`;
    const facts = described(x509, request);
    return {
      ...(await keepFile(host, args, text, { before: old ? described(x509, old) : {}, after: facts })),
      filename: args.path,
      privatekey: args.privatekey_path ?? null,
      ...facts,
      ...(args.return_content ? { csr: text } : {}),
    } satisfies TaskResult;
  },
});

/** @throws LamplighterError BAD_ARGUMENT for an attribute that is none */
function subject(args: Args): Subject {
  const more = args.subject_ordered?.flatMap((part) => Object.entries(part)) ?? Object.entries(args.subject ?? {});
  const given = Object.entries(PARTS).flatMap(([argument, attribute]) => {
    const value = args[argument as keyof typeof PARTS];
    return value === undefined ? [] : ([[attribute, value]] as [string, unknown][]);
  });
  return [...given, ...more].flatMap(([attribute, value]) => {
    if (attributeOid(attribute) === undefined)
      throw new LamplighterError('BAD_ARGUMENT', `subject: "${attribute}" is no attribute of a name`, {
        hint: 'such as CN, O, OU, C, or an OID',
      });
    return (Array.isArray(value) ? value : [value]).map((each): [string, string] => [attribute, String(each)]);
  });
}

/** The common name stands among the alternative names when there are no others: what clients look at. */
function alternativeNames({ subject_alt_name, use_common_name_for_san, common_name }: Args): string[] {
  if (subject_alt_name.length > 0 || !use_common_name_for_san || common_name === undefined) return subject_alt_name;
  return [`DNS:${common_name}`];
}

function described(x509: X509, request: Pkcs10CertificateRequest): Record<string, unknown> {
  const facts = extensionFacts(x509, request.extensions);
  return {
    subject: subjectOf(request.subjectName),
    subjectAltName: facts.subject_alt_name,
    keyUsage: facts.key_usage,
    extendedKeyUsage: facts.extended_key_usage,
    basicConstraints: facts.basic_constraints,
    ocsp_must_staple: facts.ocsp_must_staple,
  };
}
