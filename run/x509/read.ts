import { LamplighterError } from '../errors.ts';
import type { Pkcs10CertificateRequest, X509, X509Certificate } from './library.ts';

/** A request in PEM form; undefined when the text is none. */
export function readRequest(x509: X509, pem: Buffer): Pkcs10CertificateRequest | undefined {
  return read(pem, /-----BEGIN (NEW )?CERTIFICATE REQUEST-----/, (text) => new x509.Pkcs10CertificateRequest(text));
}

/** The first certificate of a PEM text; undefined when there is none. */
export function readCertificate(x509: X509, pem: Buffer): X509Certificate | undefined {
  return read(pem, /-----BEGIN CERTIFICATE-----/, (text) => {
    const [first] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text) ?? [text];
    return new x509.X509Certificate(first);
  });
}

/** @throws LamplighterError BAD_ARGUMENT when a reader found nothing */
export function mustBe<T>(read: T | undefined, what: string, kind: string): T {
  if (read !== undefined) return read;
  throw new LamplighterError('BAD_ARGUMENT', `${what} is no ${kind} in PEM form`);
}

function read<T>(pem: Buffer, mark: RegExp, parse: (text: string) => T): T | undefined {
  const text = pem.toString('utf8');
  if (!mark.test(text)) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
