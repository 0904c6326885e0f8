import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import copy from '../../tasks/copy.ts';
import slurp from '../../tasks/slurp.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`slurp (${shell})`);

  test('carries every byte', async () => {
    await withSession(
      async (bench) => {
        const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256));
        const src = join(bench.dir, 'all');
        await writeFile(src, bytes);
        const { result } = await runStep(slurp, { src }, { bench });
        assert.is(result.content, bytes.toString('base64'));
        assert.is(result.encoding, 'base64');
        assert.is(result.source, src);
        assert.is(result.changed, false);
      },
      { shell },
    );
  });

  test('reads what check mode would have written', async () => {
    await withSession(
      async (bench) => {
        const src = join(bench.dir, 'f');
        await runStep(copy, { dest: src, content: 'predicted' }, { bench, check: true });
        const { result } = await runStep(slurp, { src }, { bench, check: true });
        assert.is(Buffer.from(result.content as string, 'base64').toString(), 'predicted');
      },
      { shell },
    );
  });

  test("fails in Ansible's words", async () => {
    await withSession(
      async (bench) => {
        const missing = join(bench.dir, 'missing');
        assert.is((await runStep(slurp, { src: missing }, { bench })).result.msg, `file not found: ${missing}`);
        const directory = await runStep(slurp, { src: bench.dir }, { bench });
        assert.is(directory.result.msg, `source is a directory and must be a file: ${bench.dir}`);
      },
      { shell },
    );
  });

  test.run();
}
