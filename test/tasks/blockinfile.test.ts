import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diff } from '../../run/task.ts';
import blockinfile from '../../tasks/blockinfile.ts';
import { hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS } from '../helpers/channel.ts';
import { compareEdits, type EditCase } from '../helpers/edit-cases.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

const CONF = '# comment\nport 1883\nlog_type error\nlog_type error\nuser  mosquitto \n';
const HELD = 'a\n# BEGIN ANSIBLE MANAGED BLOCK\nold\nmore\n# END ANSIBLE MANAGED BLOCK\nz\n';
const SWAPPED = 'a\n# END ANSIBLE MANAGED BLOCK\nold\n# BEGIN ANSIBLE MANAGED BLOCK\nz\n';

const CASES: EditCase[] = [
  [CONF, { block: 'new' }],
  [CONF, { block: 'one\ntwo\n' }],
  ['a\nb', { block: 'c' }],
  ['', { block: 'c' }],
  [HELD, { block: 'new' }],
  [HELD, { block: 'old\nmore' }],
  [HELD, { block: '' }],
  [HELD, { state: 'absent' }],
  [HELD, { state: 'absent', block: 'ignored' }],
  [SWAPPED, { block: 'new' }],
  ['a\nb', { state: 'absent' }],
  [CONF, { state: 'absent' }],
  ['a\n# BEGIN ANSIBLE MANAGED BLOCK\nb\n', { block: 'new' }],
  [`${HELD}${HELD}`, { block: 'new' }],
  ['a\n# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK', { block: 'new' }],
  ['a\r\n# BEGIN ANSIBLE MANAGED BLOCK\r\nb\r\n', { block: 'new', insertafter: 'a' }],
  ['x\r# BEGIN ANSIBLE MANAGED BLOCK\nold\r# END ANSIBLE MANAGED BLOCK\nz\r', { block: 'new' }],
  [CONF, { block: 'new', insertafter: '^port' }],
  [CONF, { block: 'new', insertafter: '^log_type' }],
  [CONF, { block: 'new', insertbefore: '^log_type' }],
  [CONF, { block: 'new', insertbefore: '^none' }],
  [CONF, { block: 'new', insertafter: '^none' }],
  [CONF, { block: 'new', insertbefore: 'BOF' }],
  [CONF, { block: 'new', insertafter: 'EOF' }],
  [CONF, { block: 'new', insertafter: 'error$' }],
  [CONF, { block: 'new', insertafter: '(?i)^PORT' }],
  [CONF, { block: 'new', insertafter: '(?m)1883\\nlog_type error$' }],
  [CONF, { block: 'new', insertbefore: '(?m)^log' }],
  [CONF, { block: 'new', insertbefore: '(?=mos)' }],
  [CONF, { block: 'new', insertafter: '' }],
  [CONF, { block: 'new', marker: '<!-- {mark} it -->' }],
  [CONF, { block: 'new', marker: '# same' }],
  ['# same\n', { block: 'new', marker: '# same' }],
  ['; <<\nold\n; >>\n', { block: 'new', marker: '; {mark}', marker_begin: '<<', marker_end: '>>' }],
  ['1\n', { block: '1.0', marker: '{mark}', marker_begin: '1.0', marker_end: '01' }],
  ['käse\n', { block: 'größe', marker: '# {mark} ü', insertbefore: 'k.+se' }],
  ['a\n', { block: 'back\\slash \\1 & "quotes" \'$x\' `id`\n\n' }],
  [undefined, { block: 'x' }],
  [undefined, { block: 'x', create: true }],
  [undefined, { block: 'x', create: true, mode: '0600' }],
  [undefined, { block: '', create: true }],
  [undefined, { state: 'absent' }],
  [undefined, { state: 'absent', create: true }],
  [CONF, { block: 'x', mode: '0600' }],
  [HELD, { block: 'old\nmore', mode: '0600' }],
  [CONF, { block: 'x', validate: 'grep -q x %s' }],
  [CONF, { block: 'y', validate: 'grep -q nothing %s' }],
];

for (const shell of SHELLS) {
  const test = suite(`blockinfile (${shell})`);
  const run = (bench: Bench, args: Record<string, unknown>, options: RunOptions = {}) =>
    runStep(blockinfile, args, { bench, diff: true, ...options });

  test('leaves the file and says what Ansible does', async () => {
    if (hasAnsible()) await compareEdits(blockinfile, CASES, shell);
  });

  test('follows a link, keeps mode, makes a backup, says nothing the second time', async () => {
    await withSession(
      async (bench) => {
        const target = join(bench.dir, 'target');
        await writeFile(target, 'a\n');
        await chmod(target, 0o640);
        await symlink('target', join(bench.dir, 'link'));
        const args = { path: join(bench.dir, 'link'), block: 'b', backup: true };
        const { result } = await run(bench, args);
        assert.is(result.msg, 'Block inserted');
        assert.match(await readFile(target, 'utf8'), /^a\n# BEGIN .*\nb\n# END .*\n$/);
        assert.is((await stat(target)).mode & 0o7777, 0o640);
        assert.is(await readFile(result.backup_file as string, 'utf8'), 'a\n');
        const again = await run(bench, args);
        assert.is(again.result.changed, false);
        assert.is(again.result.backup_file, undefined);
        assert.equal(again.result.diff, []);
      },
      { shell },
    );
  });

  test('check mode edits what it would have written', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'new/f');
        const check = { check: true };
        assert.is((await run(bench, { path, block: 'one', create: true }, check)).result.msg, 'File created');
        const second = await run(bench, { path, block: 'two', insertafter: '(?=x)' }, check);
        const diff = (second.result.diff as Diff[])[0]!;
        assert.match(diff.before as string, /^# BEGIN .*\none\n# END/);
        assert.match(diff.after as string, /^# BEGIN .*\ntwo\n# END/);
        assert.is(diff.beforeHeader, `${path} (content)`);
        assert.is((await run(bench, { path, block: 'two' }, check)).result.changed, false);
        assert.equal(await readdir(bench.dir), []);
      },
      { shell },
    );
  });

  test('a directory and a file with NUL bytes are refused', async () => {
    await withSession(
      async (bench) => {
        const directory = await run(bench, { path: bench.dir, block: 'x' });
        assert.is(directory.result.msg, `Path ${bench.dir} is a directory !`);
        assert.is(directory.result.rc, 256);
        const path = join(bench.dir, 'nul');
        await writeFile(path, Buffer.from('a\0b\nc\n'));
        const { result } = await run(bench, { path, block: 'x' });
        if (result.failed) assert.is(result.msg, `${path} holds NUL bytes: it is not a text file`);
        assert.ok((await readFile(path)).subarray(0, 6).equals(Buffer.from('a\0b\nc\n')), 'nothing of it is lost');
      },
      { shell },
    );
  });

  test.run();
}
