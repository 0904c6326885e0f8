import { isIP } from 'node:net';
import { LamplighterError, nearest } from '../errors.ts';
import type { Extension, X509 } from './library.ts';

/*
 * Extensions in community.crypto's words, which are OpenSSL's: `DNS:a.example`, `keyCertSign`, `TLS Web Server
 * Authentication`, `CA:TRUE`. Source: RFC 5280, 4.2.1.
 */

/** What a request asks for. */
export interface WantedExtensions {
  subject_alt_name: readonly string[];
  subject_alt_name_critical: boolean;
  key_usage: readonly string[];
  key_usage_critical: boolean;
  extended_key_usage: readonly string[];
  extended_key_usage_critical: boolean;
  basic_constraints: readonly string[];
  basic_constraints_critical: boolean;
  ocsp_must_staple: boolean;
  ocsp_must_staple_critical: boolean;
}

/** Bits of keyUsage: OpenSSL's short and long names. */
const KEY_USAGES: readonly [short: string, long: string][] = [
  ['digitalSignature', 'Digital Signature'],
  ['nonRepudiation', 'Non Repudiation'],
  ['keyEncipherment', 'Key Encipherment'],
  ['dataEncipherment', 'Data Encipherment'],
  ['keyAgreement', 'Key Agreement'],
  ['keyCertSign', 'Certificate Sign'],
  ['cRLSign', 'CRL Sign'],
  ['encipherOnly', 'Encipher Only'],
  ['decipherOnly', 'Decipher Only'],
];

const PURPOSES: readonly [oid: string, short: string, long: string][] = [
  ['1.3.6.1.5.5.7.3.1', 'serverAuth', 'TLS Web Server Authentication'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth', 'TLS Web Client Authentication'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning', 'Code Signing'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection', 'E-mail Protection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping', 'Time Stamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning', 'OCSP Signing'],
  ['2.5.29.37.0', 'anyExtendedKeyUsage', 'Any Extended Key Usage'],
];

export const OIDS = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
} as const;

/** TLSFeature with status_request: a list of the one number 5. Source: RFC 7633. */
const MUST_STAPLE = Uint8Array.from([0x30, 0x03, 0x02, 0x01, 0x05]);

/** @throws LamplighterError BAD_ARGUMENT for a word that means nothing */
export function extensionsFor(x509: X509, wanted: WantedExtensions): Extension[] {
  const { subject_alt_name: names, key_usage: usages, extended_key_usage: purposes, basic_constraints: basic } = wanted;
  const found: Extension[] = [];
  if (names.length > 0)
    found.push(new x509.SubjectAlternativeNameExtension(names.map(generalName), wanted.subject_alt_name_critical));
  if (usages.length > 0) found.push(new x509.KeyUsagesExtension(usageBits(usages), wanted.key_usage_critical));
  if (purposes.length > 0)
    found.push(new x509.ExtendedKeyUsageExtension(purposes.map(purposeOid), wanted.extended_key_usage_critical));
  if (basic.length > 0) {
    const { ca, length } = constraints(basic);
    found.push(new x509.BasicConstraintsExtension(ca, length, wanted.basic_constraints_critical));
  }
  if (wanted.ocsp_must_staple)
    found.push(new x509.Extension(OIDS.tlsFeature, wanted.ocsp_must_staple_critical, MUST_STAPLE));
  return found;
}

/** `DNS:a.example`, `IP:10.0.0.1`, `email:…`, `URI:…`, `RID:…`. */
function generalName(text: string) {
  const [, kind = '', value = ''] = /^(\w+):(.*)$/s.exec(text) ?? [];
  const type = ({ dns: 'dns', ip: 'ip', email: 'email', uri: 'url', rid: 'id' } as const)[kind.toLowerCase()];
  if (type === undefined || value === '') throw wrong('subject_alt_name', text, 'DNS:…, IP:…, email:…, URI:… or RID:…');
  if (type === 'ip' && isIP(value) === 0) throw wrong('subject_alt_name', text, 'an IP address behind "IP:"');
  return { type, value };
}

function usageBits(words: readonly string[]): number {
  return words.reduce((bits, word) => {
    const bit = KEY_USAGES.findIndex((names) => names.some((name) => plain(name) === plain(word)));
    if (bit < 0)
      throw unknown(
        'key_usage',
        word,
        KEY_USAGES.map(([short]) => short),
      );
    return bits | (1 << bit);
  }, 0);
}

function purposeOid(word: string): string {
  if (/^\d+(\.\d+)+$/.test(word)) return word;
  const found = PURPOSES.find(([, ...names]) => names.some((name) => plain(name) === plain(word)));
  if (found === undefined)
    throw unknown(
      'extended_key_usage',
      word,
      PURPOSES.map(([, short]) => short),
    );
  return found[0];
}

function constraints(words: readonly string[]): { ca: boolean; length: number | undefined } {
  let ca = false;
  let length: number | undefined;
  for (const word of words) {
    const [, path] = /^pathlen(?:gth)?:(\d+)$/i.exec(word) ?? [];
    if (path !== undefined) length = Number(path);
    else if (/^CA:(TRUE|FALSE)$/i.test(word)) ca = /TRUE$/i.test(word);
    else throw wrong('basic_constraints', word, 'CA:TRUE, CA:FALSE or pathlen:NUMBER');
  }
  if (length !== undefined && !ca) throw wrong('basic_constraints', words.join(', '), 'a pathlen only with CA:TRUE');
  return { ca, length };
}

/** What certificates and requests hold, in the long words that community.crypto returns. */
export function extensionFacts(x509: X509, extensions: readonly Extension[]): Record<string, unknown> {
  const of = (oid: string) => extensions.find(({ type }) => type === oid);
  const described = (name: string, oid: string, value: (extension: Extension) => unknown) => {
    const extension = of(oid);
    return {
      [name]: extension === undefined ? null : value(extension),
      [`${name}_critical`]: extension?.critical ?? false,
    };
  };
  return {
    ...described('subject_alt_name', OIDS.subjectAltName, ({ rawData }) =>
      new x509.SubjectAlternativeNameExtension(rawData).names.items.map(
        ({ type, value }) => `${PREFIX[type]}:${value}`,
      ),
    ),
    ...described('key_usage', OIDS.keyUsage, ({ rawData }) => {
      const { usages } = new x509.KeyUsagesExtension(rawData);
      return KEY_USAGES.flatMap(([, long], bit) => (usages & (1 << bit) ? [long] : [])).sort();
    }),
    ...described('extended_key_usage', OIDS.extendedKeyUsage, ({ rawData }) =>
      [...new x509.ExtendedKeyUsageExtension(rawData).usages]
        .map((oid) => PURPOSES.find(([each]) => each === oid)?.[2] ?? String(oid))
        .sort(),
    ),
    ...described('basic_constraints', OIDS.basicConstraints, ({ rawData }) => {
      const { ca, pathLength } = new x509.BasicConstraintsExtension(rawData);
      return [`CA:${ca ? 'TRUE' : 'FALSE'}`, ...(pathLength === undefined ? [] : [`pathlen:${pathLength}`])];
    }),
    ocsp_must_staple: of(OIDS.tlsFeature) !== undefined,
    ocsp_must_staple_critical: of(OIDS.tlsFeature)?.critical ?? false,
  };
}

/** Whether two lists hold the same extensions, whatever their order. */
export function sameExtensions(a: readonly Extension[], b: readonly Extension[]): boolean {
  return a.length === b.length && holdsAll(a, b);
}

/** Whether all of the second list are in the first. */
export function holdsAll(a: readonly Extension[], b: readonly Extension[]): boolean {
  const key = ({ type, critical, value }: Extension) => `${type} ${critical} ${Buffer.from(value).toString('hex')}`;
  const there = new Set(a.map(key));
  return b.every((extension) => there.has(key(extension)));
}

const PREFIX: Readonly<Record<string, string>> = {
  dns: 'DNS',
  ip: 'IP',
  email: 'email',
  url: 'URI',
  id: 'RID',
  dn: 'dirName',
  guid: 'otherName',
  upn: 'otherName',
};

/** `Digital Signature` and `digitalSignature` are one word. */
function plain(word: string): string {
  return word.replaceAll(' ', '').toLowerCase();
}

function wrong(argument: string, text: string, expected: string): LamplighterError {
  return new LamplighterError('BAD_ARGUMENT', `${argument}: expected ${expected}, not "${text}"`);
}

function unknown(argument: string, word: string, names: string[]): LamplighterError {
  const near = nearest(word, names);
  return new LamplighterError(
    'BAD_ARGUMENT',
    `${argument}: "${word}" is none of ${names.join(', ')}${near ? `; did you mean ${near}?` : ''}`,
  );
}
