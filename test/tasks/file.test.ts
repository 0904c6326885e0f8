import { chmod, link, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diff } from '../../run/task.ts';
import file from '../../tasks/file.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

async function mode(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o7777).toString(8).padStart(4, '0');
}

for (const shell of SHELLS) {
  const test = suite(`file (${shell})`);
  const bench = (use: (bench: Bench, run: typeof runFile) => Promise<void>) => () =>
    withSession((open) => use(open, (args, options) => runFile(args, { bench: open, ...options })), { shell });
  const runFile = (args: Record<string, unknown>, options: RunOptions = {}) =>
    runStep(file, args, { diff: true, ...options });

  test(
    'makes a directory and those above it, once',
    bench(async ({ dir }, run) => {
      const path = join(dir, 'a/b/c');
      const first = await run({ path, state: 'directory', mode: '0750' });
      assert.is(first.result.changed, true);
      assert.equal(first.result.diff, { path, before: { path, state: 'absent' }, after: { path, state: 'directory' } });
      assert.is(await mode(path), '0750');
      assert.is(await mode(join(dir, 'a')), '0750', 'a new directory above has the mode too, as in Ansible');
      const second = await run({ path, state: 'directory', mode: '0750' });
      assert.is(second.result.changed, false);
      assert.equal(second.result.diff, { path, before: { path }, after: { path } });
      assert.is(second.result.state, 'directory');
      assert.is(second.result.mode, '0750');
      assert.is(second.result.uid, process.getuid!());
    }),
  );

  test(
    'check mode predicts the same change and makes nothing; a later task sees it',
    bench(async ({ dir }, run) => {
      const path = join(dir, 'new');
      const made = await run({ path, state: 'directory', mode: '0700' }, { check: true });
      assert.is(made.result.changed, true);
      assert.equal(await readdir(dir), []);
      const again = await run({ path, state: 'directory', mode: '0700' }, { check: true });
      assert.is(again.result.changed, false);
      assert.is(again.result.mode, '0700');
      const linked = await run(
        { path: join(path, 'l'), src: '/etc/hostname', state: 'link', force: true },
        { check: true },
      );
      assert.is(linked.result.changed, true);
      const gone = await run({ path, state: 'absent' }, { check: true });
      assert.is(gone.result.changed, true);
      assert.equal((gone.result.diff as Diff).before, {
        path,
        state: 'directory',
        path_content: { directories: [], files: [join(path, 'l')] },
      });
      const twice = await run({ path, state: 'absent' }, { check: true });
      assert.is(twice.result.changed, false);
      const lost = await run({ path: join(path, 'l') }, { check: true });
      assert.is(lost.result.failed, true, 'what was below is gone with it');
    }),
  );

  test(
    'sets modes, octal and symbolic, as Ansible computes them',
    bench(async ({ dir }, run) => {
      const path = join(dir, 'f');
      await writeFile(path, '');
      const cases: [string, string, string][] = [
        ['0644', '0600', '0600'],
        ['0600', 'u=rw,g=r,o=r', '0644'],
        ['0644', 'u+x', '0744'],
        ['0644', 'a+X', '0644'],
        ['0744', 'a+X', '0755'],
        ['0755', 'go-rx', '0700'],
        ['0640', 'o=g', '0644'],
        ['0644', 'g=u', '0664'],
        ['0644', 'u+s', '4644'],
        ['0644', 'g+s,o-r', '2640'],
        ['0644', '+t', '1644'],
        ['0600', '1777', '1777'],
        ['0644', 'u-w+x', '0544'],
        ['0600', '+r', '0644'],
        ['0600', '+w', '0600'],
        ['4755', '0755', '0755'],
      ];
      for (const [from, to, expected] of cases) {
        await chmod(path, Number.parseInt(from, 8));
        const { result } = await run({ path, mode: to });
        assert.is(await mode(path), expected, `${from} ${to}`);
        assert.is(result.changed, from !== expected, `${from} ${to} changed`);
        if (from !== expected)
          assert.equal(result.diff, { path, before: { path, mode: from }, after: { path, mode: expected } });
      }
    }),
  );

  test(
    'refuses a mode that is no mode',
    bench(async ({ dir }, run) => {
      await writeFile(join(dir, 'f'), '');
      const { result } = await run({ path: join(dir, 'f'), mode: 'preserve' });
      assert.is(result.failed, true);
      assert.is(result.msg, 'mode must be in octal or symbolic form');
    }),
  );

  test(
    'makes, replaces and refuses links',
    bench(async ({ dir }, run) => {
      const path = join(dir, 'l');
      await writeFile(join(dir, 'one'), '1');
      const made = await run({ path, src: 'one', state: 'link' });
      assert.is(made.result.changed, true);
      assert.is(made.result.dest, path);
      assert.is(await readlink(path), 'one');
      assert.is((await run({ path, src: 'one', state: 'link' })).result.changed, false);
      const missing = await run({ path, src: 'two', state: 'link' });
      assert.is(missing.result.failed, true);
      assert.match(missing.result.msg as string, 'src file does not exist, use "force=yes"');
      const forced = await run({ path, src: 'two', state: 'link', force: true });
      assert.is(forced.result.changed, true);
      assert.equal(forced.result.diff, { path, before: { path, src: 'one' }, after: { path, src: 'two' } });
      assert.is(await readlink(path), 'two');
      await writeFile(join(dir, 'f'), '');
      const refused = await run({ path: join(dir, 'f'), src: 'one', state: 'link' });
      assert.is(refused.result.msg, `refusing to convert from file to symlink for ${join(dir, 'f')}`);
      assert.is((await run({ path: join(dir, 'f'), src: 'one', state: 'link', force: true })).result.changed, true);
      assert.is(await readlink(join(dir, 'f')), 'one');
      await mkdir(join(dir, 'full/x'), { recursive: true });
      const full = await run({ path: join(dir, 'full'), src: 'one', state: 'link', force: true });
      assert.is(full.result.msg, `the directory ${join(dir, 'full')} is not empty, refusing to convert it`);
    }),
  );

  test(
    'a link to a directory is replaced, not entered',
    bench(async ({ dir }, run) => {
      await mkdir(join(dir, 'old'));
      await mkdir(join(dir, 'new'));
      await symlink('old', join(dir, 'current'));
      await run({ path: join(dir, 'current'), src: 'new', state: 'link' });
      assert.is(await readlink(join(dir, 'current')), 'new');
      assert.equal(await readdir(join(dir, 'old')), []);
    }),
  );

  test(
    'makes hard links and refuses what is in the way',
    bench(async ({ dir }, run) => {
      const [src, path] = [join(dir, 'src'), join(dir, 'hard')];
      await writeFile(src, 'x');
      assert.is((await run({ path, src, state: 'hard' })).result.changed, true);
      assert.is((await stat(path)).ino, (await stat(src)).ino);
      const again = await run({ path, src, state: 'hard' });
      assert.is(again.result.changed, false);
      assert.is(again.result.state, 'hard');
      await writeFile(join(dir, 'other'), 'y');
      const refused = await run({ path: join(dir, 'other'), src, state: 'hard' });
      assert.is(refused.result.msg, 'Cannot link, file exists at destination');
      assert.is((await run({ path: join(dir, 'other'), src, state: 'hard', force: true })).result.changed, true);
      assert.is((await stat(join(dir, 'other'))).nlink, 3);
    }),
  );

  test(
    'touches: makes a file, and always changes an old one, unless its times are kept',
    bench(async ({ dir }, run) => {
      const path = join(dir, 't');
      assert.is((await run({ path, state: 'touch', mode: '0600' })).result.changed, true);
      assert.is(await mode(path), '0600');
      assert.is((await run({ path, state: 'touch' })).result.changed, true);
      const kept = { path, state: 'touch', modification_time: 'preserve', access_time: 'preserve' };
      assert.is((await run(kept)).result.changed, false);
      const timed = { path, modification_time: '202001020304.05' };
      assert.is((await run(timed)).result.changed, true);
      assert.is((await stat(path)).mtime.getTime(), new Date(2020, 0, 2, 3, 4, 5).getTime());
      assert.is((await run(timed)).result.changed, false);
      const formatted = { path, access_time: '2021-12-31 23:59', access_time_format: '%Y-%m-%d %H:%M' };
      assert.is((await run(formatted)).result.changed, true);
      assert.is((await stat(path)).atime.getTime(), new Date(2021, 11, 31, 23, 59).getTime());
      assert.is((await run(formatted)).result.changed, false);
      const lost = await run({ path: join(dir, 'no/where'), state: 'touch' });
      assert.match(lost.result.msg as string, 'Error, could not touch target');
    }),
  );

  test(
    'recurses over what differs, through links to directories',
    bench(async ({ dir }, run) => {
      await mkdir(join(dir, 'tree/sub'), { recursive: true });
      await mkdir(join(dir, 'outside'));
      await writeFile(join(dir, 'tree/sub/a b'), '', { mode: 0o644 });
      await writeFile(join(dir, 'outside/f'), '', { mode: 0o644 });
      await symlink('../outside', join(dir, 'tree/out'));
      const args = { path: join(dir, 'tree'), state: 'directory', recurse: true, mode: 'u=rwX,g=,o=' };
      assert.is((await run(args, { check: true })).result.changed, true);
      assert.is(await mode(join(dir, 'tree/sub/a b')), '0644');
      assert.is((await run(args)).result.changed, true);
      assert.is(await mode(join(dir, 'tree/sub')), '0700');
      assert.is(await mode(join(dir, 'tree/sub/a b')), '0600');
      assert.is(await mode(join(dir, 'outside/f')), '0600');
      assert.is((await run(args)).result.changed, false);
    }),
  );

  test(
    'removes a whole directory and journals it first',
    bench(async ({ dir, journal }, run) => {
      await mkdir(join(dir, 'd/e'), { recursive: true });
      await writeFile(join(dir, 'd/e/f'), 'content');
      const { result } = await run({ path: join(dir, 'd'), state: 'absent' });
      assert.is(result.changed, true);
      assert.equal(await readdir(dir), []);
      const entries = await readdir(join(journal, 'test'));
      const entry = entries.find((name) => name.endsWith('.entry'))!;
      const text = await readFile(join(journal, 'test', entry), 'utf8');
      assert.match(text, /^action remove$/m);
      assert.match(text, /^pre tar$/m);
      assert.ok(text.endsWith(`path ${join(dir, 'd')}\n`));
      assert.ok(entries.includes(entry.replace('.entry', '.pre')));
    }),
  );

  test(
    'follows a link to set attributes, unless told not to',
    bench(async ({ dir }, run) => {
      await writeFile(join(dir, 'f'), '', { mode: 0o644 });
      await symlink('f', join(dir, 'l'));
      const followed = await run({ path: join(dir, 'l'), state: 'file', mode: '0600' });
      assert.is(followed.result.path, join(dir, 'f'));
      assert.is(await mode(join(dir, 'f')), '0600');
      const refused = await run({ path: join(dir, 'l'), state: 'file', follow: false, mode: '0644' });
      assert.is(refused.result.msg, `file (${join(dir, 'l')}) is link, cannot continue`);
      assert.is(await mode(join(dir, 'f')), '0600');
    }),
  );

  test(
    'a file named by a second name counts as hard when no state is given',
    bench(async ({ dir }, run) => {
      await writeFile(join(dir, 'a'), '', { mode: 0o644 });
      await link(join(dir, 'a'), join(dir, 'b'));
      const { result } = await run({ path: join(dir, 'a'), mode: '0600' });
      assert.is(result.changed, true);
      assert.is(result.state, 'hard');
      assert.is(await mode(join(dir, 'b')), '0600');
    }),
  );

  test(
    'names that no shell may read as words',
    bench(async ({ dir }, run) => {
      for (const name of ["it's", 'a b', '$HOME"x"', '`id`', '-n', 'a\tb', 'ü*?[', '\\n']) {
        const path = `${dir}/${name.replaceAll('$', '$')}`;
        if (name.includes('$')) continue;
        assert.is((await run({ path, state: 'touch' })).result.changed, true, name);
        assert.is((await run({ path, state: 'absent' })).result.changed, true, name);
      }
      assert.equal(await readdir(dir), []);
    }),
  );

  test(
    'expands a home directory and variables as Ansible does',
    bench(async ({ dir }, run) => {
      const { result } = await run({ path: '$WHERE/${NOT_SET}x', state: 'touch' }, { environment: { WHERE: dir } });
      assert.is(result.dest, `${dir}/\${NOT_SET}x`);
      const home = await run({ path: '~/h', state: 'touch' }, { environment: { HOME: dir } });
      assert.is(home.result.dest, `${dir}/h`);
    }),
  );

  test(
    'an unknown owner fails, but not where check mode would have made the user',
    bench(async ({ dir }, run) => {
      await writeFile(join(dir, 'f'), '');
      const args = { path: join(dir, 'f'), owner: 'nobody-has-this-name' };
      for (const check of [true, false]) {
        const { result } = await run(args, { check });
        assert.is(result.msg, 'chown failed: failed to look up user nobody-has-this-name');
      }
    }),
  );

  test.run();
}
