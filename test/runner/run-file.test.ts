import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runFile } from './run-file.ts';

const runner = suite('test runner');

const run = (name: string) => runFile(`test/fixtures/runner/${name}.ts`, 4_000, 500);

runner('counts what passed and was skipped', async () => {
  const { passed, failed, skipped, complaint } = await run('passes');
  assert.equal([passed, failed, skipped, complaint], [2, 0, 1, undefined]);
});

runner('counts what failed and keeps what it printed', async () => {
  const { passed, failed, complaint, output } = await run('fails');
  assert.equal([passed, failed, complaint], [1, 1, undefined]);
  assert.match(output, '"two"');
});

runner('a test whose before throws has failed', async () => {
  const { passed, failed } = await run('throws-before');
  assert.equal([passed, failed], [0, 1]);
});

for (const [name, complaint] of [
  ['forgets', /makes 2 suites and runs 1/],
  ['empty', /has no test/],
  ['ends-early', /ended \(status \d+\) before its tests had run/],
  ['left-open', /left something open/],
  ['only', /test\.only/],
] as const)
  runner(`complains about a file that ${name}`, async () => {
    assert.match((await run(name)).complaint ?? '', complaint);
  });

runner('a file that hangs is stopped with all that it started', async () => {
  const { complaint, output } = await run('hangs');
  assert.match(complaint ?? '', 'hung: stopped after 4 s');
  const pid = /child (\d+)/.exec(output)?.[1];
  assert.ok(pid);
  assert.not.ok(existsSync(`/proc/${pid}/cwd`));
});

runner.run();
