import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import privatekey from '../../tasks/openssl_privatekey.ts';
import { type Bench, runStep, withSession } from '../helpers/step.ts';

const test = suite('openssl_privatekey');
const ECC = { type: 'ECC', curve: 'secp256r1' };

const make = async (bench: Bench, args: Record<string, unknown>, options: Record<string, unknown> = {}) =>
  (await runStep(privatekey, { path: 'key.pem', ...args }, { bench, diff: true, ...options })).result;

/** What OpenSSL itself says of a key. */
const asked = (path: string, ...more: string[]) =>
  execFileSync('openssl', ['pkey', '-in', path, '-noout', '-text', ...more], { encoding: 'utf8' });

test('a key of its own, for nobody else to read, kept as long as it is right', () =>
  withSession(async (bench) => {
    const path = join(bench.dir, 'key.pem');
    const secrets: string[] = [];
    const first = await make(bench, ECC, { context: { secret: (text: string) => secrets.push(text) } });
    assert.is(first.changed, true);
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.match(asked(path), /NIST CURVE: P-256/);
    const text = await readFile(path, 'utf8');
    assert.ok(secrets.includes(text), 'the key is known as a secret');
    assert.not.match(JSON.stringify(first), /BEGIN/);
    assert.equal((first.diff as { after: { type: string } }[])[0]?.after.type, 'ECC');

    const again = await make(bench, ECC);
    assert.is(again.changed, false);
    assert.is(await readFile(path, 'utf8'), text);
    assert.equal(again.fingerprint, first.fingerprint);

    await make(bench, { ...ECC, mode: '0640' });
    assert.is(statSync(path).mode & 0o777, 0o640);
    assert.is(await readFile(path, 'utf8'), text);
    assert.is((await make(bench, { ...ECC, curve: 'secp384r1' })).changed, true);
    assert.match(asked(path), /NIST CURVE: P-384/);
  }));

for (const [args, said] of [
  [{ type: 'RSA', size: 2048 }, /2048 bit/],
  [{ type: 'Ed25519' }, /ED25519/i],
  [{ type: 'X25519' }, /X25519/i],
  [{ type: 'Ed448' }, /ED448/i],
] as const)
  test(`OpenSSL reads ${args.type}`, () =>
    withSession(async (bench) => {
      const result = await make(bench, { ...args, format: 'pkcs8' });
      assert.is(result.type, args.type);
      assert.match(asked(join(bench.dir, 'key.pem')), said);
      assert.is((await make(bench, args)).changed, false);
    }));

test('a passphrase, and what happens without it', () =>
  withSession(async (bench) => {
    await make(bench, { ...ECC, passphrase: 'street light' });
    const path = join(bench.dir, 'key.pem');
    assert.match(await readFile(path, 'utf8'), /ENCRYPTED/);
    assert.match(asked(path, '-passin', 'pass:street light'), /P-256/);
    assert.is((await make(bench, { ...ECC, passphrase: 'street light' })).changed, false);
    for (const regenerate of ['never', 'fail', 'partial_idempotence'])
      try {
        await make(bench, { ...ECC, passphrase: 'wrong', regenerate });
        assert.unreachable(regenerate);
      } catch (error) {
        assert.is((error as { code?: string }).code, 'MODULE_FAILED');
      }
    assert.is((await make(bench, { ...ECC, passphrase: 'other' })).changed, true);
  }));

test('regenerate says what may be replaced', () =>
  withSession(async (bench) => {
    await make(bench, ECC);
    const other = { ...ECC, curve: 'secp521r1' };
    assert.is((await make(bench, { ...other, regenerate: 'never' })).changed, false);
    try {
      await make(bench, { ...other, regenerate: 'fail' });
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: string }).code, 'MODULE_FAILED');
    }
    // Another format is no reason either: nobody's key is lost by it.
    assert.is((await make(bench, { ...ECC, format: 'pkcs8', regenerate: 'never' })).changed, false);
    try {
      await make(bench, { ...ECC, format: 'pkcs8', regenerate: 'fail' });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /is in the format pkcs1; regenerate: fail/);
    }
    assert.is((await make(bench, { ...ECC, format: 'pkcs8', regenerate: 'partial_idempotence' })).changed, true);
    assert.is((await make(bench, { ...ECC, regenerate: 'always' })).changed, true);
    assert.is((await make(bench, { ...ECC, force: true, backup: true })).changed, true);
  }));

test('a key is converted where that is asked for', () =>
  withSession(async (bench) => {
    const first = await make(bench, ECC);
    const second = await make(bench, { ...ECC, format: 'pkcs8', format_mismatch: 'convert' });
    assert.is(second.changed, true);
    assert.equal(second.fingerprint, first.fingerprint);
    assert.match(await readFile(join(bench.dir, 'key.pem'), 'utf8'), /BEGIN PRIVATE KEY/);
  }));

test('check mode makes nothing, and remembers', () =>
  withSession(async (bench) => {
    const first = await make(bench, { ...ECC, return_content: true }, { check: true });
    assert.is(first.changed, true);
    assert.throws(() => statSync(join(bench.dir, 'key.pem')));
    const second = await make(bench, { ...ECC, return_content: true }, { check: true });
    assert.is(second.changed, false);
    assert.is(second.privatekey, first.privatekey);
  }));

test('what is no key is replaced, and removed', () =>
  withSession(async (bench) => {
    const path = join(bench.dir, 'key.pem');
    await writeFile(path, 'nothing\n');
    assert.is((await make(bench, ECC)).changed, true);
    assert.is((await make(bench, { state: 'absent' })).changed, true);
    assert.is((await make(bench, { state: 'absent' })).changed, false);
  }));

test.run();
