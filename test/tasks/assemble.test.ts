import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diff } from '../../run/task.ts';
import assemble from '../../tasks/assemble.ts';
import copy from '../../tasks/copy.ts';
import { ansibleModuleRuns, hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

const CASES: Record<string, unknown>[] = [
  {},
  { delimiter: '# ----' },
  { delimiter: '--\\n' },
  { delimiter: '\\x23\\t%s \\101' },
  { ignore_hidden: true },
  { regexp: '^[0-9]' },
  { regexp: 'conf$', delimiter: '' },
  { regexp: '(?i)^B|\\d{2}' },
  { regexp: 'matches nothing' },
  { mode: '0600' },
  { validate: 'grep -q ten %s' },
  { validate: 'grep -q nothing %s' },
  { src: 'none' },
  { src: 'd/10.conf' },
];

async function fragments(dir: string): Promise<void> {
  await mkdir(join(dir, 'd/sub'), { recursive: true });
  const files = {
    '10.conf': 'ten\n',
    '9': 'nine',
    'B b': '',
    b: 'bee',
    ü: 'ü\r\n',
    '.hidden': 'hidden\n',
    'sub/x': 'x',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, 'd', name), text);
  await symlink('9', join(dir, 'd/link'));
}

function shown(result: Record<string, unknown>, dir: string) {
  const { changed = false, failed = false, msg, checksum, md5sum, mode, state, size, validation } = result;
  return { changed, failed, msg: String(msg).replaceAll(dir, 'DIR'), checksum, md5sum, mode, state, size, validation };
}

for (const shell of SHELLS) {
  const test = suite(`assemble (${shell})`);
  type Run = (args: Record<string, unknown>, options?: RunOptions) => ReturnType<typeof runStep>;
  const bench = (use: (bench: Bench, run: Run) => Promise<void>) => () =>
    withSession(
      (open) => use(open, (args, options) => runStep(assemble, args, { bench: open, diff: true, ...options })),
      { shell },
    );

  test(
    "makes the file that Ansible's module makes",
    bench(async ({ dir }, run) => {
      if (!hasAnsible()) return;
      await fragments(dir);
      const runs = CASES.map(({ src = 'd', ...args }, i) => ({
        args: { src: join(dir, src as string), dest: join(dir, `theirs-${i}`), ...args },
      }));
      const theirs = await ansibleModuleRuns('assemble', runs);
      for (const [i, { args }] of runs.entries()) {
        const label = JSON.stringify(CASES[i]);
        const dest = join(dir, `ours-${i}`);
        const { result } = await run({ ...args, dest });
        assert.equal(shown(result, dir), shown(theirs[i]!, dir), label);
        const content = await readFile(dest, 'latin1').catch(() => undefined);
        assert.is(content, await readFile(args.dest, 'latin1').catch(() => undefined), label);
        if (result.failed) continue;
        assert.is((await run({ ...args, dest })).result.changed, false, label);
      }
    }),
  );

  test(
    'keeps a copy, replaces a link whose content differs, shows the diff',
    bench(async ({ dir }, run) => {
      await fragments(dir);
      const args = { src: join(dir, 'd'), dest: join(dir, 'out'), regexp: '^10', backup: true };
      await writeFile(join(dir, 'target'), 'old\n');
      await symlink('target', args.dest);
      const { result } = await run(args);
      assert.is(await readFile(result.backup_file as string, 'utf8'), 'old\n');
      assert.is((result.diff as Diff[])[0]!.before, 'old\n');
      assert.is((result.diff as Diff[])[0]!.after, 'ten\n');
      assert.ok((await lstat(args.dest)).isFile());
      assert.is(await readFile(join(dir, 'target'), 'utf8'), 'old\n');
      const directory = await run({ ...args, dest: dir });
      assert.is(directory.result.msg, `attempted to take checksum of directory: ${dir}`);
    }),
  );

  test(
    'check mode counts fragments that would be there, and writes nothing',
    bench(async (open, run) => {
      const { dir } = open;
      await fragments(dir);
      const check = { check: true };
      await runStep(copy, { dest: join(dir, 'd/11.conf'), content: 'eleven\n' }, { bench: open, ...check });
      const args = { src: join(dir, 'd'), dest: join(dir, 'out'), regexp: '^1' };
      assert.is(((await run(args, check)).result.diff as Diff[])[0]!.after, 'ten\neleven\n');
      assert.is((await run(args, check)).result.changed, false);
      assert.is((await run({ ...args, regexp: '^1(?=1)' }, check)).result.changed, true);
      assert.equal(await readdir(dir), ['d']);
    }),
  );

  test(
    'takes fragments of the controller with remote_src=false',
    bench(async ({ dir }, run) => {
      await fragments(dir);
      const args = { src: 'd', dest: join(dir, 'out'), remote_src: false, ignore_hidden: true, mode: '0600' };
      assert.is((await run(args)).result.changed, true);
      assert.is(await readFile(args.dest, 'utf8'), 'ten\nnine\n\nbee\nnine\nü\r\n');
      assert.is((await run(args)).result.changed, false);
      const delimited = await run({ ...args, regexp: '^\\d', delimiter: '--\\n' });
      assert.is(delimited.result.changed, true);
      assert.is(await readFile(args.dest, 'utf8'), 'ten\n--\n\nnine');
      await writeFile(join(dir, 'd/10.conf'), Buffer.from([0, 255]));
      assert.is((await run({ ...args, regexp: '^10' })).result.changed, true);
      assert.ok((await readFile(args.dest)).equals(Buffer.from([0, 255])));
    }),
  );

  test.run();
}
