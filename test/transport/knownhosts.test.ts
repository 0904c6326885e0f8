import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addKnownKey, fingerprint, hostToken, inTurn, knownKeys } from '../../run/transport/knownhosts.ts';
import { makeKey } from '../helpers/sshd.ts';

const known = suite<{ directory: string; keys: string[] }>('known_hosts');

known.before(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'known-'));
  context.keys = [];
  for (const kind of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const path = join(context.directory, kind);
    await makeKey(path, kind);
    context.keys.push((await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' '));
  }
});

known.after(async ({ directory }) => {
  await rm(directory, { recursive: true, force: true });
});

known('finds what ssh-keygen -F finds, hashed or not', async ({ directory, keys }) => {
  const [ed, ec, rsa] = keys;
  const file = join(directory, 'mixed');
  await writeFile(
    file,
    [
      '# a comment',
      '',
      `plain.example,10.0.0.1 ${ed} a comment`,
      `[plain.example]:2222 ${ec}`,
      `*.wild.example,!not.wild.example ${rsa}`,
      `lamp? ${ed}`,
      `@revoked plain.example ${rsa}`,
      `@cert-authority *.signed.example ${ed}`,
      `  UPPER.example ${ed}`,
      'broken-line',
    ].join('\n'),
  );
  const hashed = join(directory, 'hashed');
  await writeFile(hashed, `secret.example ${ed}\n[secret.example]:2222 ${ec}\n`);
  await execa('ssh-keygen', ['-q', '-H', '-f', hashed]);
  assert.match(await readFile(hashed, 'utf8'), /^\|1\|/);

  const names = [
    ['plain.example', 22],
    ['plain.example', 2222],
    ['PLAIN.example', 22],
    ['10.0.0.1', 22],
    ['a.wild.example', 22],
    ['not.wild.example', 22],
    ['lamp7', 22],
    ['lamp77', 22],
    ['a.signed.example', 22],
    ['upper.example', 22],
    ['secret.example', 22],
    ['secret.example', 2222],
    ['nobody.example', 22],
    ['broken-line', 22],
  ] as const;
  let found = 0;
  for (const path of [file, hashed]) {
    for (const [host, port] of names) {
      const token = hostToken(host, port);
      const { stdout } = await execa('ssh-keygen', ['-F', token, '-f', path], { reject: false });
      const expected = [...stdout.matchAll(/^# Host .* found: line (\d+)/gm)].map((match) => Number(match[1]));
      const actual = (await knownKeys([path], token)).map((entry) => entry.line);
      assert.equal(actual, expected, `${token} in ${path}`);
      found += actual.length;
    }
  }
  assert.ok(found >= 12, 'the cases must find something');
});

known('reads a file again when it has changed', async ({ directory, keys }) => {
  const file = join(directory, 'changing');
  await writeFile(file, `one ${keys[0]}\n`);
  assert.is((await knownKeys([file], 'one')).length, 1);
  assert.is((await knownKeys([file], 'two')).length, 0);
  await writeFile(file, `two ${keys[0]}\none ${keys[1]}\n`);
  assert.is((await knownKeys([file], 'two')).length, 1);
  assert.is((await knownKeys([file], 'one'))[0]!.line, 2);
});

known(
  'adds keys that ssh-keygen finds, plain and hashed, after a line without its end',
  async ({ directory, keys }) => {
    const file = join(directory, 'new', 'known_hosts');
    const [type, key] = keys[0]!.split(' ') as [string, string];
    await addKnownKey(file, 'a.example', { type, key }, false);
    await writeFile(file, (await readFile(file, 'utf8')).trimEnd());
    await addKnownKey(file, '[b.example]:2222', { type, key }, true);
    for (const token of ['a.example', '[b.example]:2222']) {
      const { stdout } = await execa('ssh-keygen', ['-F', token, '-f', file]);
      assert.match(stdout, key);
      assert.is((await knownKeys([file], token))[0]!.key, key);
    }
    assert.not.match(await readFile(file, 'utf8'), 'b.example');
  },
);

known('adds many at once without losing any', async ({ directory, keys }) => {
  const file = join(directory, 'many');
  const [type, key] = keys[0]!.split(' ') as [string, string];
  const names = Array.from({ length: 200 }, (_, i) => `host${i % 100}`);
  await Promise.all(
    names.map((name) =>
      inTurn(file, async () => {
        if ((await knownKeys([file], name)).length === 0) await addKnownKey(file, name, { type, key }, false);
      }),
    ),
  );
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  assert.is(lines.length, 100);
  assert.is(new Set(lines).size, 100);
});

known('an unreadable file is an error, a missing one is empty', async ({ directory }) => {
  assert.equal(await knownKeys([join(directory, 'nowhere')], 'x'), []);
  assert.equal(await knownKeys(['/dev/null'], 'x'), []);
  const path = join(directory, 'a-directory-instead');
  await writeFile(path, '');
  await chmod(path, 0o600);
  assert.equal(await knownKeys([join(path, 'below-a-file')], 'x'), []);
});

known('prints fingerprints as ssh-keygen does', async ({ directory, keys }) => {
  const { stdout } = await execa('ssh-keygen', ['-lf', join(directory, 'ed25519.pub')]);
  assert.match(stdout, fingerprint(Buffer.from(keys[0]!.split(' ')[1]!, 'base64')));
});

known.run();
