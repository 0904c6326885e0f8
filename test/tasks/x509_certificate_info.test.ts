import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import info from '../../tasks/x509_certificate_info.ts';
import { runStep, withSession } from '../helpers/step.ts';

const test = suite('x509_certificate_info');

for (const [type, ...key] of [
  ['RSA', '-newkey', 'rsa:2048'],
  ['ECC', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ['Ed25519', '-newkey', 'ed25519'],
])
  test(`reads what OpenSSL made with a key of type ${type}`, () =>
    withSession(async (bench) => {
      const names = [
        '-addext',
        'subjectAltName=DNS:a.example,IP:10.0.0.1',
        '-addext',
        'keyUsage=critical,digitalSignature',
      ];
      const more = [
        '-nodes',
        '-keyout',
        'key.pem',
        '-out',
        'a.crt',
        '-days',
        '10',
        '-subj',
        '/C=DE/O=A, B/CN=a.example',
      ];
      execFileSync('openssl', ['req', '-x509', ...key, ...more, ...names], { cwd: bench.dir, stdio: 'ignore' });
      const { result } = await runStep(info, { path: 'a.crt' }, { bench });
      assert.equal(result.subject_ordered, [
        ['countryName', 'DE'],
        ['organizationName', 'A, B'],
        ['commonName', 'a.example'],
      ]);
      assert.equal(result.subject_alt_name, ['DNS:a.example', 'IP:10.0.0.1']);
      assert.equal(result.key_usage, ['Digital Signature']);
      assert.is(result.key_usage_critical, true);
      assert.equal(result.basic_constraints, ['CA:TRUE']);
      assert.is(result.public_key_type, type);
      const content = await readFile(join(bench.dir, 'a.crt'), 'utf8');
      const again = await runStep(info, { content }, { bench });
      assert.equal(again.result.fingerprints, result.fingerprints);
    }));

test('what is no certificate, and what is not there', () =>
  withSession(async (bench) => {
    for (const [args, code] of [
      [{ path: 'none' }, 'FILE_NOT_FOUND'],
      [{ content: 'x' }, 'BAD_ARGUMENT'],
    ] as const)
      try {
        await runStep(info, args, { bench });
        assert.unreachable();
      } catch (error) {
        assert.is((error as { code?: string }).code, code);
      }
  }));

test.run();
