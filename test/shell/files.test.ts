import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { raw, sh } from '../../run/shell/script.ts';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import lineinfile from '../../tasks/lineinfile.ts';
import stats from '../../tasks/stat.ts';
import { SHELLS } from '../helpers/channel.ts';
import { request, runStep, withSession } from '../helpers/step.ts';
import { tinyHost } from '../helpers/tiny-host.ts';

const root = process.getuid!() === 0;

for (const shell of SHELLS) {
  const test = suite(`shell: files (${shell})`);

  test('a reader sees the old file or the new one, never a part', async () => {
    await withSession(
      async ({ session, dir }) => {
        const path = join(dir, 'f');
        const sizes = new Set<number>();
        await writeFile(path, 'a'.repeat(300_000));
        let writing = true;
        const reader = (async () => {
          while (writing) sizes.add((await readFile(path)).length);
        })();
        for (let i = 0; i < 5; i++)
          await session.send(
            request(sh`ll_temp; head -c ${i % 2 ? 300000 : 200000} /dev/zero >"$ll_tmp"; ll_write "$ll_tmp" ${path}`),
          ).reply;
        writing = false;
        await reader;
        for (const size of sizes) assert.ok(size === 300_000 || size === 200_000, String(size));
        assert.equal(await readdir(dir), ['f']);
      },
      { shell },
    );
  });

  test('a file that is mounted by itself is named, and written in place only when asked', async () => {
    if (!root) return;
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'mounted');
        await writeFile(path, 'old\n');
        await writeFile(join(bench.dir, 'source'), 'old\n');
        const send = (script: string) => bench.session.send(request(raw(script))).reply;
        assert.is((await send(`mount --bind ${bench.dir}/source ${path}`)).status, 'ok');
        const write = `ll_temp; echo new >"$ll_tmp"; ll_write "$ll_tmp" ${path}`;
        const refused = await send(write);
        assert.is(refused.status, 'failed');
        assert.match(refused.fields.msg!, 'mounted by itself can only be written with unsafe_writes');
        assert.is((await send(`cat ${path}`)).stdout, 'old\n');
        assert.is((await send(`ll_unsafe=1; ${write}`)).status, 'changed');
        assert.is((await send(`cat ${path}; umount ${path}`)).stdout, 'new\n');
        assert.equal((await readdir(bench.dir)).sort(), ['mounted', 'source'], 'no temporary file stays');
      },
      { command: ['unshare', ['-m', '--', ...(shell === 'ash' ? ['busybox', 'ash'] : [shell])]] },
    );
  });

  test('what was brought beside a file is taken as it is, or goes with the session', async () => {
    await withSession(
      async ({ session, dir }) => {
        const send = (script: string, more = {}) => session.send(request(raw(script), more)).reply;
        const bring = (to: string, content: string) =>
          send(`ll_upload_beside ${dir}/${to}; umask 077; printf ${content} >"$ll_path"; ll_ret path "$ll_path"`);
        await mkdir(join(dir, 'sub'));
        await writeFile(join(dir, 'old'), 'old', { mode: 0o604 });
        for (const [name, mode] of [
          ['old', '604'],
          ['sub/new', '644'],
        ]) {
          const { path } = (await bring(name!, 'brought')).fields;
          const inode = (await stat(path!)).ino;
          const reply = await send(`umask 022; ll_umask=022; ll_write ${path} ${dir}/${name}`);
          assert.is(reply.status, 'changed', reply.fields.msg);
          const found = await stat(join(dir, name!));
          assert.is(found.ino, inode, 'it was not copied');
          assert.is((found.mode & 0o7777).toString(8), mode);
          assert.is(await readFile(join(dir, name!), 'utf8'), 'brought');
        }
        await bring('sub/lost', 'lost');
        assert.is((await readdir(join(dir, 'sub'))).length, 2);
        const dry = await send(`ll_upload_beside ${dir}/dry; ll_ret path "$ll_path"`, { check: true });
        assert.not.match(dry.fields.path!, dir, 'a dry run writes to scratch alone');
        await session.close();
        assert.equal(await readdir(join(dir, 'sub')), ['new']);
      },
      { shell },
    );
  });

  test('what a session leaves beside a path with line feeds takes no other file along', async () => {
    await withSession(
      async ({ session, dir }) => {
        await writeFile(join(dir, 'victim'), 'stays');
        await mkdir(join(dir, 'victim\nx'));
        const reply = await session.send(request(sh`ll_upload_beside ${join(dir, 'victim\nx', 'f')}; : >"$ll_path"`))
          .reply;
        assert.is(reply.status, 'ok', reply.fields.msg);
        await session.close();
        assert.is(await readFile(join(dir, 'victim'), 'utf8'), 'stays');
      },
      { shell },
    );
  });

  test('a full disk loses nothing and says so', async () => {
    if (!root) return;
    await withSession(
      async (bench) => {
        const send = (script: string) => bench.session.send(request(raw(script))).reply;
        await send(`mount -t tmpfs -o size=100k tmpfs ${bench.dir}; echo old >${bench.dir}/f`);
        const reply = await send(`ll_temp; head -c 500000 /dev/zero >"$ll_tmp"; ll_write "$ll_tmp" ${bench.dir}/f`);
        assert.is(reply.status, 'failed');
        assert.match(reply.fields.msg!, /No space left on device; it is as it was/);
        assert.is((await send(`cat ${bench.dir}/f; ls -A ${bench.dir}`)).stdout, 'old\nf\n');
      },
      { command: ['unshare', ['-m', '--', ...(shell === 'ash' ? ['busybox', 'ash'] : [shell])]] },
    );
  });

  test('the journal has what was there, on disk before the change, for the user alone', async () => {
    await withSession(
      async ({ session, dir, journal }) => {
        const path = join(dir, 'f');
        await writeFile(path, 'before\n', { mode: 0o640 });
        await chmod(path, 0o640);
        await session.send(request(sh`ll_temp; echo after >"$ll_tmp"; ll_write "$ll_tmp" ${path} 0600`)).reply;
        const run = join(journal, 'test');
        const names = (await readdir(run)).sort();
        assert.is(names.length, 2);
        for (const name of names) assert.is((await stat(join(run, name))).mode & 0o777, 0o600);
        assert.is((await stat(journal)).mode & 0o777, 0o700);
        const entry = await readFile(join(run, names[0]!), 'utf8');
        const keys = Object.fromEntries(
          entry
            .trimEnd()
            .split('\n')
            .map((line) => line.split(/ (.*)/s)),
        );
        const sha = (text: string) => createHash('sha256').update(text).digest('hex');
        assert.is(keys.action, 'write');
        assert.is(keys.path, path);
        assert.is(keys.mode, '0640');
        assert.is(keys.before, sha('before\n'));
        assert.is(keys.after, sha('after\n'));
        assert.is(await readFile(join(run, names[1]!), 'utf8'), 'before\n');
        assert.equal(
          [keys.format, keys.run, keys.kind, keys.pre, keys.uid],
          ['1', 'test', 'file', 'file', String(process.getuid!())],
        );
        assert.ok(Math.abs(Number(keys.time) - Date.now() / 1000) < 60);
      },
      { shell },
    );
  });

  test("old journals are cleared away, this run's never", async () => {
    await withSession(
      async ({ session, dir, journal }) => {
        await mkdir(join(journal, 'ancient'), { recursive: true });
        await mkdir(join(journal, 'recent'));
        const then = Date.now() / 1000 - 40 * 86400;
        await utimes(join(journal, 'ancient'), then, then);
        await session.send(request(sh`ll_temp; ll_write "$ll_tmp" ${dir}/f`)).reply;
        assert.equal((await readdir(journal)).sort(), ['recent', 'test']);
      },
      { shell },
    );
  });

  test('when the state before cannot be kept, nothing is changed', async () => {
    if (!root) return;
    await withSession(
      async (bench) => {
        const send = (script: string) => bench.session.send(request(raw(script))).reply;
        await send(`mkdir -p ${bench.journal}; mount -t tmpfs -o size=40k tmpfs ${bench.journal}`);
        await writeFile(join(bench.dir, 'f'), 'x'.repeat(200_000));
        const reply = await send(`ll_temp; echo new >"$ll_tmp"; ll_write "$ll_tmp" ${bench.dir}/f`);
        assert.is(reply.status, 'failed');
        assert.match(
          reply.fields.msg!,
          /cannot keep the state before the change .*No space left on device; nothing was changed/,
        );
        assert.is((await stat(join(bench.dir, 'f'))).size, 200_000);
      },
      { command: ['unshare', ['-m', '--', ...(shell === 'ash' ? ['busybox', 'ash'] : [shell])]] },
    );
  });

  test('extended attributes of a file that is replaced are kept', async () => {
    await withSession(
      async ({ session, dir }) => {
        const path = join(dir, 'f');
        await writeFile(path, 'old');
        const set = (name: string) =>
          execFileSync('python3', ['-c', `import os,sys; os.setxattr(sys.argv[1], b"user.ll", b"${name}")`, path]);
        try {
          set('kept');
        } catch {
          return;
        }
        await session.send(request(sh`ll_temp; ll_write "$ll_tmp" ${path}`)).reply;
        const got = execFileSync(
          'python3',
          ['-c', 'import os,sys; print(os.getxattr(sys.argv[1], b"user.ll"))', path],
          {
            encoding: 'utf8',
          },
        );
        assert.is(got, "b'kept'\n");
      },
      { shell },
    );
  });

  test('check mode resolves links component by component, predicted and real', async () => {
    await withSession(
      async ({ session, dir }) => {
        const send = (script: string) => session.send(request(raw(script), { check: true })).reply;
        await mkdir(join(dir, 'real'));
        await writeFile(join(dir, 'real/f'), 'host\n');
        await symlink('real', join(dir, 'link'));
        const show = async (path: string) => {
          const reply = await send(
            `ll_stat ${dir}/${path}; printf "$ll_kind "; if ll_read ${dir}/${path}; then cat "$ll_at"; fi`,
          );
          return reply.stdout.trim();
        };
        assert.is(await show('link/f'), 'file host');
        await send(`ll_temp; echo new >"$ll_tmp"; ll_write "$ll_tmp" ${dir}/link/g`);
        assert.is(await show('real/g'), 'file new', 'seen by its other name');
        await send(`ll_link real/f ${dir}/direct`);
        assert.is(await show('direct'), 'link host');
        await send(`ll_remove ${dir}/link; ll_mkdir ${dir}/link/sub; ll_link ../../real ${dir}/link/sub/up`);
        assert.is(await show('link/f'), 'absent');
        assert.is(await show('link/sub/up/../real/g'), 'file new', '.. is of where the link led');
        assert.is(await show('link/sub/up/f'), 'file host', 'a predicted link into what is real');
        await send(`ll_remove ${dir}/real`);
        assert.is(await show('real/f'), 'absent');
        assert.is(await show('direct'), 'link', 'a link that leads nowhere now');
        await send(`ll_mkdir ${dir}/real`);
        assert.is(await show('real/f'), 'absent', 'a directory made anew is empty');
        await send(`ll_link a ${dir}/b; ll_link b ${dir}/a`);
        assert.is(await show('a/x'), 'absent', 'links in a circle end');
        assert.equal((await readdir(dir)).sort(), ['link', 'real']);
      },
      { shell },
    );
  });

  test('what is predicted of packages and users is remembered for the session', async () => {
    await withSession(
      async ({ session }) => {
        const say = async (script: string, check = true) =>
          (await session.send(request(raw(script), { check })).reply).stdout;
        assert.is(await say('ll_predicted_any package && echo any'), '');
        await say(
          'll_predict package mosquitto 2.0.11; ll_predict unit-active a/b@c.service active; ll_predict user gone absent',
        );
        assert.is(await say('ll_predicted package mosquitto && printf "$ll_value"'), '2.0.11');
        assert.is(await say('ll_predicted unit-active a/b@c.service && printf "$ll_value"'), 'active');
        assert.is(await say('ll_predicted_any package && echo any'), 'any\n');
        assert.is(await say('ll_predicted_any user && echo any'), '', 'one that would be gone is none that would come');
        assert.is(await say('ll_predicted package mosquitto && echo yes', false), '', 'never outside check mode');
      },
      { shell },
    );
  });

  test.run();
}

const tiny = suite('shell: a host with busybox alone, no stat(1), no /proc');
tiny('files are made, read, changed and predicted as elsewhere', async () => {
  if (!root) return;
  const host = await tinyHost();
  try {
    await withSession(
      async (bench) => {
        const has = raw('ll_has cp && ll_ret cp yes; ll_has stat || ll_ret stat no');
        assert.equal((await bench.session.send(request(has)).reply).fields, { cp: 'yes', stat: 'no' });
        const at = (name: string) => join(host.root, 'tmp', name);
        const run = (definition: Parameters<typeof runStep>[0], args: Record<string, unknown>, check = false) =>
          runStep(definition, args, { bench, check, diff: true });
        const any = (definition: unknown) => definition as Parameters<typeof runStep>[0];
        const put = { dest: '/tmp/d/f', content: 'one\ntwo\n', mode: '0640', owner: 'lamp', group: '1000' };
        assert.is(
          (await run(any(file), { path: '/tmp/d', state: 'directory', mode: '2750' }, true)).result.changed,
          true,
        );
        assert.is((await run(any(copy), put, true)).result.changed, true);
        assert.is((await run(any(copy), put, true)).result.changed, false);
        assert.is((await run(any(file), { path: '/tmp/d', state: 'directory', mode: '2750' })).result.changed, true);
        const first = (await run(any(copy), put)).result;
        assert.is(first.failed, undefined, String(first.msg));
        assert.is(first.changed, true);
        assert.is(first.owner, 'lamp');
        assert.is(first.mode, '0640');
        const found = await lstat(at('d/f'));
        assert.equal([found.uid, found.gid, found.mode & 0o7777], [1000, 1000, 0o640]);
        assert.is((await lstat(at('d'))).mode & 0o7777, 0o2750);
        assert.is((await run(any(copy), put)).result.changed, false);
        const edited = await run(any(lineinfile), { path: '/tmp/d/f', regexp: '^t(wo|hree)$', line: '2' });
        assert.is(edited.result.msg, 'line replaced');
        assert.is(await readFile(at('d/f'), 'utf8'), 'one\n2\n');
        assert.equal([(await lstat(at('d/f'))).uid, (await lstat(at('d/f'))).mode & 0o7777], [1000, 0o640]);
        const seen = (await run(any(stats), { path: '/tmp/d/f' })).result.stat as Record<string, unknown>;
        assert.equal([seen.mode, seen.pw_name, seen.size, seen.isreg], ['0640', 'lamp', 6, true]);
        assert.ok(Math.abs((seen.mtime as number) - Date.now() / 1000) < 60);
        assert.is((await run(any(file), { path: '/tmp/l', src: 'd/f', state: 'link' })).result.changed, true);
        assert.is((await run(any(file), { path: '/tmp/l', src: 'd/f', state: 'link' })).result.changed, false);
        assert.is((await run(any(file), { path: '/tmp/d', state: 'absent' })).result.changed, true);
        assert.equal((await readdir(at(''))).sort(), ['l', 's']);
      },
      { command: host.command, session: { scratch: '/tmp/s', journal: '/var/lib/journal' } },
    );
    assert.ok((await readdir(join(host.root, 'var/lib/journal/test'))).length > 3);
  } finally {
    await host.remove();
  }
});
tiny.run();
