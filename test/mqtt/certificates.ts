import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Certificates of an authority for a broker on 127.0.0.1 and for a client, and another authority; PEM files. */
export function testCertificates() {
  const dir = mkdtempSync(join(tmpdir(), 'certificates-'));
  const path = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    path(`${name}.key`),
  ];
  const authority = (name: string) =>
    openssl('req', '-x509', ...newKey(name), '-subj', `/CN=${name}`, '-days', '2', '-out', path(`${name}.crt`));
  const signed = (name: string) => {
    openssl('req', ...newKey(name), '-subj', `/CN=${name}`, '-out', path(`${name}.csr`));
    const by = ['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      path(`${name}.csr`),
      ...by,
      '-days',
      '2',
      '-extfile',
      path('names'),
      '-out',
      path(`${name}.crt`),
    );
  };
  authority('ca');
  authority('other');
  writeFileSync(path('names'), 'subjectAltName=IP:127.0.0.1\n');
  for (const name of ['broker', 'client']) signed(name);
  return {
    ca: path('ca.crt'),
    otherCa: path('other.crt'),
    brokerCert: path('broker.crt'),
    brokerKey: path('broker.key'),
    clientCert: path('client.crt'),
    clientKey: path('client.key'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
