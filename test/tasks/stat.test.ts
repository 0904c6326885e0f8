import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import stat from '../../tasks/stat.ts';
import { ansibleModule, hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`stat (${shell})`);

  test('returns what Ansible does', async () => {
    if (!hasAnsible()) return;
    await withSession(
      async (bench) => {
        const at = (name: string) => join(bench.dir, name);
        await writeFile(at('text'), 'some text\n');
        await writeFile(at('empty'), '');
        await writeFile(at('binary'), Buffer.from([0, 1, 2, 255]));
        await chmod(at('text'), 0o6751);
        await mkdir(at('directory'));
        await symlink('text', at('link'));
        await symlink('nowhere', at('broken'));
        const cases: Record<string, unknown>[] = [
          ...['text', 'empty', 'binary', 'directory', 'link', 'broken', 'missing'].map((name) => ({ path: at(name) })),
          { path: at('link'), follow: true },
          { path: at('broken'), follow: true },
          { path: at('text'), get_md5: true, checksum_algorithm: 'sha256' },
          { path: at('text'), get_checksum: false, get_mime: false, get_attributes: false },
          { path: '/dev/null' },
          { path: '/dev/tty0' },
          { path: '/' },
        ];
        for (const args of cases) {
          const theirs = (await ansibleModule('stat', args)).stat as Record<string, unknown>;
          const { result } = await runStep(stat, args, { bench });
          assert.equal(steady(result.stat as Record<string, unknown>), steady(theirs), JSON.stringify(args));
        }
      },
      { shell },
    );
  });

  test('sees what check mode predicted', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'd/f');
        const check = { bench, check: true };
        await runStep(file, { path: join(bench.dir, 'd'), state: 'directory' }, check);
        await runStep(copy, { dest: path, content: 'abc', mode: '0640' }, check);
        const seen = (await runStep(stat, { path }, check)).result.stat as Record<string, unknown>;
        assert.is(seen.exists, true);
        assert.is(seen.mode, '0640');
        assert.is(seen.size, 3);
        assert.is(seen.checksum, 'a9993e364706816aba3e25717850c26c9cd0d89d');
        await runStep(file, { path: join(bench.dir, 'd'), state: 'absent' }, check);
        assert.equal((await runStep(stat, { path }, check)).result.stat, { exists: false });
        assert.equal((await runStep(stat, { path }, { bench })).result.stat, { exists: false });
      },
      { shell },
    );
  });

  test.run();
}

/** Without what reading changes, and times to the microsecond, as a double holds them. */
function steady(facts: Record<string, unknown>): Record<string, unknown> {
  const { atime, mtime, ctime, ...rest } = facts;
  assert.is(atime === undefined, mtime === undefined);
  const rounded = (time: unknown) => (typeof time === 'number' ? Math.round(time * 1000) : time);
  return { ...rest, mtime: rounded(mtime), ctime: rounded(ctime) };
}
