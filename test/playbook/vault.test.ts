import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Vault } from 'ansible-vault';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { YamlFiles } from '../../run/playbook/files.ts';
import { VaultSecrets } from '../../run/playbook/vault.ts';
import { readYaml } from '../../run/playbook/yaml.ts';
import type { VaultText } from '../../run/playbook/yaml-values.ts';
import { ansible, withTree } from './tree.ts';

const vaults = suite('vault');

function secrets(passwords: Record<string, string>): { vault: VaultSecrets; said: [string, string][] } {
  const said: [string, string][] = [];
  const vault = new VaultSecrets({ announce: (secret, origin) => said.push([secret, origin]) });
  for (const [id, password] of Object.entries(passwords)) vault.add(id, password);
  return { vault, said };
}

function codeOf(body: () => unknown): { code: string; text: string } {
  try {
    body();
  } catch (error) {
    if (error instanceof LamplighterError) return { code: error.code, text: `${error.message} ${error.hint}` };
    throw error;
  }
  return { code: 'none', text: '' };
}

vaults('decrypts inline values of both formats and announces them', () => {
  const { vault, said } = secrets({ default: 'pw', prod: 'other' });
  const cipher = (id?: string): string =>
    id
      ? new Vault({ password: 'other' }).encryptSync('s3cret ü', id)
      : new Vault({ password: 'pw' }).encryptSync('s3cret ü', '');
  for (const text of [cipher(), cipher('prod')]) {
    const yaml = `a: !vault |\n${text
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n')}\n`;
    const value = (readYaml(yaml, 'f', { vault }) as { a: VaultText }).a;
    assert.equal(said, [], 'not before it is asked for');
    assert.is(value.reveal(), 's3cret ü');
    assert.is(value.reveal(), 's3cret ü');
    assert.equal(said.splice(0), [['s3cret ü', 'inline']], 'announced once');
  }
});

vaults('reads what ansible-vault wrote, as text and as bytes', () =>
  withTree({ pw: 'one\n', plain: 'k: v\n' }, async (directory) => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 256));
    writeFileSync(join(directory, 'binary'), bytes);
    if (ansible('ansible-vault', ['encrypt', '--vault-id', 'lab@pw', 'plain', 'binary'], directory) === undefined)
      return console.log('skipped: ansible-vault is not installed');
    const said: string[] = [];
    const vault = await VaultSecrets.open([`lab@${directory}/pw`], { announce: (secret) => said.push(secret) });
    const files = new YamlFiles(vault);
    assert.equal(JSON.stringify(files.read(join(directory, 'plain'))), '{"k":"v"}');
    assert.equal(said, ['v']);
    const { readBytes } = await import('../../run/playbook/files.ts');
    assert.equal(vault.decryptFile(readBytes(join(directory, 'binary')), 'binary'), bytes);
  }),
);

vaults('takes passwords from files, scripts and prompts', () =>
  withTree(
    { file: ' word \n', 'script.sh!': '#!/bin/sh\necho from-script\n', 'my-client.sh!': '#!/bin/sh\necho "$1 $2"\n' },
    async (directory) => {
      const asked: string[] = [];
      const vault = await VaultSecrets.open(
        [`${directory}/file`, `b@${directory}/script.sh`, `c@${directory}/my-client.sh`, 'd@prompt'],
        { prompt: async (label) => (asked.push(label) > 0 ? 'typed' : '') },
      );
      assert.equal(vault.ids, ['default', 'b', 'c', 'd']);
      assert.equal(asked, ['Vault password (d): ']);
      for (const password of ['word', 'from-script', '--vault-id c', 'typed'])
        assert.is(vault.decryptText(new Vault({ password }).encryptSync(password, ''), undefined), password);
    },
  ),
);

vaults('says what is wrong, and which ids it tried', () => {
  const text = new Vault({ password: 'right' }).encryptSync('x', 'prod');
  const place = { file: 'f.yml', line: 3, column: 5 };
  const none = codeOf(() => secrets({}).vault.decryptText(text, place));
  assert.is(none.code, 'VAULT');
  assert.match(none.text, '--vault-password-file');
  const wrong = codeOf(() => secrets({ a: 'wrong', b: 'worse' }).vault.decryptText(text, place));
  assert.is(wrong.code, 'VAULT');
  assert.match(wrong.text, /"prod".*a, b/);
  const damaged = codeOf(() => secrets({ a: 'right' }).vault.decryptText(`${text.slice(0, -4)}0000`, place));
  assert.is(damaged.code, 'VAULT');
  const strange = codeOf(() => secrets({ a: 'right' }).vault.decryptText('$ANSIBLE_VAULT;9.9;X\n00', place));
  assert.match(strange.text, /format/);
  assert.is(codeOf(() => new VaultSecrets().add('x', '')).code, 'VAULT');
});

vaults('tries the password of the id in the header first, then the others', () => {
  const text = new Vault({ password: 'right' }).encryptSync('x', 'prod');
  assert.is(secrets({ dev: 'right', prod: 'wrong' }).vault.decryptText(text, undefined), 'x');
});

vaults('a password file that cannot give one is an error', async () => {
  await withTree({ empty: '\n', 'fails.sh!': '#!/bin/sh\nexit 3\n' }, async (directory) => {
    for (const name of ['empty', 'fails.sh', 'nowhere']) {
      let code = '';
      await VaultSecrets.open([join(directory, name)]).catch((error: LamplighterError) => (code = error.code));
      assert.is(code, 'VAULT', name);
    }
  });
});

vaults.run();
