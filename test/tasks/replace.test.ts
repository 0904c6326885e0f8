import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeText, textBytes } from '../../run/modules/encode-text.ts';
import type { Diff } from '../../run/task.ts';
import copy from '../../tasks/copy.ts';
import replace from '../../tasks/replace.ts';
import { hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS } from '../helpers/channel.ts';
import { compareEdits, type EditCase } from '../helpers/edit-cases.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

const CONF = 'port 1883\nlog_type error\nlog_type error\n[a]\nuser x\n[b]\nuser y\n';

const CASES: EditCase[] = [
  [CONF, { regexp: 'error', replace: 'all' }],
  [CONF, { regexp: '^port (\\d+)$', replace: 'listener \\1 # \\g<1>' }],
  [CONF, { regexp: '(?P<key>log_type) ', replace: '\\g<key>=' }],
  [CONF, { regexp: '^log_type.*\\n' }],
  [CONF, { regexp: 'nothing', replace: 'x' }],
  [CONF, { regexp: 'error', replace: 'error' }],
  [CONF, { regexp: '$', replace: ';' }],
  [CONF, { regexp: 'x*', replace: '-' }],
  [CONF, { regexp: '(?i)ERROR\\nLOG', replace: 'joined' }],
  [CONF, { regexp: 'user \\w', replace: 'user z', after: '\\[b\\]' }],
  [CONF, { regexp: 'user \\w', replace: 'user z', before: '\\[b\\]' }],
  [CONF, { regexp: 'user|log', replace: 'U', after: 'type', before: '\\[b' }],
  [CONF, { regexp: 'user', replace: 'z', after: 'nowhere' }],
  [CONF, { regexp: 'user', replace: 'z', after: '(?i)\\[A\\]', before: '\\[nowhere' }],
  ['a\r\nb\r\n', { regexp: '\\r$', replace: '' }],
  ['käse\n', { regexp: '^k.se$', replace: 'größe' }],
  [Buffer.from([0x61, 0xff, 0x62, 0xc3, 0xa4, 0x0a]), { regexp: 'ab?.b', replace: 'ö' }],
  [Buffer.from([0x61, 0xe4, 0x0a]), { regexp: 'a.$', replace: 'ü', encoding: 'latin-1' }],
  [undefined, { regexp: 'a' }],
  [CONF, { regexp: 'nothing', mode: '0600' }],
  [CONF, { regexp: 'error', replace: 'all', mode: '0600' }],
  [CONF, { regexp: 'error', replace: 'all', validate: 'grep -q all %s' }],
  [CONF, { regexp: 'error', replace: 'all', validate: 'grep -q nothing %s' }],
];

const texts = suite('replace: encodings');

texts('every byte comes back', () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  for (const encoding of ['utf-8', 'latin-1', 'koi8-r', 'iso-8859-15'])
    assert.ok(textBytes(decodeText(all, encoding), encoding).equals(all), encoding);
  assert.is(decodeText(Buffer.from([0x80]), 'cp1252'), '€');
  assert.is(decodeText(Buffer.from('€😀'), 'utf8'), '€😀');
  assert.is(decodeText(textBytes('ü', 'utf-16'), 'utf-16'), 'ü');
  assert.throws(() => decodeText(Buffer.from([0x80]), 'ascii'), /not in the encoding ascii/);
  assert.throws(() => decodeText(all, 'rot13'), /rot13/);
});

texts("leaves the file and says what Ansible's module does", async () => {
  if (hasAnsible()) await compareEdits(replace, CASES, 'dash');
});

texts.run();

for (const shell of SHELLS) {
  const test = suite(`replace (${shell})`);
  const run = (bench: Bench, args: Record<string, unknown>, options: RunOptions = {}) =>
    runStep(replace, args, { bench, diff: true, ...options });

  test('follows a link, keeps mode, makes a backup, shows the diff', async () => {
    await withSession(
      async (bench) => {
        const target = join(bench.dir, 'target');
        const path = join(bench.dir, 'link');
        await writeFile(target, 'a\na\n');
        await chmod(target, 0o640);
        await symlink('target', path);
        const { result } = await run(bench, { path, regexp: 'a', replace: 'b', backup: true });
        assert.is(result.msg, '2 replacements made');
        assert.is(await readFile(target, 'utf8'), 'b\nb\n');
        assert.is((await stat(target)).mode & 0o7777, 0o640);
        assert.is(await readFile(result.backup_file as string, 'utf8'), 'a\na\n');
        assert.equal(result.diff, [{ path, beforeHeader: path, afterHeader: path, before: 'a\na\n', after: 'b\nb\n' }]);
        assert.is((await run(bench, { path, regexp: 'a', replace: 'b', backup: true })).result.changed, false);
      },
      { shell },
    );
  });

  test('check mode edits what it would have written', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'f');
        const check = { check: true };
        await runStep(copy, { dest: path, content: 'one\n' }, { bench, ...check });
        const { result } = await run(bench, { path, regexp: 'n(.)', replace: '\\1n' }, check);
        assert.is((result.diff as Diff[])[0]!.after, 'oen\n');
        assert.is((await run(bench, { path, regexp: 'one' }, check)).result.changed, false);
        assert.equal(await readdir(bench.dir), []);
        const directory = await run(bench, { path: bench.dir, regexp: 'x' });
        assert.is(directory.result.msg, `Path ${bench.dir} is a directory !`);
      },
      { shell },
    );
  });

  test.run();
}
