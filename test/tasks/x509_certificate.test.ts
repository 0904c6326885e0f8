import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import csr from '../../tasks/openssl_csr.ts';
import privatekey from '../../tasks/openssl_privatekey.ts';
import certificate from '../../tasks/x509_certificate.ts';
import info from '../../tasks/x509_certificate_info.ts';
import { type Bench, runStep, withSession } from '../helpers/step.ts';

const test = suite('x509_certificate');

interface Options {
  check?: boolean;
}

/** An authority `ca` and a request `lamp` for it, in the bench's directory. */
async function authority(bench: Bench, options: Options = {}, kind: object = { type: 'ECC', curve: 'secp256r1' }) {
  const run = (module: never, args: object) => runStep(module, args as never, { bench, ...options });
  for (const name of ['ca', 'lamp']) await run(privatekey as never, { path: `${name}.key`, ...kind });
  await run(csr as never, {
    path: 'ca.csr',
    privatekey_path: 'ca.key',
    common_name: 'Lamplighter',
    use_common_name_for_san: false,
    basic_constraints: ['CA:TRUE', 'pathlen:0'],
    basic_constraints_critical: true,
    key_usage: ['keyCertSign', 'cRLSign'],
    key_usage_critical: true,
  });
  await run(certificate as never, {
    path: 'ca.crt',
    provider: 'selfsigned',
    csr_path: 'ca.csr',
    privatekey_path: 'ca.key',
  });
  await run(csr as never, {
    path: 'lamp.csr',
    privatekey_path: 'lamp.key',
    common_name: 'b827eb08451e',
    extended_key_usage: ['clientAuth'],
  });
}

const OWN = {
  path: 'lamp.crt',
  provider: 'ownca',
  csr_path: 'lamp.csr',
  ownca_path: 'ca.crt',
  ownca_privatekey_path: 'ca.key',
};
const make = async (bench: Bench, args: object = {}, options: Options = {}) =>
  (await runStep(certificate, { ...OWN, ...args }, { bench, diff: true, ...options })).result;
const openssl = (bench: Bench, ...args: string[]) =>
  execFileSync('openssl', args, { cwd: bench.dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

for (const kind of [{ type: 'RSA', size: 2048 }, { type: 'ECC', curve: 'secp256r1' }, { type: 'Ed25519' }])
  test(`OpenSSL believes an authority whose key is of type ${kind.type}`, () =>
    withSession(async (bench) => {
      await authority(bench, {}, kind);
      await make(bench);
      assert.match(
        openssl(bench, 'verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', 'ca.crt', 'lamp.crt'),
        /OK/,
      );
      assert.throws(() => openssl(bench, 'verify', '-purpose', 'sslserver', '-CAfile', 'ca.crt', 'lamp.crt'));
      assert.match(
        openssl(bench, 'x509', '-in', 'lamp.crt', '-noout', '-subject', '-issuer'),
        /b827eb08451e[\s\S]*Lamplighter/,
      );
    }));

test('is kept, and made again for another request, key, authority or name', () =>
  withSession(async (bench) => {
    await authority(bench);
    const first = await make(bench);
    assert.is(first.changed, true);
    assert.is(first.reason, 'there is none');
    const text = await readFile(join(bench.dir, 'lamp.crt'), 'utf8');
    assert.is((await make(bench)).changed, false);
    assert.is(await readFile(join(bench.dir, 'lamp.crt'), 'utf8'), text);
    const request = (args: object) =>
      runStep(csr, { path: 'lamp.csr', privatekey_path: 'lamp.key', common_name: 'b827eb08451e', ...args }, { bench });

    await request({ extended_key_usage: ['clientAuth', 'serverAuth'] });
    assert.is((await make(bench)).reason, 'it has other extensions');
    await request({ common_name: 'other' });
    assert.is((await make(bench)).reason, 'it is for another name');
    await runStep(privatekey, { path: 'lamp.key', type: 'Ed25519' }, { bench });
    await request({ common_name: 'other' });
    assert.is((await make(bench)).reason, 'it is for another key');
    assert.is((await make(bench)).changed, false);
    await authority(bench, {}, { type: 'Ed25519', force: true });
    await make(bench);
    await authority(bench, {}, { type: 'ECC', curve: 'secp256r1' });
    assert.is((await make(bench)).changed, true);
    assert.match(openssl(bench, 'verify', '-CAfile', 'ca.crt', 'lamp.crt'), /OK/);
    await writeFile(join(bench.dir, 'lamp.crt'), 'nothing\n');
    assert.is((await make(bench)).reason, 'what is there is no certificate');
  }));

test('is renewed before it ends, and not earlier', () =>
  withSession(async (bench) => {
    await authority(bench);
    await make(bench, { ownca_not_after: '+20d' });
    const renew = { ownca_not_after: '+365d', renew_before: '30d' };
    assert.is((await make(bench, { ...renew, renew_before: '19d' })).changed, false);
    assert.is(
      (await make(bench, { ownca_not_after: '+365d' })).changed,
      false,
      'as in Ansible: not without being told',
    );
    const renewed = await make(bench, renew);
    assert.match(String(renewed.reason), /^it expires at \d{14}Z$/);
    assert.is((await make(bench, renew)).changed, false);
    await make(bench, { force: true, ownca_not_before: '-3d', ownca_not_after: '-1d' });
    const kept = await make(bench);
    assert.is(kept.changed, false);
    assert.match(String(kept.warnings), /has expired/);
    assert.match(String((await make(bench, renew)).reason), /^it expired/);
    const exact = { ownca_not_before: '20260101000000Z', ownca_not_after: '20401231235959Z', ignore_timestamps: false };
    assert.is((await make(bench, exact)).reason, 'it begins at another time');
    const last = await make(bench, exact);
    assert.is(last.changed, false);
    assert.is(last.notAfter, '20401231235959Z');
    assert.match(openssl(bench, 'x509', '-in', 'lamp.crt', '-noout', '-enddate'), /Dec 31 23:59:59 2040 GMT/);
  }));

test('a diff shows what it says, never a text', () =>
  withSession(async (bench) => {
    await authority(bench);
    const result = await make(bench, { return_content: true });
    assert.match(String(result.certificate), /^-----BEGIN CERTIFICATE/);
    const [diff] = result.diff as { after: { subject: string } }[];
    assert.is(diff?.after.subject, 'CN=b827eb08451e');
    assert.not.match(JSON.stringify(result.diff), /BEGIN/);
  }));

test('check mode goes the whole way from nothing', () =>
  withSession(async (bench) => {
    await authority(bench, { check: true });
    const first = await make(bench, { return_content: true }, { check: true });
    assert.is(first.changed, true);
    assert.is((await make(bench, {}, { check: true })).changed, false);
    assert.is(openssl(bench, 'version').slice(0, 7), 'OpenSSL');
    assert.throws(() => openssl(bench, 'x509', '-in', 'lamp.crt'));
  }));

for (const [args, code, word] of [
  [{ ownca_privatekey_path: 'lamp.key' }, 'BAD_ARGUMENT', /not the key of the authority/],
  [{ privatekey_path: 'ca.key' }, 'BAD_ARGUMENT', /another private key/],
  [{ csr_path: 'none.csr' }, 'FILE_NOT_FOUND', /none\.csr/],
  [{ csr_path: 'lamp.key' }, 'BAD_ARGUMENT', /no request in PEM form/],
] as const)
  test(`refused: ${JSON.stringify(args)}`, () =>
    withSession(async (bench) => {
      await authority(bench);
      try {
        await make(bench, args);
        assert.unreachable();
      } catch (error) {
        assert.is((error as { code?: string }).code, code);
        assert.match((error as Error).message, word);
      }
    }));

for (const args of [
  { ownca_not_after: 'tomorrow' },
  { renew_before: 'soon' },
  { provider: 'acme' },
  { csr_path: undefined },
])
  test(`no arguments: ${JSON.stringify(args)}`, () => {
    assert.is(certificate.args.safeParse({ ...OWN, ...args }).success, false);
  });

test('x509_certificate_info says what OpenSSL says', () =>
  withSession(async (bench) => {
    await authority(bench);
    await make(bench, { ownca_not_after: '+20d' });
    const { result } = await runStep(info, { path: 'lamp.crt', valid_at: { soon: '+10d', later: '+30d' } }, { bench });
    assert.is(result.changed, false);
    assert.equal(result.subject, { commonName: 'b827eb08451e' });
    assert.equal(result.issuer, { commonName: 'Lamplighter' });
    assert.equal(result.valid_at, { soon: true, later: false });
    assert.is(result.expired, false);
    assert.equal(result.subject_alt_name, ['DNS:b827eb08451e']);
    assert.equal(result.extended_key_usage, ['TLS Web Client Authentication']);
    const said = openssl(bench, 'x509', '-in', 'lamp.crt', '-noout', '-serial', '-fingerprint', '-sha256', '-text');
    const serial = /^serial=([0-9A-F]+)/m.exec(said)?.[1];
    assert.is(BigInt(String(result.serial_number)), BigInt(`0x${serial}`));
    const fingerprint = /Fingerprint=([0-9A-F:]+)/.exec(said)?.[1]?.toLowerCase();
    assert.is((result.fingerprints as Record<string, string>).sha256, fingerprint);
    assert.ok(said.toLowerCase().includes(String(result.subject_key_identifier)));
    assert.ok(said.toLowerCase().includes(String(result.authority_key_identifier)));
    assert.ok(said.includes(String(result.signature_algorithm)));
  }));

test.run();
