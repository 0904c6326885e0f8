import { createPublicKey, type KeyObject, X509Certificate as NodeCertificate } from 'node:crypto';
import { holdsAll, OIDS } from './extensions.ts';
import {
  type Extension,
  type Pkcs10CertificateRequest,
  signingKeys,
  type X509,
  type X509Certificate,
} from './library.ts';
import { timeText } from './times.ts';

/** Who signs: an authority, or without a certificate the key itself. */
export interface Signer {
  certificate?: X509Certificate;
  key: KeyObject;
}

/** A certificate as it should be. */
export interface Wanted {
  /** Undefined: without a name and extensions (selfsigned). */
  request: Pkcs10CertificateRequest | undefined;
  /** DER, SubjectPublicKeyInfo. */
  publicKey: Buffer;
  signer: Signer;
  digest: string;
  notBefore: Date;
  notAfter: Date;
  subjectKeyIdentifier: 'create_if_not_provided' | 'always_create' | 'never_create';
  authorityKeyIdentifier: boolean;
  /** Another time of beginning or end is a reason for a new one. */
  compareTimes: boolean;
  /** Seconds before its end from which on a new one is due. */
  renewBefore: number | undefined;
}

/** Why the certificate that is there will not do; undefined when it will. */
export async function reasonToRenew(
  x509: X509,
  old: X509Certificate,
  wanted: Wanted,
  now: Date,
): Promise<string | undefined> {
  const { request, signer } = wanted;
  if (!wanted.publicKey.equals(Buffer.from(old.publicKey.rawData))) return 'it is for another key';
  if ((request?.subject ?? '') !== old.subject) return 'it is for another name';
  const asked = await extensions(x509, wanted);
  if (!holdsAll(old.extensions, asked) || !holdsAll(asked, old.extensions)) return 'it has other extensions';
  if (old.issuer !== (signer.certificate?.subject ?? old.subject)) return 'another authority signed it';
  if (!new NodeCertificate(Buffer.from(old.rawData)).verify(createPublicKey(signer.key)))
    return 'another key signed it';
  if (wanted.compareTimes && old.notBefore.getTime() !== wanted.notBefore.getTime()) return 'it begins at another time';
  if (wanted.compareTimes && old.notAfter.getTime() !== wanted.notAfter.getTime()) return 'it ends at another time';
  if (wanted.renewBefore !== undefined && old.notAfter.getTime() - now.getTime() < wanted.renewBefore * 1000)
    return old.notAfter < now ? `it expired at ${timeText(old.notAfter)}` : `it expires at ${timeText(old.notAfter)}`;
  return undefined;
}

export async function issue(x509: X509, wanted: Wanted): Promise<X509Certificate> {
  const { request, signer } = wanted;
  const keys = await signingKeys(signer.key, createPublicKey(signer.key), wanted.digest);
  const subject = request?.subjectName ?? new x509.Name([]);
  return x509.X509CertificateGenerator.create({
    subject,
    issuer: signer.certificate?.subjectName ?? subject,
    notBefore: wanted.notBefore,
    notAfter: wanted.notAfter,
    publicKey: new x509.PublicKey(wanted.publicKey),
    signingKey: keys.privateKey,
    signingAlgorithm: keys.algorithm,
    extensions: await extensions(x509, wanted),
  });
}

/** What the request asks for, and the identifiers of the keys, by which chains are found. */
async function extensions(x509: X509, wanted: Wanted): Promise<Extension[]> {
  const { request, signer, subjectKeyIdentifier: mode } = wanted;
  const asked = (request?.extensions ?? []).filter(
    ({ type }) =>
      type !== OIDS.authorityKeyIdentifier && (mode !== 'always_create' || type !== OIDS.subjectKeyIdentifier),
  );
  const given = asked.some(({ type }) => type === OIDS.subjectKeyIdentifier);
  const identifiers: Extension[] = [];
  if (mode !== 'never_create' && !given)
    identifiers.push(await x509.SubjectKeyIdentifierExtension.create(new x509.PublicKey(wanted.publicKey)));
  if (wanted.authorityKeyIdentifier && signer.certificate !== undefined)
    identifiers.push(await authorityIdentifier(x509, signer.certificate));
  return [...asked, ...identifiers];
}

async function authorityIdentifier(x509: X509, authority: X509Certificate): Promise<Extension> {
  const own = authority.getExtension(x509.SubjectKeyIdentifierExtension);
  return own === null
    ? x509.AuthorityKeyIdentifierExtension.create(authority.publicKey)
    : new x509.AuthorityKeyIdentifierExtension(own.keyId);
}
