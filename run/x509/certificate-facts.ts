import { createPublicKey } from 'node:crypto';
import { extensionFacts, OIDS } from './extensions.ts';
import { fingerprints, keyFingerprints, kindOf } from './keys.ts';
import type { X509, X509Certificate } from './library.ts';
import { subjectOf } from './subject.ts';
import { timeText } from './times.ts';

/** What a diff shows of a certificate. */
export function shortFacts(x509: X509, certificate: X509Certificate) {
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    serial_number: BigInt(`0x${certificate.serialNumber}`).toString(),
    not_before: timeText(certificate.notBefore),
    not_after: timeText(certificate.notAfter),
    ...extensionFacts(x509, certificate.extensions),
  };
}

/** Everything, as community.crypto.x509_certificate_info returns it. */
export function longFacts(x509: X509, certificate: X509Certificate, now: Date): Record<string, unknown> {
  const subject = subjectOf(certificate.subjectName);
  const issuer = subjectOf(certificate.issuerName);
  const key = createPublicKey({ key: Buffer.from(certificate.publicKey.rawData), type: 'spki', format: 'der' });
  return {
    ...shortFacts(x509, certificate),
    subject: Object.fromEntries(subject),
    subject_ordered: subject,
    issuer: Object.fromEntries(issuer),
    issuer_ordered: issuer,
    expired: certificate.notAfter < now,
    version: 3,
    signature_algorithm: signatureName(certificate),
    fingerprints: fingerprints(Buffer.from(certificate.rawData)),
    public_key: key.export({ type: 'spki', format: 'pem' }),
    public_key_type: kindOf(key).type,
    public_key_data: kindOf(key),
    public_key_fingerprints: keyFingerprints(key),
    subject_key_identifier: keyId(x509, certificate, OIDS.subjectKeyIdentifier),
    authority_key_identifier: keyId(x509, certificate, OIDS.authorityKeyIdentifier),
    extensions_by_oid: Object.fromEntries(
      certificate.extensions.map(({ type, critical, value }) => [
        type,
        { critical, value: Buffer.from(value).toString('base64') },
      ]),
    ),
  };
}

function keyId(x509: X509, certificate: X509Certificate, oid: string): string | null {
  const found = certificate.getExtension(oid);
  if (found === null) return null;
  const hex =
    oid === OIDS.subjectKeyIdentifier
      ? new x509.SubjectKeyIdentifierExtension(found.rawData).keyId
      : new x509.AuthorityKeyIdentifierExtension(found.rawData).keyId;
  return hex?.replace(/(..)(?!$)/g, '$1:') ?? null;
}

/** OpenSSL's name: `ecdsa-with-SHA256`, `sha256WithRSAEncryption`. */
function signatureName({ signatureAlgorithm }: X509Certificate): string {
  const { name, hash } = signatureAlgorithm as { name: string; hash?: { name: string } };
  const digest = hash?.name.replace('-', '');
  if (name === 'ECDSA') return `ecdsa-with-${digest}`;
  return digest === undefined ? name : `${digest.toLowerCase()}WithRSAEncryption`;
}
