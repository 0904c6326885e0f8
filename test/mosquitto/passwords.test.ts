import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf, isHashOf, passwordFile } from '../../run/mosquitto/passwords.ts';
import { HAS_MOSQUITTO } from '../mqtt/brokers.ts';

const test = suite("Mosquitto's passwords");
const V2 = [2, 0] as const;

test('a hash is recognized, another password is not', async () => {
  const hash = await hashOf("it's", V2);
  assert.match(hash, /^\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
  assert.is(await isHashOf("it's", hash, V2), true);
  assert.is(await isHashOf('its', hash, V2), false);
  assert.is.not(await hashOf("it's", V2), hash);
});

test('the form of 1.6, which 2.0 reads too', async () => {
  const hash = await hashOf('p', [1, 6]);
  assert.match(hash, /^\$6\$/);
  assert.is(await isHashOf('p', hash, [1, 6]), true);
  assert.is(await isHashOf('p', hash, V2), true);
  assert.is(await isHashOf('p', await hashOf('p', V2), [1, 6]), false);
});

for (const wrong of [
  '',
  'plain',
  '$7$0$YQ==$YQ==',
  '$7$99999999999$YQ==$YQ==',
  '$7$x$YQ==$YQ==',
  '$argon2id$v=19$m=1$a$b',
  '$7$101$YQ==$YQ==',
])
  test(`no hash of it: ${wrong}`, async () => assert.is(await isHashOf('a', wrong, V2), false));

test('lines stay as they are until a password changes; users who are gone go', async () => {
  const users = [
    { name: 'a', password: '1' },
    { name: 'b', password: '2' },
  ];
  const first = await passwordFile(users, '', V2);
  assert.is(await passwordFile(users, first, V2), first);
  const changed = await passwordFile([users[0]!, { name: 'b', password: '3' }], first, V2);
  assert.is(changed.split('\n')[0], first.split('\n')[0]);
  assert.is.not(changed.split('\n')[1], first.split('\n')[1]);
  assert.is(await passwordFile([users[1]!], first, V2), `${first.split('\n')[1]}\n`);
});

(HAS_MOSQUITTO ? test : test.skip)("mosquitto_passwd's own hashes are kept", async () => {
  const dir = mkdtempSync(join(tmpdir(), 'passwords-'));
  const file = join(dir, 'passwords');
  writeFileSync(file, '');
  execFileSync('mosquitto_passwd', ['-b', file, 'lamp', 'se cret']);
  const text = readFileSync(file, 'utf8');
  rmSync(dir, { recursive: true });
  assert.is(await passwordFile([{ name: 'lamp', password: 'se cret' }], text, V2), text);
});

test.run();
