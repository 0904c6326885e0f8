import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import find from '../../tasks/find.ts';
import { ansibleModuleRuns, hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type Bench, runStep, withSession } from '../helpers/step.ts';

const CASES: Record<string, unknown>[] = [
  {},
  { hidden: true },
  { recurse: true },
  { recurse: true, hidden: true, file_type: 'any' },
  { recurse: true, depth: 2, file_type: 'any' },
  { recurse: true, depth: 1 },
  { file_type: 'directory' },
  { file_type: 'link' },
  { recurse: true, follow: true, file_type: 'any' },
  { recurse: true, patterns: '*.log,*.gz' },
  { recurse: true, patterns: ['[ab]*'], excludes: ['*.gz'] },
  { recurse: true, excludes: 'a*' },
  { recurse: true, patterns: ['it?s*'] },
  { recurse: true, use_regex: true, patterns: ['^a.*\\.(?:log|gz)$'] },
  { recurse: true, use_regex: true, excludes: ['b'] },
  { age: '1d' },
  { age: '-1h' },
  { size: '1k' },
  { size: '-5' },
  { file_type: 'any', size: '1k' },
  { recurse: true, contains: 'hello' },
  { recurse: true, contains: '^hello' },
  { recurse: true, contains: '.*wor.d$' },
  { recurse: true, contains: '(one|second) line' },
  { contains: 'second line', read_whole_file: true },
  { contains: 'hello\\nworld', read_whole_file: true },
  { recurse: true, get_checksum: true },
  { file_type: 'any', get_checksum: true },
  { paths: ['DIR/link', 'DIR/sub/', 'DIR/none', 'DIR/a.log'], recurse: true },
];

async function tree(dir: string): Promise<void> {
  await mkdir(join(dir, 'sub/deep/.hid'), { recursive: true });
  await writeFile(join(dir, 'a.log'), 'hello\nworld\n', { mode: 0o640 });
  await writeFile(join(dir, 'b.gz'), 'x'.repeat(3000));
  await writeFile(join(dir, '.hidden'), 'hello');
  await writeFile(join(dir, 'sub', 'aa.log'), 'first\r\nsecond line\r\n');
  await writeFile(join(dir, 'sub', "it's a file"), 'a hello\n');
  await writeFile(join(dir, 'sub/deep/c.log'), '');
  await writeFile(join(dir, 'sub/deep/.hid/in'), 'hello wörld');
  await symlink('sub', join(dir, 'link'));
  await symlink('nowhere', join(dir, 'broken'));
  const old = Date.now() / 1000 - 3 * 86_400;
  await utimes(join(dir, 'b.gz'), old, old);
}

/** Sorted, without what reading changes, and times to the millisecond. */
function steady({ files, matched, examined, msg, skipped_paths }: Record<string, unknown>) {
  const sorted = (files as Record<string, unknown>[]).map(({ atime: _, ...facts }) => ({
    ...facts,
    mtime: Math.round((facts.mtime as number) * 1000),
    ctime: Math.round((facts.ctime as number) * 1000),
  }));
  sorted.sort((a, b) => (String((a as { path?: string }).path) < String((b as { path?: string }).path) ? -1 : 1));
  return { files: sorted, matched, examined, msg, skipped_paths };
}

for (const shell of SHELLS) {
  const test = suite(`find (${shell})`);
  const bench = (use: (bench: Bench) => Promise<void>) => () => withSession(use, { shell });

  test(
    "finds what Ansible's module finds",
    bench(async (open) => {
      if (!hasAnsible()) return;
      await tree(open.dir);
      const runs = CASES.map((args) => {
        const paths = ((args.paths as string[] | undefined) ?? ['DIR']).map((path) => path.replace('DIR', open.dir));
        return { args: { ...args, paths } };
      });
      const theirs = await ansibleModuleRuns('find', runs);
      for (const [i, { args }] of runs.entries()) {
        const { result } = await runStep(find, args, { bench: open });
        assert.is(result.changed, false);
        assert.equal(steady(result), steady(theirs[i]!), JSON.stringify(CASES[i]));
      }
    }),
  );

  test(
    'a path that is no directory is told',
    bench(async (open) => {
      const path = join(open.dir, 'none');
      const { result } = await runStep(find, { paths: path }, { bench: open });
      assert.equal(result.skipped_paths, { [path]: `'${path}' is not a directory` });
      assert.is(result.msg, 'Not all paths examined, check warnings for details');
      assert.is(result.warnings?.length, 1);
    }),
  );

  test(
    'finds what check mode would have made, and not what it would have removed',
    bench(async (open) => {
      await tree(open.dir);
      const check = { bench: open, check: true };
      await runStep(copy, { dest: join(open.dir, 'sub/new.log'), content: 'hello\n', mode: '0600' }, check);
      await runStep(file, { path: join(open.dir, 'sub/deep'), state: 'absent' }, check);
      const args = { paths: open.dir, recurse: true, patterns: '*.log', get_checksum: true };
      const { result } = await runStep(find, args, check);
      const files = result.files as Record<string, unknown>[];
      assert.equal(
        files.map((each) => each.path),
        ['a.log', 'sub/aa.log', 'sub/new.log'].map((name) => join(open.dir, name)),
      );
      assert.is(files[2]!.mode, '0600');
      assert.is(files[2]!.size, 6);
      assert.is(files[2]!.checksum, 'f572d396fae9206628714fb2ce00f72e94f2258f');
      const inside = await runStep(find, { paths: join(open.dir, 'sub'), contains: 'hel.o' }, check);
      assert.is(inside.result.matched, 1);
    }),
  );

  test(
    'an age or size that is none is refused',
    bench(async (open) => {
      for (const [args, message] of [
        [{ age: 'old' }, /failed to process age/],
        [{ size: '1x' }, /failed to process size/],
      ] as const)
        try {
          await runStep(find, { paths: open.dir, ...args }, { bench: open });
          assert.unreachable();
        } catch (error) {
          assert.match((error as Error).message, message);
        }
    }),
  );

  test.run();
}
