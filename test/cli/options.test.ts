import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../run/cli/arguments.ts';
import { runOptions } from '../../run/cli/options.ts';
import { readConfig } from '../../run/config.ts';
import type { LamplighterError } from '../../run/errors.ts';
import type { RunOptions } from '../../run/options.ts';
import { fakeIo } from './fake-io.ts';

interface Context {
  cwd: string;
  secrets: string[];
}

const options = suite<Context>('options');

options.before.each((context) => {
  context.cwd = mkdtempSync(join(tmpdir(), 'lamplighter-options-'));
  context.secrets = [];
});
options.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

async function optionsOf({ cwd, secrets }: Context, line: string, typed: string[] = []): Promise<RunOptions> {
  const { io, stdin, stderr } = fakeIo({ cwd, isTTY: typed.length > 0 });
  // Whoever types waits for the question.
  const answers = typed.values();
  stderr.on('data', (text: Buffer) => {
    if (text.toString().endsWith(': ')) stdin.write(answers.next().value);
  });
  const args = parseArguments(line.split(' '), { out: () => {}, err: assert.unreachable });
  if ('exitCode' in args) throw new Error('usage');
  const config = readConfig({ cwd, env: { HOME: cwd } });
  return runOptions(args, { io, config, secret: (text) => secrets.push(text), ask: async () => undefined });
}

async function codeOf(context: Context, line: string): Promise<string> {
  try {
    await optionsOf(context, line);
  } catch (error) {
    return (error as LamplighterError).code;
  }
  return 'no error';
}

options('without options a run has its defaults', async (context) => {
  const { playbooks, forks, check, tags, limit, become, verbosity } = await optionsOf(context, 'site.yaml');
  assert.equal(
    { playbooks, forks, check, tags, limit, become, verbosity },
    {
      playbooks: ['site.yaml'],
      forks: 100,
      check: false,
      tags: [],
      limit: undefined,
      become: { enabled: false },
      verbosity: 0,
    },
  );
});

options('inventory.yaml is taken where no other is named', async (context) => {
  assert.equal((await optionsOf(context, 'a.yml')).inventory, []);
  writeFileSync(join(context.cwd, 'inventory.yaml'), '');
  assert.equal((await optionsOf(context, 'a.yml')).inventory, ['inventory.yaml']);
  assert.equal((await optionsOf(context, 'a.yml -i other -i x,')).inventory, ['other', 'x,']);
});

options('--limit @FILE reads patterns', async (context) => {
  const file = join(context.cwd, 'retry');
  writeFileSync(file, 'lamp01\n# a comment\n\nlamp02\n');
  assert.is((await optionsOf(context, `a.yml -l @${file}`)).limit, 'lamp01,lamp02');
  assert.is(await codeOf(context, 'a.yml -l @nowhere'), 'FILE_NOT_FOUND');
});

options('passwords come from files and are secrets from then on', async (context) => {
  const file = join(context.cwd, 'password');
  writeFileSync(file, 'open sesame\n');
  const { passwords } = await optionsOf(
    context,
    `a.yml --connection-password-file ${file} --become-password-file ${file}`,
  );
  assert.equal(passwords, { ssh: 'open sesame', become: 'open sesame' });
  assert.equal(context.secrets, ['open sesame', 'open sesame']);
});

options('passwords are asked for; an empty become password is the login one', async (context) => {
  const { passwords } = await optionsOf(context, 'a.yml -k -K', ['first\r', '\r']);
  assert.equal(passwords, { ssh: 'first', become: 'first' });
});

options('a password file must be there and hold something', async (context) => {
  const file = join(context.cwd, 'empty');
  writeFileSync(file, '\n');
  assert.is(await codeOf(context, `a.yml --become-password-file ${file}`), 'USAGE');
  assert.is(await codeOf(context, 'a.yml --become-password-file nowhere'), 'FILE_UNREADABLE');
  assert.is(await codeOf(context, 'a.yml -k'), 'USAGE');
});

options('vault passwords are read by identity', async (context) => {
  const file = join(context.cwd, 'vault');
  writeFileSync(file, 'v\n');
  const { vault } = await optionsOf(context, `a.yml --vault-id street@${file} --vault-password-file ${file}`);
  assert.equal(vault.ids, ['street', 'default']);
  assert.is(await codeOf(context, 'a.yml --vault-password-file nowhere'), 'VAULT');
});

options('ansible.cfg stands below the arguments', async (context) => {
  writeFileSync(
    join(context.cwd, 'ansible.cfg'),
    `[defaults]
inventory = hosts
forks = 7
remote_user = ada
roles_path = more
gathering = explicit
any_errors_fatal = true
[privilege_escalation]
become = true
become_user = bob
[diff]
always = true
[tags]
run = a,b
[ssh_connection]
ssh_args = -o Compression=yes
`,
  );
  const configured = await optionsOf(context, 'a.yml --ssh-extra-args -4');
  assert.equal(configured.inventory, [join(context.cwd, 'hosts')]);
  assert.equal(configured.rolesPath, [join(context.cwd, 'more')]);
  assert.equal(configured.become, { enabled: true, user: 'bob' });
  assert.equal(configured.tags, ['a', 'b']);
  assert.equal(configured.defaults, { gathering: 'explicit', anyErrorsFatal: true });
  assert.equal(
    [configured.forks, configured.remoteUser, configured.diff, configured.sshExtraArgs],
    [7, 'ada', true, '-o Compression=yes -4'],
  );
  const given = await optionsOf(context, 'a.yml -i x, -f 9 -u eve --become-user root -t c');
  assert.equal(
    [given.inventory, given.forks, given.remoteUser, given.become.user, given.tags],
    [['x,'], 9, 'eve', 'root', ['c']],
  );
});

options('--exit-drift wants --check', async (context) => {
  assert.is(await codeOf(context, 'a.yml --exit-drift'), 'USAGE');
  assert.is((await optionsOf(context, 'a.yml --exit-drift -C')).exitDrift, true);
});

options('more than four v are four', async (context) => {
  assert.is((await optionsOf(context, 'a.yml -vvvvvv')).verbosity, 4);
});

options.run();
