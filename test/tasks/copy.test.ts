import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shellFunctions } from '../../run/modules/shell-file.ts';
import { TREE_LIBRARY } from '../../run/modules/tree-look.ts';
import { lines, raw, sh } from '../../run/shell/script.ts';
import type { Diff } from '../../run/task.ts';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import rollback from '../../tasks/rollback.ts';
import { processChannel, SHELLS } from '../helpers/channel.ts';
import { type Bench, type RunOptions, request, runStep, withSession } from '../helpers/step.ts';
import { tinyHost } from '../helpers/tiny-host.ts';

async function mode(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o7777).toString(8).padStart(4, '0');
}

for (const shell of SHELLS) {
  const test = suite(`copy (${shell})`);
  type Run = (args: Record<string, unknown>, options?: RunOptions) => ReturnType<typeof runStep>;
  const bench = (use: (bench: Bench, run: Run) => Promise<void>) => () =>
    withSession((open) => use(open, (args, options) => runStep(copy, args, { bench: open, diff: true, ...options })), {
      shell,
    });

  test(
    "puts a text in place, once, with Ansible's return values",
    bench(async ({ dir }, run) => {
      const dest = join(dir, 'f');
      const content = "it's \\n $HOME `id` \t ü\n";
      const first = (await run({ dest, content, mode: '0640' })).result;
      assert.is(first.changed, true);
      assert.is(await readFile(dest, 'utf8'), content);
      assert.is(await mode(dest), '0640');
      assert.is(first.checksum, createHash('sha1').update(content).digest('hex'));
      assert.is(first.md5sum, createHash('md5').update(content).digest('hex'));
      assert.is(first.state, 'file');
      assert.is(first.size, Buffer.byteLength(content));
      assert.equal(first.diff, [{ path: dest, beforeHeader: dest, afterHeader: dest, before: '', after: content }]);
      const second = (await run({ dest, content, mode: '0640' })).result;
      assert.is(second.changed, false);
      assert.equal(second.diff, []);
      assert.is(second.md5sum, undefined);
      assert.equal(await readdir(dir), ['f'], 'no temporary file stays');
    }),
  );

  test(
    'keeps mode and owner of what it replaces',
    bench(async ({ dir }, run) => {
      const dest = join(dir, 'f');
      await writeFile(dest, 'old\n');
      await chmod(dest, 0o4755);
      assert.is((await run({ dest, content: 'new\n' })).result.changed, true);
      assert.is(await mode(dest), '4755');
      assert.is((await run({ dest, content: 'new\n', mode: 'u-s,go=r' })).result.changed, true);
      assert.is(await mode(dest), '0744');
    }),
  );

  test(
    'a new file has the login umask',
    bench(async ({ dir, session }, run) => {
      await run({ dest: join(dir, 'f'), content: 'x' });
      assert.is(await mode(join(dir, 'f')), (0o666 & ~process.umask()).toString(8).padStart(4, '0'));
      assert.is(session.user !== '', true);
    }),
  );

  test(
    'check mode predicts content, mode and diff, and what follows sees them',
    bench(async ({ dir }, run) => {
      const dest = join(dir, 'd/f');
      const missing = await run({ dest, content: 'one\n' }, { check: true });
      assert.is(missing.result.msg, `Destination directory ${join(dir, 'd')} does not exist`);
      const open = { dest: `${join(dir, 'd')}/`, src: join(dir, 'src') };
      await writeFile(join(dir, 'src'), 'one\n');
      const first = await run(open, { check: true });
      assert.is(first.result.changed, true);
      assert.is(first.result.dest, join(dir, 'd/src'));
      assert.is((await run(open, { check: true })).result.changed, false);
      const edited = await run({ dest: join(dir, 'd/src'), content: 'two\n' }, { check: true });
      assert.is((edited.result.diff as Diff[])[0]!.before, 'one\n');
      assert.is((edited.result.diff as Diff[])[0]!.after, 'two\n');
      assert.equal(await readdir(dir), ['src']);
    }),
  );

  test(
    'a directory that would come with a package counts in check mode, and only there',
    bench(async (open, run) => {
      const dest = join(open.dir, 'etc/mosquitto/conf.d/port.conf');
      const predict = { ...file, step: () => raw('ll_predict package mosquitto 2.0.11') };
      await runStep({ ...predict, result: () => ({}) } as typeof file, { path: '/x' }, { bench: open, check: true });
      const args = { dest, content: 'listener 50001\n', owner: 'no-such-user', group: 'no-such-group', mode: '0640' };
      const predicted = await run(args, { check: true });
      assert.is(predicted.result.failed, undefined);
      assert.is(predicted.result.changed, true);
      assert.is((predicted.result.diff as Diff[])[0]!.after, 'listener 50001\n');
      assert.is(predicted.result.owner, 'no-such-user');
      assert.is((await run(args, { check: true })).result.changed, false, 'and is remembered');
      assert.is((await run(args)).result.failed, true);
    }),
  );

  test(
    'follows links or replaces them, as told',
    bench(async ({ dir }, run) => {
      await writeFile(join(dir, 'target'), 'old\n');
      await symlink('target', join(dir, 'link'));
      const followed = await run({ dest: join(dir, 'link'), content: 'new\n', follow: true });
      assert.is(followed.result.dest, join(dir, 'target'));
      assert.is(await readlink(join(dir, 'link')), 'target');
      assert.is(await readFile(join(dir, 'target'), 'utf8'), 'new\n');
      assert.is((await run({ dest: join(dir, 'link'), content: 'new\n' })).result.changed, true);
      assert.ok((await lstat(join(dir, 'link'))).isFile());
    }),
  );

  test(
    "force=no leaves what is there; backup keeps it under Ansible's name",
    bench(async ({ dir }, run) => {
      const dest = join(dir, 'f');
      await writeFile(dest, 'old\n');
      assert.is((await run({ dest, content: 'new\n', force: false })).result.changed, false);
      assert.is(await readFile(dest, 'utf8'), 'old\n');
      const { result } = await run({ dest, content: 'new\n', backup: true });
      assert.match(result.backup_file as string, /\/f\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/);
      assert.is(await readFile(result.backup_file as string, 'utf8'), 'old\n');
      assert.is((await run({ dest, content: 'new\n', backup: true })).result.backup_file, undefined);
    }),
  );

  test(
    'validates the new content before it is in place',
    bench(async ({ dir }, run) => {
      const dest = join(dir, 'f');
      await writeFile(dest, 'good\n');
      const bad = await run({ dest, content: 'bad\n', validate: 'sh -c \'echo seen; grep -q good "$1"\' x %s' });
      assert.is(bad.result.failed, true);
      assert.is(bad.result.msg, 'failed to validate');
      assert.is(bad.result.exit_status, 1);
      assert.is(bad.result.stdout, 'seen\n');
      assert.is(await readFile(dest, 'utf8'), 'good\n');
      assert.is((await run({ dest, content: 'good too\n', validate: 'grep -q good %s' })).result.changed, true);
      try {
        await run({ dest, content: 'x', validate: 'true' });
        assert.unreachable();
      } catch (error) {
        assert.is((error as { code: string }).code, 'BAD_ARGUMENT');
      }
    }),
  );

  test(
    'a checksum that differs stops the copy',
    bench(async ({ dir }, run) => {
      const { result } = await run({ dest: join(dir, 'f'), content: 'x', checksum: 'da39a3ee' });
      assert.is(result.msg, 'Copied file does not match the expected checksum. Transfer failed.');
      assert.is(result.expected_checksum, 'da39a3ee');
      assert.equal(await readdir(dir), []);
    }),
  );

  test(
    'big and binary contents travel by stream, with the same result',
    bench(async ({ dir }, run) => {
      const cases = { big: randomBytes(3_000_000), nul: Buffer.from('a\0b'), latin: Buffer.from([0xff, 0xfe, 10]) };
      for (const [name, content] of Object.entries(cases)) {
        await writeFile(join(dir, name), content);
        const args = { src: join(dir, name), dest: join(dir, `${name}.out`), mode: '0600' };
        const predicted = (await run(args, { check: true })).result;
        assert.is(predicted.changed, true);
        const first = (await run(args)).result;
        assert.is(first.changed, true, name);
        assert.ok((await readFile(args.dest)).equals(content), name);
        assert.is(first.checksum, createHash('sha1').update(content).digest('hex'));
        assert.is(await mode(args.dest), '0600');
        assert.is((await run(args)).result.changed, false, name);
      }
    }),
  );

  test(
    'copies a directory: new, changed and unchanged files, links, empty directories',
    bench(async ({ dir }, run) => {
      const src = join(dir, 'src');
      await mkdir(join(src, 'sub/empty'), { recursive: true });
      await writeFile(join(src, 'a'), 'a\n', { mode: 0o755 });
      await writeFile(join(src, "sub/it's b"), Buffer.from([0, 1, 2]));
      await symlink('a', join(src, 'link'));
      await symlink('nowhere', join(src, 'broken'));
      const args = { src: `${src}/`, dest: join(dir, 'out'), mode: 'preserve', directory_mode: '0750' };
      assert.is((await run(args, { check: true })).result.changed, true);
      assert.equal((await readdir(dir)).sort(), ['src']);
      assert.is((await run(args)).result.changed, true);
      assert.equal((await readdir(join(dir, 'out'))).sort(), ['a', 'broken', 'link', 'sub']);
      assert.is(await mode(join(dir, 'out/a')), '0755');
      assert.is(await mode(join(dir, 'out/sub')), '0750');
      assert.is(await readFile(join(dir, 'out/link'), 'utf8'), 'a\n');
      assert.ok((await lstat(join(dir, 'out/link'))).isFile(), 'local_follow reads through links');
      assert.is(await readlink(join(dir, 'out/broken')), 'nowhere');
      assert.ok((await readFile(join(dir, "out/sub/it's b"))).equals(Buffer.from([0, 1, 2])));
      assert.is((await run(args)).result.changed, false);
      await writeFile(join(dir, 'out/a'), 'other\n');
      const again = await run(args);
      assert.is(again.result.changed, true);
      assert.equal(
        (again.result.diff as Diff[]).map((each) => each.path),
        [join(dir, 'out/a')],
      );
      await chmod(join(dir, 'out/a'), 0o600);
      assert.is((await run(args)).result.changed, true, 'a mode alone');
      assert.is(await mode(join(dir, 'out/a')), '0755');
      await run({ src, dest: join(dir, 'whole'), local_follow: false });
      assert.equal(await readdir(join(dir, 'whole')), ['src']);
      assert.is(await readlink(join(dir, 'whole/src/link')), 'a');
    }),
  );

  test(
    'installs new files of a directory together: names, modes and groups as if each came alone',
    bench(async ({ dir, scratch }, run) => {
      const src = join(dir, 'src');
      await mkdir(join(src, 'set-group'), { recursive: true });
      const names = ['.hidden', '-dash', "it's $HOME", 'x'.repeat(101), 'line\nfeed', 'ü', '*'];
      for (const name of names) await writeFile(join(src, name), name, { mode: 0o640 });
      await writeFile(join(src, 'set-group/f'), 'f', { mode: 0o600 });
      const large = randomBytes(1.5 * 1024 * 1024);
      await writeFile(join(src, 'large'), large, { mode: 0o751 });
      const out = join(dir, 'out');
      await mkdir(join(out, 'set-group'), { recursive: true });
      const isRoot = process.getuid?.() === 0;
      if (isRoot) await chown(join(out, 'set-group'), 0, 1);
      await chmod(join(out, 'set-group'), 0o2775);
      const args = { src: `${src}/`, dest: out, mode: 'preserve' };
      const first = (await run(args)).result;
      assert.is(first.changed, true, String(first.msg));
      assert.is((first.diff as Diff[]).length, names.length + 2);
      assert.equal((await readdir(out)).sort(), [...names, 'large', 'set-group'].sort(), 'no stage stays');
      for (const name of names) {
        assert.is(await readFile(join(out, name), 'utf8'), name);
        assert.is(await mode(join(out, name)), '0640', name);
      }
      assert.ok((await readFile(join(out, 'large'))).equals(large));
      assert.is(await mode(join(out, 'large')), '0751');
      assert.equal(await readdir(join(out, 'set-group')), ['f']);
      if (isRoot) assert.is((await stat(join(out, 'set-group/f'))).gid, 1, "the directory's group");
      assert.ok(Date.now() - (await stat(join(out, 'ü'))).mtimeMs < 60_000, 'they are as old as their copying');
      const { result } = await run(args);
      assert.is(result.changed, false);
      const own = (await run({ src: `${src}/`, dest: `${dir}/plain` })).result;
      assert.is(own.changed, true);
      assert.is(await mode(join(dir, 'plain/ü')), '0644', 'as any new file of the user');
      assert.equal(
        (await readdir(scratch, { recursive: true })).filter((name) => /^\d+$|\.tar$/.test(name)),
        [],
        'nor any content in scratch',
      );
    }),
  );

  test(
    'sees to owners of a directory only where they are others, and visits nothing that is as it should be',
    bench(async ({ dir }, run) => {
      const uid = process.getuid!();
      if (uid !== 0) return;
      const src = join(dir, 'src');
      await mkdir(join(src, 'empty'), { recursive: true });
      for (const name of ['a', 'b']) await writeFile(join(src, name), name);
      const out = join(dir, 'out');
      const args = { src: `${src}/`, dest: out, owner: 'daemon', group: '1', mode: '0640', directory_mode: '0750' };
      assert.is((await run(args)).result.changed, true);
      let steps = 0;
      const counting = async (args: Record<string, unknown>) =>
        withSession(
          async (other) => {
            const send = other.session.send.bind(other.session);
            other.session.send = (step) => {
              steps++;
              return send(step);
            };
            return (await runStep(copy, args, { bench: other, diff: true })).result;
          },
          { shell },
        );
      assert.is((await counting(args)).changed, false);
      assert.is(steps, 1, 'one visit');
      await chown(join(out, 'b'), 2, 1);
      await chown(join(out, 'empty'), 2, 1);
      const { result } = await run(args);
      assert.equal(
        (result.diff as Diff[]).map((each) => each.path),
        [join(out, 'empty'), join(out, 'b')],
      );
      for (const name of ['b', 'empty']) assert.is((await stat(join(out, name))).uid, 1, name);
      assert.is((await run(args)).result.changed, false);
    }),
  );

  test(
    'a stage goes with the session that made it',
    bench(async ({ dir, session }) => {
      const stage = lines(shellFunctions(TREE_LIBRARY), sh`t_stage ${dir}; touch ${dir}/"$m_stage"/content`);
      await session.send(request(stage)).reply;
      assert.is((await readdir(dir)).length, 1);
      await session.close();
      assert.equal(await readdir(dir), []);
    }),
  );

  test(
    'leaves no stage behind where a directory cannot be installed',
    bench(async ({ dir, session }, run) => {
      const src = join(dir, 'src');
      await mkdir(src);
      await writeFile(join(src, 'a'), 'a');
      await writeFile(join(src, 'b'), 'b');
      const out = join(dir, 'out');
      await mkdir(join(out, 'b'), { recursive: true });
      const { result } = await run({ src: `${src}/`, dest: out });
      assert.is(result.msg, `${out}/b is a directory: refusing to replace it`);
      assert.equal((await readdir(out)).sort(), ['a', 'b']);
      assert.equal(await readdir(join(out, 'b')), []);
      await session.close();
      assert.equal((await readdir(out)).sort(), ['a', 'b']);
    }),
  );

  test(
    'copies on the host with remote_src: files and directories',
    bench(async ({ dir }, run) => {
      await mkdir(join(dir, 'src/sub'), { recursive: true });
      await writeFile(join(dir, 'src/f'), 'f\n', { mode: 0o600 });
      await writeFile(join(dir, 'src/sub/g'), 'g\n', { mode: 0o755 });
      const one = { src: join(dir, 'src/f'), dest: join(dir, 'f'), remote_src: true, mode: 'preserve' };
      const first = (await run(one)).result;
      assert.is(first.changed, true);
      assert.is(first.checksum, createHash('sha1').update('f\n').digest('hex'));
      assert.is(await mode(join(dir, 'f')), '0600');
      assert.is((await run(one)).result.changed, false);
      const tree = { src: join(dir, 'src'), dest: join(dir, 'out'), remote_src: true };
      assert.is((await run(tree, { check: true })).result.changed, true);
      assert.is((await run(tree)).result.changed, true);
      assert.is(await readFile(join(dir, 'out/src/sub/g'), 'utf8'), 'g\n');
      assert.is(await mode(join(dir, 'out/src/sub/g')), '0755');
      assert.is((await run(tree)).result.changed, false);
      const lost = await run({ src: join(dir, 'no'), dest: join(dir, 'x'), remote_src: true });
      assert.is(lost.result.msg, `Source ${join(dir, 'no')} not found`);
    }),
  );

  test(
    'a list or mapping becomes JSON as Python writes it; a directory takes no content',
    bench(async ({ dir }, run) => {
      await run({ dest: join(dir, 'j'), content: { a: [1, true, null], b: 'ü' } });
      assert.is(await readFile(join(dir, 'j'), 'utf8'), '{"a": [1, true, null], "b": "\\u00fc"}');
      const { result } = await run({ dest: dir, content: 'x' });
      assert.is(result.msg, 'can not use content with a dir as dest');
    }),
  );

  test(
    'refuses to replace what is not a file',
    bench(async () => {
      const before = await stat('/dev/null');
      const { result } = await runStep(copy, { dest: '/dev/null', content: 'x' }, { shell });
      assert.is(result.msg, '/dev/null is a char: refusing to replace it');
      assert.is((await stat('/dev/null')).ino, before.ino);
    }),
  );

  test.run();
}

const tiny = suite('copy: a host with busybox alone');
tiny('takes a directory and gives it back', async () => {
  if (process.getuid?.() !== 0) return;
  const host = await tinyHost();
  const source = await mkdtemp(join(tmpdir(), 'lamplighter-tree-'));
  try {
    await mkdir(join(source, 'sub'));
    for (const name of ['a', 'b', 'sub/it is']) await writeFile(join(source, name), `${name}\n`, { mode: 0o640 });
    const [program, words] = host.command;
    const directories = { scratch: '/tmp/scratch', journal: '/var/lib/journal' };
    const during = <T>(runId: string, use: (bench: Bench) => Promise<T>) =>
      withSession(use, { command: host.command, session: { ...directories, runId } });
    const out = join(host.root, 'tmp/out');
    await mkdir(out);
    await writeFile(join(out, 'a'), 'old\n');
    const args = { src: `${source}/`, dest: '/tmp/out/', mode: 'preserve', owner: 'lamp', group: 'lamp' };
    const { result } = await during('changes', (bench) =>
      runStep(copy, args, {
        bench,
        context: { exec: async (command) => processChannel(program, [...words, '-c', command.text]) },
      }),
    );
    assert.is(result.changed, true, String(result.msg));
    assert.is(await readFile(join(out, 'sub/it is'), 'utf8'), 'sub/it is\n');
    assert.is(await readFile(join(out, 'a'), 'utf8'), 'a\n');
    for (const name of ['a', 'b', 'sub/it is']) {
      assert.is(await mode(join(out, name)), '0640', name);
      assert.is((await stat(join(out, name))).uid, 1000, name);
    }
    assert.equal((await readdir(out)).sort(), ['a', 'b', 'sub']);
    const undone = await during('undo', (bench) => runStep(rollback, { run: 'changes' }, { bench }));
    assert.is(undone.result.changed, true, String(undone.result.msg));
    assert.equal(await readdir(out), ['a']);
    assert.is(await readFile(join(out, 'a'), 'utf8'), 'old\n');
  } finally {
    await host.remove();
    await rm(source, { recursive: true });
  }
});
tiny.run();
