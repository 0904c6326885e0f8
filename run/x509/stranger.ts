import { createPublicKey } from 'node:crypto';
import { newKey, pemOf } from './keys.ts';
import { loadX509, signingKeys } from './library.ts';
import { nameOf } from './subject.ts';

/** A client's certificate for a name, signed by its own key, that nobody should take; PEM texts, good for an hour. */
export async function strangerCertificate(commonName: string): Promise<{ cert: string; key: string }> {
  const x509 = await loadX509();
  const key = await newKey({ type: 'ECC', curve: 'secp256r1', size: 256 });
  const keys = await signingKeys(key, createPublicKey(key), 'sha256');
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: nameOf(x509, [['CN', commonName]]),
    keys,
    signingAlgorithm: keys.algorithm,
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 3_600_000),
  });
  return { cert: `${certificate.toString('pem')}\n`, key: pemOf(key, 'pkcs8', undefined) };
}
