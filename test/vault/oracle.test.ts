import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ansible, withTree } from '../playbook/tree.ts';
import { vault } from './vault-io.ts';

/* The real ansible-vault opens what we write, and we what it writes. */

const oracle = suite('vault against ansible-vault');

const TEXTS: Record<string, string | Buffer> = {
  text: 'a: b\n',
  'no line end': 'x',
  empty: '',
  'a whole block': 'sixteen letters!',
  unicode: 'pässwörd: "🔑"\n',
  binary: Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 31) % 256)),
  'bytes like padding': Buffer.from([1, 2, 2, 3, 3, 3]),
};
const WORDS: string[][] = [
  ['--vault-password-file', 'pw'],
  ['--vault-id', 'dev@pw'],
  ['--vault-id', 'pw'],
  ['--vault-id', 'default@pw'],
  ['--vault-id', 'x@script'],
  ['--vault-id', 'x@pass-client.sh'],
];
/** A password for each id. */
const CLIENT = '#!/bin/sh\n[ "$1" = --vault-id ] && echo "for $2"\n';
const TREE = { pw: ' spaces inside \n', 'script!': '#!/bin/sh\necho scripted\n', 'pass-client.sh!': CLIENT };

const theirs = (args: string[], cwd: string, input?: string): string | undefined =>
  ansible('ansible-vault', args, cwd, input);

/** Runs a test where ansible-vault is. */
function withOracle(name: string, body: (cwd: string) => Promise<void>): void {
  oracle(name, () =>
    withTree(TREE, async (cwd) => {
      if (theirs(['--version'], cwd) === undefined) return console.log('skipped: ansible-vault is not installed');
      await body(cwd);
    }),
  );
}

withOracle('files both ways: contents, headers, layout', async (cwd) => {
  const names = Object.keys(TEXTS);
  const path = (side: string, name: string): string => `${side} ${name}`;
  const files = (side: string): string[] => names.map((name) => path(side, name));
  for (const words of WORDS) {
    const label = words.join(' ');
    for (const name of names)
      for (const side of ['ours', 'theirs']) writeFileSync(join(cwd, path(side, name)), TEXTS[name]!);
    assert.is((await vault(['encrypt', ...words, ...files('ours')], { cwd })).code, 0, label);
    theirs(['encrypt', ...words, ...files('theirs')], cwd);
    for (const name of names) {
      const [mine, other] = ['ours', 'theirs'].map((side) => readFileSync(join(cwd, path(side, name)), 'utf8'));
      assert.is(shapeOf(mine!), shapeOf(other!), `${name} with ${label}`);
    }
    theirs(['decrypt', ...words, ...files('ours')], cwd);
    assert.is((await vault(['decrypt', ...words, ...files('theirs')], { cwd })).code, 0, label);
    for (const name of names)
      for (const side of ['ours', 'theirs'])
        assert.ok(readFileSync(join(cwd, path(side, name))).equals(Buffer.from(TEXTS[name]!)), `${side}, ${label}`);
  }
});

withOracle('streams both ways', async (cwd) => {
  const pw = ['--vault-password-file', 'pw'];
  const ours = await vault(['encrypt', ...pw], { cwd, stdin: 'streamed' });
  assert.is(theirs(['decrypt', ...pw], cwd, ours.out), 'streamed');
  const other = theirs(['encrypt', ...pw], cwd, 'streamed');
  assert.is((await vault(['decrypt', ...pw, '-'], { cwd, stdin: other! })).out, 'streamed');
  assert.is((await vault(['view', ...pw, '-'], { cwd, stdin: other! })).out, theirs(['view', ...pw, '-'], cwd, other));
});

withOracle('strings: the same YAML but for the salt', async (cwd) => {
  const cases: [string[], string?][] = [
    [['s3cret']],
    [['s3cret', '-n', 'name']],
    [['a', 'b', '-n', 'x', '-n', 'y']],
    [['a', 'b', '--name', 'x']],
    [['--stdin-name', 'z'], 'from stdin'],
    [['-', 'a', '--stdin-name', 'z', '-n', 'x'], 'from stdin\n'],
  ];
  for (const [args, stdin] of cases) {
    const argv = ['encrypt_string', '--vault-id', 'dev@pw', ...args];
    const ours = await vault(argv, { cwd, ...(stdin === undefined ? {} : { stdin }) });
    assert.is(shapeOf(ours.out), shapeOf(`${theirs(argv, cwd, stdin)}\n`), args.join(' '));
  }
});

withOracle('rekeyed and edited by one, read by the other', async (cwd) => {
  const pw = ['--vault-id', 'one@pw'];
  for (const file of ['ours', 'theirs']) {
    writeFileSync(join(cwd, file), 'a: b\n');
    theirs(['encrypt', ...pw, file], cwd);
    chmodSync(join(cwd, file), 0o644);
  }
  const rekey = ['rekey', ...pw, '--new-vault-id', 'two@script'];
  assert.is((await vault([...rekey, 'ours'], { cwd })).code, 0);
  theirs([...rekey, 'theirs'], cwd);
  const [mine, other] = ['ours', 'theirs'].map((file) => readFileSync(join(cwd, file), 'utf8'));
  assert.is(shapeOf(mine!), shapeOf(other!));
  const env = { EDITOR: "sh -c 'echo c: d >> $0'" };
  assert.is((await vault(['edit', '--vault-id', 'two@script', 'theirs'], { cwd, env })).code, 0);
  assert.is(theirs(['view', '--vault-id', 'two@script', 'theirs'], cwd), 'a: b\nc: d\n');
  assert.is(theirs(['view', '--vault-id', 'script', 'ours'], cwd), 'a: b\n');
});

/** A text with every digit of a ciphertext alike, and lines told by their length. */
function shapeOf(text: string): string {
  return text.replace(/^( *)([0-9a-f]+)$/gm, (_, indent: string, digits: string) => `${indent}${digits.length}`);
}

oracle.run();
