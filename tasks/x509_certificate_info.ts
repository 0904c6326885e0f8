import { z } from 'zod';
import { dict, path, str } from '../run/args.ts';
import { defineTask } from '../run/task.ts';
import { longFacts } from '../run/x509/certificate-facts.ts';
import { readFiles, required } from '../run/x509/files.ts';
import { loadX509 } from '../run/x509/library.ts';
import { mustBe, readCertificate } from '../run/x509/read.ts';
import { isTime, timeOf } from '../run/x509/times.ts';

const args = z
  .strictObject({ path: path().optional(), content: str().optional(), valid_at: dict().optional() })
  .refine(({ path, content }) => (path === undefined) !== (content === undefined), 'path or content is required')
  .refine(
    ({ valid_at = {} }) => Object.values(valid_at).every((time) => isTime(String(time))),
    'valid_at: expected times such as +30d or 20301231235959Z',
  );
type Args = z.output<typeof args>;

/** Source: community.crypto.x509_certificate_info. */
export default defineTask<Args>({
  name: 'community.crypto.x509_certificate_info',
  aliases: ['openssl_certificate_info'],
  summary: 'Reads a certificate: whom it is for, who signed it, until when it holds.',
  args: args as unknown as z.ZodType<Args>,
  unsupported: {
    select_crypto_backend: 'there is one: @peculiar/x509',
    name_encoding: 'names are shown as they stand in the certificate',
  },
  checkMode: 'full',
  returns: {
    subject: 'The name, by attribute (commonName …); subject_ordered as pairs.',
    issuer: 'Who signed it; issuer_ordered as pairs.',
    not_before: 'From when it holds: 20301231235959Z.',
    not_after: 'Until when.',
    expired: 'Whether that is past.',
    valid_at: 'For each time asked for: whether it holds then.',
    serial_number: 'Decimal, as a text: it has more digits than a number of JSON.',
    subject_alt_name: 'DNS:…, IP:… or null; subject_alt_name_critical beside it.',
    key_usage: 'In words, or null; key_usage_critical beside it.',
    extended_key_usage: 'In words, or null; extended_key_usage_critical beside it.',
    basic_constraints: 'CA:TRUE …, or null; basic_constraints_critical beside it.',
    ocsp_must_staple: 'Whether OCSP stapling is demanded.',
    fingerprints: 'Hashes of the certificate, by algorithm.',
    public_key: 'PEM; public_key_type, public_key_data and public_key_fingerprints say more.',
    signature_algorithm: 'Such as ecdsa-with-SHA256.',
    subject_key_identifier: 'Colon-separated hexadecimal, or null.',
    authority_key_identifier: 'The same of the key that signed it.',
    extensions_by_oid: 'All extensions: critical, and value as base64.',
    version: 'Of X.509: 3.',
  },
  example: `
- name: Read the certificate of the broker
  x509_certificate_info:
    path: /etc/mosquitto/certs/broker.crt
    valid_at:
      in_a_month: +30d
  register: certificate
`,
  action: async (args, host) => {
    const { file } = await readFiles(host, { file: args.path });
    const x509 = await loadX509();
    const text = args.content ?? required(file, args.path, 'path');
    const certificate = mustBe(readCertificate(x509, Buffer.from(text)), args.path ?? 'content', 'certificate');
    const now = new Date();
    return {
      changed: false,
      ...longFacts(x509, certificate, now),
      valid_at: Object.fromEntries(
        Object.entries(args.valid_at ?? {}).map(([name, text]) => {
          const time = timeOf(String(text), now);
          return [name, certificate.notBefore <= time && time <= certificate.notAfter];
        }),
      ),
    };
  },
});
