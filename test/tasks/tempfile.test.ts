import { lstat, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import copy from '../../tasks/copy.ts';
import tempfile from '../../tasks/tempfile.ts';
import { ansibleModuleRuns, hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`tempfile (${shell})`);

  test('makes a file or directory of its own, for its owner alone', async () => {
    await withSession(
      async (bench) => {
        const file = await runStep(tempfile, { path: bench.dir, suffix: '.x y' }, { bench });
        const path = file.result.path as string;
        assert.is(file.result.changed, true);
        assert.match(basename(path), /^ansible\.[a-z0-9_]{8}\.x y$/);
        assert.is((await stat(path)).mode & 0o7777, 0o600);
        assert.is(file.result.state, 'file');
        const args = { state: 'directory', path: `${bench.dir}/`, prefix: "it's" };
        const directory = await runStep(tempfile, args, { bench });
        assert.is((await stat(directory.result.path as string)).mode & 0o7777, 0o700);
        assert.equal((await readdir(bench.dir)).sort(), [basename(path), basename(directory.result.path as string)]);
        assert.is(directory.result.mode, '0700');
      },
      { shell },
    );
  });

  test('takes the directory that the environment names', async () => {
    await withSession(
      async (bench) => {
        const { result } = await runStep(tempfile, {}, { bench, environment: { TMPDIR: bench.dir } });
        assert.ok((result.path as string).startsWith(`${bench.dir}/ansible.`));
        const other = await runStep(tempfile, {}, { bench, check: true, environment: { TMPDIR: '/nowhere' } });
        assert.match(other.result.path as string, /^\/(var\/)?tmp\/ansible\./);
      },
      { shell },
    );
  });

  test('check mode makes nothing, and what is put there is predicted', async () => {
    await withSession(
      async (bench) => {
        const check = { bench, check: true };
        const { result } = await runStep(tempfile, { state: 'directory', path: bench.dir }, check);
        assert.is(result.changed, true);
        const dest = `${result.path as string}/f`;
        assert.is((await runStep(copy, { dest, content: 'x' }, check)).result.changed, true);
        assert.equal(await readdir(bench.dir), []);
      },
      { shell },
    );
  });

  test('fails where there is no directory', async () => {
    await withSession(
      async (bench) => {
        await writeFile(join(bench.dir, 'f'), '');
        const missing = await runStep(tempfile, { path: join(bench.dir, 'no') }, { bench });
        assert.match(missing.result.msg as string, /^\[Errno 2\] No such file or directory: '.*\/no\/ansible\./);
        const file = await runStep(tempfile, { path: join(bench.dir, 'f') }, { bench });
        assert.match(file.result.msg as string, /^\[Errno 20\] Not a directory: '.*\/f\/ansible\./);
      },
      { shell },
    );
  });

  if (shell === 'dash')
    test("returns what Ansible's module returns", async () => {
      if (!hasAnsible()) return;
      await withSession(async (bench) => {
        for (const state of ['file', 'directory']) {
          const [theirs] = await ansibleModuleRuns('tempfile', [{ args: { path: bench.dir, state } }]);
          const { invocation: _, path, ...facts } = theirs!;
          const { result } = await runStep(tempfile, { path: bench.dir, state }, { bench });
          const { path: ours, ...own } = result;
          assert.equal({ size: 0, ...own }, { ...facts, size: own.size ?? 0 });
          assert.is((await lstat(ours as string)).mode, (await lstat(path as string)).mode);
        }
      });
    });

  test.run();
}
