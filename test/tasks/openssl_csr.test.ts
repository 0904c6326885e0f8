import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import csr from '../../tasks/openssl_csr.ts';
import privatekey from '../../tasks/openssl_privatekey.ts';
import { type Bench, runStep, withSession } from '../helpers/step.ts';

const test = suite('openssl_csr');

const withKey =
  (use: (bench: Bench) => Promise<void>, kind: Record<string, unknown> = { type: 'Ed25519' }) =>
  () =>
    withSession(async (bench) => {
      await runStep(privatekey, { path: 'key.pem', ...kind }, { bench });
      await use(bench);
    });
const make = async (bench: Bench, args: Record<string, unknown>, options: Record<string, unknown> = {}) =>
  (await runStep(csr, { path: 'a.csr', privatekey_path: 'key.pem', ...args }, { bench, diff: true, ...options }))
    .result;
const asked = (bench: Bench) =>
  execFileSync(
    'openssl',
    ['req', '-in', join(bench.dir, 'a.csr'), '-noout', '-verify', '-text', '-nameopt', 'utf8,sep_multiline'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );

for (const kind of [{ type: 'RSA', size: 2048 }, { type: 'ECC', curve: 'secp384r1' }, { type: 'Ed25519' }])
  test(
    `OpenSSL reads what a key of type ${kind.type} signed`,
    withKey(async (bench) => {
      const result = await make(bench, {
        CN: 'b827eb08451e',
        organization_name: 'Straße, "Licht" + Söhne = ja',
        subject_alt_name: 'DNS:lamp.example,IP:10.0.0.1,IP:fe80::1,email:a@b.example,URI:http://x.example/y',
        key_usage: ['digitalSignature', 'Key Agreement'],
        key_usage_critical: true,
        extended_key_usage: ['clientAuth', '1.3.6.1.5.5.7.3.1'],
        basic_constraints: ['CA:TRUE', 'pathlen:0'],
        basic_constraints_critical: true,
        ocsp_must_staple: true,
        create_subject_key_identifier: true,
      });
      assert.is(result.changed, true);
      const said = asked(bench);
      for (const part of [
        'CN=b827eb08451e',
        'O=Straße, "Licht" + Söhne = ja',
        'DNS:lamp.example, IP Address:10.0.0.1, IP Address:FE80:0:0:0:0:0:0:1, email:a@b.example, URI:http://x.example/y',
        'X509v3 Key Usage: critical',
        'Digital Signature, Key Agreement',
        'TLS Web Client Authentication, TLS Web Server Authentication',
        'X509v3 Basic Constraints: critical',
        'CA:TRUE, pathlen:0',
        'status_request',
        'X509v3 Subject Key Identifier',
      ])
        assert.ok(said.includes(part), `${part}\n${said}`);
      assert.equal(result.subject, [
        ['organizationName', 'Straße, "Licht" + Söhne = ja'],
        ['commonName', 'b827eb08451e'],
      ]);
      assert.equal(result.keyUsage, ['Digital Signature', 'Key Agreement']);
    }, kind),
  );

test(
  'is kept until something else is asked for',
  withKey(async (bench) => {
    const args = { common_name: 'lamp', key_usage: ['digitalSignature'] };
    assert.is((await make(bench, args)).changed, true);
    assert.is((await make(bench, args)).changed, false);
    const other = await make(bench, { ...args, extended_key_usage: ['serverAuth'] });
    assert.is(other.changed, true);
    assert.equal(
      (other.diff as { before: { extendedKeyUsage: unknown }; after: { extendedKeyUsage: unknown } }[]).map(
        ({ before, after }) => [before.extendedKeyUsage, after.extendedKeyUsage],
      ),
      [[null, ['TLS Web Server Authentication']]],
    );
    await runStep(privatekey, { path: 'key.pem', type: 'Ed25519', force: true }, { bench });
    assert.is((await make(bench, args)).changed, true, 'another key');
    assert.is((await make(bench, { state: 'absent' })).changed, true);
  }),
);

test(
  'the common name is an alternative name, unless told',
  withKey(async (bench) => {
    assert.equal((await make(bench, { common_name: 'lamp' })).subjectAltName, ['DNS:lamp']);
    assert.equal((await make(bench, { common_name: 'lamp', use_common_name_for_san: false })).subjectAltName, null);
    assert.equal((await make(bench, { subject: { CN: 'a', OU: ['b', 'c'] } })).subject, [
      ['commonName', 'a'],
      ['organizationalUnitName', 'b'],
      ['organizationalUnitName', 'c'],
    ]);
  }),
);

for (const [args, word] of [
  [{ key_usage: ['digitalSignatur'] }, /did you mean digitalSignature/],
  [{ extended_key_usage: ['client'] }, /is none of serverAuth/],
  [{ subject_alt_name: ['lamp.example'] }, /expected DNS:/],
  [{ subject_alt_name: ['IP:10.0.0'] }, /an IP address/],
  [{ basic_constraints: ['CA=TRUE'] }, /expected CA:TRUE/],
  [{ subject: { nickname: 'x' } }, /no attribute of a name/],
] as const)
  test(
    `refused: ${JSON.stringify(args)}`,
    withKey(async (bench) => {
      try {
        await make(bench, args);
        assert.unreachable();
      } catch (error) {
        assert.is((error as { code?: string }).code, 'BAD_ARGUMENT');
        assert.match((error as Error).message, word);
      }
    }),
  );

test(
  'a key that cannot sign is named',
  withKey(
    async (bench) => {
      try {
        await make(bench, { common_name: 'x' });
        assert.unreachable();
      } catch (error) {
        assert.match((error as Error).message, /X25519/);
      }
    },
    { type: 'X25519' },
  ),
);

test.run();
