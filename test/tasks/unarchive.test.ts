import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import unarchive from '../../tasks/unarchive.ts';
import { SHELLS } from '../helpers/channel.ts';
import { serve } from '../helpers/http-server.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

const run = promisify(execFile);

/** An archive of top/a, top/sub/b and c in the bench's directory. */
async function archive(dir: string, kind: 'tar' | 'tgz' | 'tbz' | 'txz' | 'zip'): Promise<string> {
  const from = join(dir, 'from');
  await mkdir(join(from, 'top', 'sub'), { recursive: true });
  await writeFile(join(from, 'top', 'a'), 'one\n');
  await writeFile(join(from, 'top', 'sub', 'b'), 'two\n');
  await writeFile(join(from, 'c'), 'three\n');
  const file = join(dir, `x.${kind}`);
  const flag = { tar: '-cf', tgz: '-czf', tbz: '-cjf', txz: '-cJf', zip: '' }[kind];
  if (kind === 'zip') {
    const script = `import zipfile,os\nz=zipfile.ZipFile('${file}','w')\nos.chdir('${from}')\nfor p in ['top/','top/a','top/sub/','top/sub/b','c']: z.write(p)`;
    await run('/usr/bin/python3', ['-c', script]);
  } else await run('tar', [flag, file, '-C', from, 'top', 'c']);
  await mkdir(join(dir, 'to'), { recursive: true });
  return file;
}

for (const shell of SHELLS) {
  const test = suite(`unarchive in ${shell}`);
  const go = async (bench: Bench, args: Record<string, unknown>, options: RunOptions = {}) =>
    (await runStep(unarchive, { dest: join(bench.dir, 'to'), ...args }, { bench, diff: true, ...options })).result;

  for (const [kind, handler] of Object.entries({
    tar: 'TarArchive',
    tgz: 'TgzArchive',
    tbz: 'TarBzipArchive',
    txz: 'TarXzArchive',
    zip: 'ZipArchive',
  }))
    test(`${kind}: once, again when something differs`, async () => {
      await withSession(
        async (bench) => {
          const src = await archive(bench.dir, kind as 'tar');
          const to = join(bench.dir, 'to');
          const dry = await go(bench, { src }, { check: true });
          assert.is(dry.changed, true, String(dry.msg));
          const first = await go(bench, { src, list_files: true });
          assert.equal([first.changed, first.handler, first.dest], [true, handler, to], String(first.msg));
          assert.ok((first.files as string[]).includes('top/sub/b'));
          assert.is(await readFile(join(to, 'top', 'sub', 'b'), 'utf8'), 'two\n');
          assert.is((await go(bench, { src })).changed, false);
          await writeFile(join(to, 'c'), 'other\n');
          const again = await go(bench, { src, remote_src: true });
          assert.is(again.changed, true);
          assert.is(await readFile(join(to, 'c'), 'utf8'), 'three\n');
          assert.is((await go(bench, { src, remote_src: true, mode: 'u=rwX,go=' })).changed, true);
          assert.is((await stat(join(to, 'top', 'a'))).mode & 0o777, 0o600);
          assert.is((await stat(join(to, 'top'))).mode & 0o777, 0o700);
          assert.is((await go(bench, { src, remote_src: true, mode: 'u=rwX,go=' })).changed, false);
        },
        { shell },
      );
    });

  test('what is left out, and what is already there', async () => {
    await withSession(
      async (bench) => {
        const src = await archive(bench.dir, 'tgz');
        const to = join(bench.dir, 'to');
        await go(bench, { src, exclude: ['top/sub'] });
        assert.is(await stat(join(to, 'top', 'sub')).catch(() => undefined), undefined);
        await rm(to, { recursive: true });
        assert.match(String((await go(bench, { src })).msg), 'must be an existing dir');
        await mkdir(to);
        await go(bench, { src, include: ['c'] });
        assert.is(await stat(join(to, 'top')).catch(() => undefined), undefined);
        await go(bench, { src, extra_opts: ['--strip-components=1'] });
        assert.is(await readFile(join(to, 'a'), 'utf8'), 'one\n');
        const skipped = await go(bench, { src, creates: join(to, 'a') });
        assert.equal([skipped.skipped, skipped.changed], [true, false]);
        const none = await go(bench, { src: join(bench.dir, 'nosuch'), remote_src: true });
        assert.match(String(none.msg), 'does not exist');
        await writeFile(join(bench.dir, 'text'), 'no archive');
        assert.match(
          String((await go(bench, { src: join(bench.dir, 'text'), remote_src: true })).msg),
          'Failed to find handler',
        );
      },
      { shell },
    );
  });

  test('from the web', async () => {
    await withSession(
      async (bench) => {
        const content = await readFile(await archive(bench.dir, 'tgz'));
        const server = await serve((_, response) => response.end(content));
        const got = await go(bench, { src: `${server.url}/x.tgz`, remote_src: true });
        await server.close();
        assert.is(got.changed, true, String(got.msg));
        assert.is(await readFile(join(bench.dir, 'to', 'c'), 'utf8'), 'three\n');
      },
      { shell },
    );
  });

  test.run();
}
