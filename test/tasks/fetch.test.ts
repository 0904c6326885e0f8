import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import copy from '../../tasks/copy.ts';
import fetch from '../../tasks/fetch.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256));
const sum = (algorithm: string) => createHash(algorithm).update(BYTES).digest('hex');

for (const shell of SHELLS) {
  const test = suite(`fetch (${shell})`);
  type Run = (args: Record<string, unknown>, options?: RunOptions) => ReturnType<typeof runStep>;
  const bench = (use: (bench: Bench, run: Run) => Promise<void>) => () =>
    withSession(
      (open) => {
        const variables: Record<string, unknown> = { inventory_hostname: 'lamp1', playbook_dir: open.dir };
        const context = { variable: (name: string) => variables[name] };
        return use(open, (args, options) =>
          runStep(fetch, args, { bench: open, ...options, context: { ...context, ...options?.context } }),
        );
      },
      { shell },
    );

  test(
    'brings a file below dest, host and path, and nothing the second time',
    bench(async ({ dir }, run) => {
      const src = join(dir, "it's src");
      await writeFile(src, BYTES);
      const dest = join(dir, `out/lamp1/${src}`);
      const told = { dest, md5sum: sum('md5'), checksum: sum('sha1') };
      const remote = { remote_md5sum: null, remote_checksum: sum('sha1') };
      assert.equal((await run({ src, dest: 'out' })).result, { changed: true, ...told, ...remote });
      assert.ok((await readFile(dest)).equals(BYTES));
      assert.equal((await run({ src, dest: join(dir, 'out/') })).result, { changed: false, file: src, ...told });
      await writeFile(dest, 'other');
      assert.is((await run({ src, dest: 'out' })).result.changed, true);
      assert.equal(await readdir(join(dest, '..')), ["it's src"], 'no part of it stays');
    }),
  );

  test(
    'flat: to a name, or into a directory',
    bench(async ({ dir }, run) => {
      const src = join(dir, 'src');
      await writeFile(src, BYTES);
      await mkdir(join(dir, 'd'));
      assert.is((await run({ src, dest: 'new/name', flat: true })).result.dest, join(dir, 'new/name'));
      assert.is((await run({ src, dest: 'd/', flat: true })).result.dest, join(dir, 'd/src'));
      try {
        await run({ src, dest: join(dir, 'd'), flat: true });
        assert.unreachable();
      } catch (error) {
        assert.match((error as Error).message, /^dest is an existing directory, use a trailing slash/);
      }
    }),
  );

  test(
    "a file that is not there, and a directory, in Ansible's words",
    bench(async ({ dir }, run) => {
      const src = join(dir, 'none');
      const msg = 'the remote file does not exist, not transferring, ignored';
      assert.equal((await run({ src, dest: 'out' })).result, { changed: false, failed: true, msg });
      const ignored = (await run({ src, dest: 'out', fail_on_missing: false })).result;
      assert.equal(ignored, { changed: false, file: src, msg });
      const directory = 'remote file is a directory, fetch cannot work on directories';
      assert.equal((await run({ src: dir, dest: 'out' })).result, { changed: false, failed: true, msg: directory });
      const passed = (await run({ src: dir, dest: 'out', fail_on_missing: 'no' })).result;
      assert.equal(passed, { changed: false, msg: `${directory}, not transferring, ignored` });
      assert.equal(await readdir(dir), []);
    }),
  );

  test(
    'what changed on its way is not put in place, unless told so',
    bench(async ({ dir }, run) => {
      const src = join(dir, 'src');
      await writeFile(src, BYTES);
      const context = { download: async () => Readable.from([Buffer.from('cut')], { objectMode: false }) };
      const { result } = await run({ src, dest: 'out' }, { context });
      assert.is(result.failed, true);
      assert.is(result.msg, 'checksum mismatch');
      assert.is(result.remote_checksum, sum('sha1'));
      assert.equal(await readdir(join(dir, 'out/lamp1', dir)), []);
      assert.is((await run({ src, dest: 'out', validate_checksum: false }, { context })).result.changed, true);
    }),
  );

  test(
    'check mode compares, also with what it would have written, and brings nothing',
    bench(async (open, run) => {
      const src = join(open.dir, 'src');
      await runStep(copy, { dest: src, content: 'predicted' }, { bench: open, check: true });
      assert.is((await run({ src, dest: 'out' }, { check: true })).result.changed, true);
      assert.equal(await readdir(open.dir), []);
    }),
  );

  test(
    'a path cannot lead out of dest',
    bench(async ({ dir }, run) => {
      await writeFile(join(dir, 'f'), 'x');
      try {
        await run({ src: '../../../../../../../../../../../../../../../etc/passwd', dest: join(dir, 'out') });
        assert.unreachable();
      } catch (error) {
        assert.match((error as Error).message, /^Detected directory traversal/);
      }
      assert.is((await stat(dir)).isDirectory(), true);
    }),
  );

  test.run();
}
