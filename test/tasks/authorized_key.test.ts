import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import authorizedKey from '../../tasks/authorized_key.ts';
import user from '../../tasks/user.ts';
import { SHELLS } from '../helpers/channel.ts';
import { serve } from '../helpers/http-server.ts';
import { type Bench, runStep, withSession } from '../helpers/step.ts';

const A = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA anna@lamp';
const B = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ bert with blanks';
const C = 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY carl';
const ME = userInfo().username;

/** [before, arguments, changed, after]: what ansible.posix 1.5 makes of it. */
const CASES: [string | undefined, Record<string, unknown>, boolean, string][] = [
  [undefined, { key: A }, true, `${A}\n`],
  [`${A}\n`, { key: A }, false, `${A}\n`],
  [`${A}\n`, { key: `${B}\n# note\n\n${C}\n` }, true, `${A}\n${B}\n${C}\n`],
  [`${A}\n${B}\n`, { key: A, state: 'absent' }, true, `${B}\n`],
  [`${B}\n`, { key: A, state: 'absent' }, false, `${B}\n`],
  [`# mine\n${A}\n${B}\n`, { key: `${C}\n${B}`, exclusive: true }, true, `${B}\n${C}\n`],
  [`${B}\n`, { key: B, exclusive: true }, false, `${B}\n`],
  [`${A}\n`, { key: A, comment: 'new one' }, true, `${A.replace('anna@lamp', 'new one')}\n`],
  [
    `${A}\n${B}\n`,
    { key: A, key_options: 'no-pty,from="10.0.0.1,10.0.0.2"' },
    true,
    `${B}\nno-pty,from="10.0.0.1,10.0.0.2" ${A}\n`,
  ],
  [
    `from="10.0.0.1,10.0.0.2",no-pty ${A}\n`,
    { key: A, key_options: 'no-pty,from="10.0.0.1,10.0.0.2"' },
    false,
    `from="10.0.0.1,10.0.0.2",no-pty ${A}\n`,
  ],
  [`command="echo \\"hi, you\\"" ${A}\n`, { key: A }, true, `${A}\n`],
  [`command="/bin/a b" ${A}\n`, { key: `command="/bin/a b" ${A}` }, false, `command="/bin/a b" ${A}\n`],
  [`# a comment\n\n${A}`, { key: B }, true, `# a comment\n\n${A}\n${B}\n`],
  [`odd line\n  ${A}   \n`, { key: B }, true, `odd line\n${A}\n${B}\n`],
];

for (const shell of SHELLS) {
  const test = suite(`authorized_key in ${shell}`);
  const inBench = (use: (bench: Bench, file: string) => Promise<void>) => () =>
    withSession((bench) => use(bench, join(bench.dir, 'keys')), { shell });

  test('keys come and go as with Ansible', async () => {
    await withSession(
      async (bench) => {
        for (const [i, [before, args, changed, after]] of CASES.entries()) {
          const file = join(bench.dir, `case${i}`);
          if (before !== undefined) await writeFile(file, before);
          const given = { user: ME, path: file, manage_dir: false, ...args };
          const dry = await runStep(authorizedKey, given, { bench, check: true, diff: true });
          assert.is(dry.result.changed, changed, `dry run of case ${i}`);
          const { result } = await runStep(authorizedKey, given, { bench, diff: true });
          assert.is(result.changed, changed, `case ${i}: ${String(result.msg)}`);
          assert.is(await readFile(file, 'utf8'), after, `case ${i}`);
          if (changed) assert.equal(result.diff, dry.result.diff, `diff of case ${i}`);
          const again = await runStep(authorizedKey, given, { bench });
          assert.is(again.result.changed, false, `case ${i} again`);
        }
      },
      { shell },
    );
  });

  test(
    'looks after the directory and the modes',
    inBench(async (bench) => {
      const file = join(bench.dir, 'ssh', 'keys');
      const made = await runStep(authorizedKey, { user: ME, path: file, key: A }, { bench });
      assert.is(made.result.changed, true, String(made.result.msg));
      assert.is((await stat(join(bench.dir, 'ssh'))).mode & 0o777, 0o700);
      assert.is((await stat(file)).mode & 0o777, 0o600);
      await chmod(file, 0o644);
      await runStep(authorizedKey, { user: ME, path: file, key: B }, { bench });
      assert.is((await stat(file)).mode & 0o777, 0o600);
      const open = join(bench.dir, 'open');
      await mkdir(open);
      await chmod(open, 0o755);
      await runStep(authorizedKey, { user: ME, path: join(open, 'keys'), key: A, manage_dir: false }, { bench });
      assert.is((await stat(open)).mode & 0o777, 0o755);
    }),
  );

  test(
    'a user who is not there, and one whom a dry run would make',
    inBench(async (bench) => {
      const missing = await runStep(authorizedKey, { user: 'nosuch', key: A }, { bench });
      assert.match(String(missing.result.msg), 'Failed to lookup user nosuch');
      await runStep(user, { name: 'drylamp' }, { bench, check: true });
      const would = await runStep(authorizedKey, { user: 'drylamp', key: A }, { bench, check: true });
      assert.is(would.result.changed, true, String(would.result.msg));
      assert.is(would.result.keyfile, '/home/drylamp/.ssh/authorized_keys');
      const again = await runStep(authorizedKey, { user: 'drylamp', key: A }, { bench, check: true });
      assert.is(again.result.changed, false);
    }),
  );

  test(
    'what is no key is refused; a URL is asked',
    inBench(async (bench, file) => {
      try {
        await runStep(authorizedKey, { user: ME, path: file, key: 'not a key' }, { bench });
        assert.unreachable();
      } catch (error) {
        assert.is((error as Error).message, 'invalid key specified: not a key');
      }
      const server = await serve((_, response) => response.end(`${A}\n`));
      const args = { user: ME, path: file, key: `${server.url}/anna.keys`, manage_dir: false };
      assert.is((await runStep(authorizedKey, args, { bench })).result.changed, true);
      await server.close();
      assert.is(await readFile(file, 'utf8'), `${A}\n`);
    }),
  );

  test.run();
}
