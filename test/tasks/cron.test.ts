import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import cron from '../../tasks/cron.ts';
import { SHELLS } from '../helpers/channel.ts';
import { labHost } from '../helpers/lab-host.ts';
import { runStep, withSession } from '../helpers/step.ts';

const able = await canBeLab();
type Args = Record<string, unknown>;

/** [before, arguments, after] for a file in cron.d; an undefined `after` is a file that is gone. */
const CASES: [string | undefined, Args, string | undefined][] = [
  [undefined, { name: 'a', job: 'true', minute: '0', hour: '5,2' }, '#Ansible: a\n0 5,2 * * * root true\n'],
  [
    '#Ansible: a\n0 5,2 * * * root true\n',
    { name: 'a', job: 'true', minute: 0, hour: '5,2' },
    '#Ansible: a\n0 5,2 * * * root true\n',
  ],
  [
    'A=1\n#Ansible: a\n* * * * * root x\n#Ansible: b\n* * * * * root y\n',
    { name: 'a', job: 'z' },
    'A=1\n#Ansible: a\n* * * * * root z\n#Ansible: b\n* * * * * root y\n',
  ],
  ['* * * * * root x\n', { name: 'a', job: 'x' }, '#Ansible: a\n* * * * * root x\n'],
  ['# mine', { name: 'a', job: 'x', special_time: 'daily', disabled: true }, '# mine\n#Ansible: a\n#@daily root x\n'],
  ['#Ansible: a\n* * * * * root x\n* * * * * root y\n', { name: 'a', state: 'absent' }, '* * * * * root y\n'],
  ['#Ansible: a\n* * * * * root x\n', { name: 'a', state: 'absent' }, undefined],
  ['#Ansible: b\n* * * * * root x\n', { name: 'a', state: 'absent' }, '#Ansible: b\n* * * * * root x\n'],
  ['B=2\n', { name: 'A', env: true, value: '1' }, 'A="1"\nB=2\n'],
  ['B=2\nC=3\n', { name: 'A', env: true, value: '1', insertafter: 'B' }, 'B=2\nA="1"\nC=3\n'],
  ['B=2\nC=3\n', { name: 'A', env: true, value: '1', insertbefore: 'C' }, 'B=2\nA="1"\nC=3\n'],
  ['A=0\nB=2\n', { name: 'A', env: true, value: '1' }, 'A="1"\nB=2\n'],
  ['A="1"\nB=2\n', { name: 'A', env: true, state: 'absent' }, 'B=2\n'],
];

for (const shell of SHELLS) {
  const test = suite(`cron in ${shell}`);

  test('edits a file as Ansible does', async () => {
    await withSession(
      async (bench) => {
        for (const [i, [before, args, after]] of CASES.entries()) {
          const file = join(bench.dir, `case${i}`);
          if (before !== undefined) await writeFile(file, before);
          const given = { user: 'root', cron_file: file, ...args };
          const { result } = await runStep(cron, given, { bench, diff: true });
          assert.is(result.failed, undefined, `case ${i}: ${String(result.msg)}`);
          assert.is(result.changed, before !== after, `case ${i}`);
          assert.is(await readFile(file, 'utf8').catch(() => undefined), after, `case ${i}`);
          assert.is((await runStep(cron, given, { bench })).result.changed, false, `case ${i} again`);
        }
      },
      { shell },
    );
  });

  test('says what is there, and which variable is not', async () => {
    await withSession(
      async (bench) => {
        const file = join(bench.dir, 'x');
        await writeFile(file, 'A=1\n#Ansible: a\n* * * * * root x\n');
        const { result } = await runStep(cron, { name: 'b', user: 'root', job: 'y', cron_file: file }, { bench });
        assert.equal([result.jobs, result.envs], [['a', 'b'], ['A']]);
        const env = { name: 'Z', env: true, value: 1, user: 'root', cron_file: file, insertafter: 'Q' };
        assert.is((await runStep(cron, env, { bench })).result.msg, "Variable named 'Q' not found.");
        const odd = await runStep(cron, { name: 'b', cron_file: 'a.b', state: 'absent' }, { bench });
        assert.match(String(odd.result.warnings), 'should consist solely of');
      },
      { shell },
    );
  });

  test.run();
}

const words = suite('arguments of cron');
words('what does not go together', () => {
  const ok = (args: Args) => cron.args.safeParse({ name: 'a', ...args }).success;
  assert.not.ok(ok({}));
  assert.not.ok(ok({ job: 'x', cron_file: 'y' }));
  assert.not.ok(ok({ job: 'x', special_time: 'daily', minute: 1 }));
  assert.not.ok(ok({ job: 'x', cron_file: '/etc/crontab', user: 'root' }));
  assert.not.ok(ok({ job: 'x', insertafter: 'A' }));
});
words.run();

if (able.ok) {
  const real = suite("a user's crontab");
  const on = labHost(real, 'cron1');
  real(
    'is edited, and remembered by a dry run',
    on(async ({ run, check, shell }) => {
      assert.match(String((await run(cron, { name: 'a', job: 'true' })).msg), 'crontab');
      await shell(
        '(apt-get update -q; apt-get install -y -q --no-install-recommends cron) >/dev/null 2>&1; useradd lamp',
      );
      const args = { name: 'a', job: 'echo "100%"', minute: '*/5' };
      assert.is((await check(cron, args)).changed, true);
      assert.is((await check(cron, args)).changed, false, 'remembered');
      assert.equal((await check(cron, { name: 'b', job: 'x' })).jobs, ['a', 'b']);
      assert.is(await shell('crontab -l 2>/dev/null'), '');
      const made = await run(cron, args);
      assert.is(made.changed, true, String(made.msg));
      assert.is(await shell('crontab -l'), '#Ansible: a\n*/5 * * * * echo "100%"');
      assert.is((await run(cron, args)).changed, false);
      assert.is((await run(cron, { ...args, user: 'lamp' })).changed, true);
      assert.is((await run(cron, { ...args, user: 'lamp' })).changed, false);
      assert.is(await shell('crontab -u lamp -l | tail -1'), '*/5 * * * * echo "100%"');
      assert.is((await run(cron, { name: 'a', state: 'absent' })).changed, true);
      assert.is(await shell('crontab -l'), '');
    }),
  );
  real.run();
}
