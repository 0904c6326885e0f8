import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { VaultSecrets } from '../../run/playbook/vault.ts';
import { readYaml } from '../../run/playbook/yaml.ts';
import type { VaultText } from '../../run/playbook/yaml-values.ts';
import { withTree } from '../playbook/tree.ts';
import { vault } from './vault-io.ts';

const command = suite('vault command');

const PW = ['--vault-password-file', 'pw'];
const TREE = { pw: 'one\n', other: 'two\n', 'plain.yml': 'a: b\n' };

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

command('encrypts in place: mode kept, nothing left beside it', () =>
  withTree(TREE, async (cwd) => {
    const file = join(cwd, 'plain.yml');
    chmodSync(file, 0o640);
    const before = statSync(file).ino;
    assert.equal(await vault(['encrypt', ...PW, 'plain.yml'], { cwd }), { code: 0, out: '', err: '' });
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^\$ANSIBLE_VAULT;1\.1;AES256\n(?:[0-9a-f]{80}\n)*[0-9a-f]{1,80}\n$/);
    assert.is(modeOf(file), '640');
    assert.is.not(statSync(file).ino, before, 'replaced, not rewritten');
    assert.equal(readdirSync(cwd).sort(), ['other', 'plain.yml', 'pw']);
    assert.equal(await vault(['view', ...PW, 'plain.yml'], { cwd }), { code: 0, out: 'a: b\n', err: '' });
    assert.is((await vault(['decrypt', ...PW, 'plain.yml'], { cwd })).code, 0);
    assert.is(readFileSync(file, 'utf8'), 'a: b\n');
    assert.is(modeOf(file), '600', 'clear text is for its owner alone');
  }),
);

command('reads stdin and writes stdout', () =>
  withTree(TREE, async (cwd) => {
    const bytes = Buffer.from([0, 255, 10, 13, 10]);
    const encrypted = await vault(['encrypt', ...PW], { cwd, stdin: bytes });
    assert.is(encrypted.code, 0);
    writeFileSync(join(cwd, 'binary'), encrypted.out);
    const clear = await vault(['decrypt', ...PW, 'binary', '--output', 'clear'], { cwd });
    assert.is(clear.code, 0, clear.err);
    assert.equal(readFileSync(join(cwd, 'clear')), bytes);
    assert.is(modeOf(join(cwd, 'clear')), '600');
    assert.is(readFileSync(join(cwd, 'binary'), 'utf8'), encrypted.out, 'the source stays');
    const piped = await vault(['decrypt', ...PW, '--output', '-', 'plain.enc'], { cwd });
    assert.match(piped.err, /there is no file/);
    const through = await vault(['decrypt', ...PW, '-'], {
      cwd,
      stdin: (await vault(['encrypt', ...PW, '-'], { cwd, stdin: 'x' })).out,
    });
    assert.is(through.out, 'x');
  }),
);

command('writes ids into the header, and chooses among several', () =>
  withTree(TREE, async (cwd) => {
    const ids = ['--vault-id', 'dev@pw', '--vault-id', 'prod@other'];
    const unclear = await vault(['encrypt', ...ids, 'plain.yml'], { cwd });
    assert.is(unclear.code, 1);
    assert.match(unclear.err, /dev, prod[\s\S]*--encrypt-vault-id/);
    const unknown = await vault(['encrypt', ...ids, '--encrypt-vault-id', 'test', 'plain.yml'], { cwd });
    assert.match(unknown.err, /no password for --encrypt-vault-id test[\s\S]*dev, prod/);
    assert.is((await vault(['encrypt', ...ids, '--encrypt-vault-id=prod', 'plain.yml'], { cwd })).code, 0);
    assert.match(readFileSync(join(cwd, 'plain.yml'), 'utf8'), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    assert.is((await vault(['view', '--vault-id', 'other', 'plain.yml'], { cwd })).out, 'a: b\n', 'by any password');
    assert.match((await vault(['view', '--vault-id', 'a;b@pw', 'plain.yml'], { cwd })).err, /";" cannot stand/);
  }),
);

command('takes ids and the id to encrypt with from the configuration', () =>
  withTree({ ...TREE, 'ansible.cfg': '[defaults]\nvault_identity_list = dev@pw, prod@other\n' }, async (cwd) => {
    chmodSync(cwd, 0o700);
    const env = { ANSIBLE_VAULT_ENCRYPT_IDENTITY: 'prod' };
    const ran = await vault(['encrypt', '-v', 'plain.yml'], { cwd, env });
    assert.match(ran.err, /Using .*ansible\.cfg\n.*plain\.yml: encrypted for the id "prod"/);
    assert.match(readFileSync(join(cwd, 'plain.yml'), 'utf8'), /;prod\n/);
  }),
);

command('asks twice for a new password, once for a known one', () =>
  withTree(TREE, async (cwd) => {
    const made = await vault(['encrypt'], { cwd, stdin: 'secret', answers: ['pass', 'pass'] });
    assert.is(made.err, 'New Vault password: \nConfirm New Vault password: \n');
    const read = await vault(['decrypt', '--ask-vault-pass'], { cwd, stdin: made.out, answers: ['pass'] });
    assert.equal(read, { code: 0, out: 'secret', err: 'Vault password: \n' });
    const wrong = await vault(['encrypt', '--vault-id', 'dev@prompt'], { cwd, stdin: 'x', answers: ['a', 'b'] });
    assert.is(wrong.code, 1);
    assert.match(wrong.err, /New vault password \(dev\): \nConfirm new vault password \(dev\): \n.*do not match/);
    assert.match((await vault(['decrypt'], { cwd, stdin: made.out })).err, /no terminal/);
  }),
);

command('rekeys all files or none, keeping their modes', () =>
  withTree({ ...TREE, 'second.yml': 'c: d\n', 'third.yml': 'e: f\n' }, async (cwd) => {
    await vault(['encrypt', ...PW, 'plain.yml', 'second.yml'], { cwd });
    await vault(['encrypt', '--vault-password-file', 'other', 'third.yml'], { cwd });
    chmodSync(join(cwd, 'plain.yml'), 0o644);
    const before = readFileSync(join(cwd, 'plain.yml'), 'utf8');
    const half = await vault(
      ['rekey', ...PW, '--new-vault-password-file', 'other', 'plain.yml', 'third.yml', 'second.yml'],
      { cwd },
    );
    assert.is(half.code, 1);
    assert.match(half.err, /no vault password decrypts the file .*third\.yml/);
    assert.is(readFileSync(join(cwd, 'plain.yml'), 'utf8'), before);
    const done = await vault(['rekey', ...PW, '--new-vault-id', 'new@other', 'plain.yml', 'second.yml'], { cwd });
    assert.equal(done, { code: 0, out: '', err: 'Rekey successful\n' });
    assert.is(modeOf(join(cwd, 'plain.yml')), '644');
    assert.match(readFileSync(join(cwd, 'second.yml'), 'utf8'), /^\$ANSIBLE_VAULT;1\.2;AES256;new\n/);
    assert.is((await vault(['view', '--vault-id', 'new@other', 'second.yml'], { cwd })).out, 'c: d\n');
    const both = await vault(['rekey', ...PW, '--new-vault-id', 'a@pw', '--new-vault-password-file', 'pw', 'x'], {
      cwd,
    });
    assert.is(both.code, 1);
  }),
);

/** An editor that notes what it saw and where, appends a line and leaves a copy behind. */
const EDITOR = `#!/bin/sh
set -e
stat -c '%a %n' "$(dirname "$2")" "$2" > "$SAW"
cat "$2" >> "$SAW"
cp "$2" "$2~"
printf '%s\\n' "$1" >> "$2"
`;

command('edits: the id stays, an unchanged file too, and no clear text is left', () =>
  withTree({ ...TREE, 'editor!': EDITOR }, async (cwd) => {
    await vault(['encrypt', '--vault-id', 'dev@pw', 'plain.yml'], { cwd });
    const file = join(cwd, 'plain.yml');
    chmodSync(file, 0o640);
    const env = { EDITOR: `'${join(cwd, 'editor')}' 'c: d'`, SAW: join(cwd, 'saw') };
    const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('lamplighter-vault-'));
    const before = left();
    const ran = await vault(['edit', '--vault-id', 'dev@pw', 'plain.yml'], { cwd, env });
    assert.equal(ran, { code: 0, out: '', err: '' });
    const [directory, edited, ...seen] = readFileSync(join(cwd, 'saw'), 'utf8').split('\n');
    assert.match(directory!, /^700 /);
    assert.match(edited!, /^600 .*\.yml$/);
    assert.equal(seen, ['a: b', '']);
    assert.equal(left(), before);
    assert.match(readFileSync(file, 'utf8'), /;dev\n/);
    assert.is(modeOf(file), '640');
    assert.is((await vault(['view', '--vault-id', 'dev@pw', 'plain.yml'], { cwd })).out, 'a: b\nc: d\n');
    const text = readFileSync(file, 'utf8');
    await vault(['edit', '--vault-id', 'dev@pw', 'plain.yml'], { cwd, env: { EDITOR: 'true' } });
    assert.is(readFileSync(file, 'utf8'), text);
    const given = await vault(['edit', '--vault-id', 'dev@pw', 'plain.yml'], { cwd, env: { EDITOR: 'false' } });
    assert.is(given.code, 1);
    assert.match(given.err, /status 1: nothing was saved/);
    const none = await vault(['edit', '--vault-id', 'dev@pw', 'plain.yml'], { cwd, env: { EDITOR: '/no/editor' } });
    assert.match(none.err, /cannot be started/);
    assert.equal(left(), before);
    await vault(['edit', '--vault-id', 'dev@pw', '--vault-id', 'p@other', '--encrypt-vault-id', 'p', 'plain.yml'], {
      cwd,
      env,
    });
    assert.match(readFileSync(file, 'utf8'), /;p\n/);
    assert.is((await vault(['view', '--vault-id', 'other', 'plain.yml'], { cwd })).code, 0);
  }),
);

command('creates a file with the editor, and its directory', () =>
  withTree({ ...TREE, 'editor!': EDITOR }, async (cwd) => {
    const env = { EDITOR: `${join(cwd, 'editor')} k:`, SAW: join(cwd, 'saw') };
    const ran = await vault(['create', ...PW, 'new/secret.yml'], { cwd, env });
    assert.is(ran.code, 0, ran.err);
    assert.match(ran.err, /does not exist, creating/);
    assert.is(modeOf(join(cwd, 'new/secret.yml')), '600');
    assert.is((await vault(['view', ...PW, 'new/secret.yml'], { cwd })).out, 'k:\n');
    assert.match((await vault(['create', ...PW, 'new/secret.yml'], { cwd, env })).err, /is there already/);
  }),
);

command('encrypts strings as YAML that a playbook reads', () =>
  withTree(TREE, async (cwd) => {
    const one = await vault(['encrypt_string', ...PW, 'sésame', '-n', 'password'], { cwd });
    assert.match(one.out, /^password: !vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n(?: {10}[0-9a-f]+\n)+$/);
    const secrets = await VaultSecrets.open([join(cwd, 'pw')]);
    const read = (text: string): Record<string, VaultText> =>
      readYaml(text, 'f', { vault: secrets }) as Record<string, VaultText>;
    assert.is(read(one.out).password?.reveal(), 'sésame');
    const many = await vault(
      ['encrypt_string', '--vault-id', 'dev@pw', 'a', '--name', 'x', 'b', '-n', 'y', '-', '--stdin-name', 'z'],
      { cwd, stdin: 'from stdin\n' },
    );
    const values = read(many.out);
    assert.equal(Object.keys(values), ['z', 'x', 'y']);
    assert.equal(
      Object.values(values).map((value) => value.reveal()),
      ['from stdin\n', 'a', 'b'],
    );
    assert.is(
      many.err,
      '# The encrypted version of variable ("z", the string #1 from stdin).\n' +
        '# The encrypted version of variable ("x", the string #2 from the command line args).\n' +
        '# The encrypted version of variable ("y", the string #3 from the command line args).\n',
    );
    const asked = await vault(['encrypt_string', ...PW, '-p'], { cwd, answers: ['name', 'typed'] });
    assert.is(read(asked.out).name?.reveal(), 'typed');
    assert.is((await vault(['encrypt_string', ...PW], { cwd, stdin: '' })).code, 1);
    assert.is((await vault(['encrypt_string', ...PW, ''], { cwd })).code, 1);
    await vault(['encrypt_string', ...PW, 'v', '--output', 'out.yml'], { cwd });
    assert.is(modeOf(join(cwd, 'out.yml')), '600');
  }),
);

command('replaces what a link points to, and says when clear text lives on', () =>
  withTree(TREE, async (cwd) => {
    symlinkSync('plain.yml', join(cwd, 'link'));
    linkSync(join(cwd, 'plain.yml'), join(cwd, 'twin'));
    const ran = await vault(['encrypt', ...PW, 'link'], { cwd });
    assert.match(ran.err, /clear text is still there/);
    assert.ok(lstatSync(join(cwd, 'link')).isSymbolicLink());
    assert.match(readFileSync(join(cwd, 'plain.yml'), 'utf8'), /^\$ANSIBLE_VAULT/);
    assert.is(readFileSync(join(cwd, 'twin'), 'utf8'), 'a: b\n');
  }),
);

command('refuses what makes no sense, with a word about it', () =>
  withTree(TREE, async (cwd) => {
    const cases: [string[], RegExp][] = [
      [['encrypt', ...PW, '--output', 'x', 'pw', 'other'], /only one file/],
      [['decrypt', ...PW, 'plain.yml'], /is not encrypted/],
      [['view', ...PW, 'missing.yml'], /there is no file/],
      [['encrypt', '--vault-password-file', 'missing', 'plain.yml'], /cannot be read/],
      [['rekey', ...PW, '-'], /name a file/],
      [['encrypt_string', ...PW, '-p', '-'], /does not go with/],
    ];
    for (const [argv, said] of cases) {
      const ran = await vault(argv, { cwd, stdin: '$ANSIBLE_VAULT;1.1;AES256\n00\n' });
      assert.is(ran.code, 1, argv.join(' '));
      assert.match(ran.err, said);
    }
    assert.is((await vault(['encypt', 'x'], { cwd })).code, 1);
    assert.match((await vault(['encypt', 'x'], { cwd })).err, /Did you mean encrypt/);
    await vault(['encrypt', ...PW, 'plain.yml'], { cwd });
    assert.match((await vault(['encrypt', ...PW, 'plain.yml'], { cwd })).err, /already encrypted/);
    assert.not(existsSync(join(cwd, 'x')));
    mkdirSync(join(cwd, 'd'));
    assert.match((await vault(['encrypt', ...PW, 'd'], { cwd })).err, /is a directory/);
  }),
);

command('opens an encrypted password file, and keeps the blanks of a script', () =>
  withTree({ ...TREE, inner: 'inner password\n', 'script!': "#!/bin/sh\necho ' spaced '\n" }, async (cwd) => {
    await vault(['encrypt', ...PW, 'inner'], { cwd });
    const ids = ['--vault-id', 'a@pw', '--vault-id', 'b@inner', '--vault-id', 'c@./script'];
    for (const id of ['b', 'c']) {
      const { out, code } = await vault(['encrypt', ...ids, '--encrypt-vault-id', id], { cwd, stdin: 'x' });
      assert.is(code, 0);
      writeFileSync(join(cwd, `by-${id}`), out);
    }
    writeFileSync(join(cwd, 'inner.clear'), 'inner password');
    assert.is((await vault(['view', '--vault-id', 'inner.clear', 'by-b'], { cwd })).out, 'x\n');
    assert.is((await vault(['view', ...ids, 'by-c'], { cwd })).out, 'x\n');
  }),
);

command('is there on the command line', () =>
  withTree(TREE, (cwd) => {
    const root = join(import.meta.dirname, '../..');
    const run = (...argv: string[]): string =>
      execFileSync(
        process.execPath,
        ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), join(root, 'run/index.ts'), 'vault', ...argv],
        { cwd, encoding: 'utf8', input: 'piped' },
      );
    const text = run('encrypt', '--vault-pass-file=pw');
    writeFileSync(join(cwd, 'f'), text);
    assert.is(run('view', '--vault-pass-file', 'pw', 'f'), 'piped\n');
  }),
);

command.run();
