import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import script from '../../tasks/script.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`script in ${shell}`);
  const run = async (bench: Bench, cmd: string, args: object = {}, options: RunOptions = {}) =>
    (await runStep(script, { cmd, ...args }, { bench, ...options })).result;
  const inBench = (use: (bench: Bench) => Promise<void>) => () => withSession(use, { shell });

  test(
    'runs with its arguments, as a shell reads them',
    inBench(async (bench) => {
      await writeFile(join(bench.dir, 'say.sh'), '#!/bin/sh\nprintf "<%s>" "$@"\n');
      assert.is((await run(bench, `say.sh one "two three" 'x'y`)).stdout, '<one><two three><xy>');
    }),
  );

  test(
    'a script with a space in its name, without a first line, with an interpreter and its argument',
    inBench(async (bench) => {
      await writeFile(join(bench.dir, 'my script'), 'echo "plain $1"\n');
      assert.is((await run(bench, `"my script" 1`)).stdout, 'plain 1\n');
      await writeFile(join(bench.dir, 'b'), '#! /usr/bin/env bash\necho "${BASH_VERSION:+bash}"\n');
      assert.is((await run(bench, 'b')).stdout, 'bash\n');
      await writeFile(join(bench.dir, 'a.awk'), '#!/usr/bin/awk -f\nBEGIN { print 6 * 7 }\n');
      assert.is((await run(bench, 'a.awk')).stdout, '42\n');
      assert.is((await run(bench, 'a.awk', { executable: 'awk -f' })).stdout, '42\n');
    }),
  );

  test(
    'chdir, a failure, a big script, a binary',
    inBench(async (bench) => {
      await writeFile(join(bench.dir, 'p'), 'pwd; exit 4\n');
      const failed = await run(bench, 'p', { chdir: '/usr' });
      assert.is(failed.stdout, '/usr\n');
      assert.is(failed.rc, 4);
      assert.is(failed.failed, true);
      await writeFile(join(bench.dir, 'big'), `#!/bin/sh\n${'# padding\n'.repeat(9000)}echo "big $1"\n`);
      assert.is((await run(bench, 'big x')).stdout, 'big x\n');
      await writeFile(join(bench.dir, 'bin'), await import('node:fs/promises').then((fs) => fs.readFile('/bin/echo')));
      assert.is((await run(bench, 'bin hello')).stdout, 'hello\n');
    }),
  );

  test(
    'creates and check mode',
    inBench(async (bench) => {
      await writeFile(join(bench.dir, 'p'), 'echo ran\n');
      const there = await run(bench, 'p', { creates: '/etc/passwd' });
      assert.is(there.skipped, true);
      assert.is(there.msg, '/etc/passwd exists, matching creates option');
      const check = await run(bench, 'p', {}, { check: true });
      assert.is(check.skipped, true);
      assert.type(check.unknown, 'string');
      const would = await run(bench, 'p', { creates: '/nowhere' }, { check: true });
      assert.is(would.changed, true);
    }),
  );

  test.run();
}
