import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openShellChannel } from '../../run/transport/become.ts';
import { connect } from '../../run/transport/connect.ts';
import type { Become, Connection } from '../../run/transport/transport.ts';
import { startRelay } from '../helpers/relay.ts';
import { addUser, canMakeUsers, startSshd, type TestSshd, type TestUser } from '../helpers/sshd.ts';
import { converse, failsWith, within } from './support.ts';

const PASSWORD = "it's $ecret";
const LOG = `/tmp/lamplighter-sudo-${process.pid}.log`;

interface Context {
  sshd: TestSshd;
  users: Record<string, TestUser>;
  open: Connection[];
}

const become = suite<Context>('become');

become.before(async (context) => {
  context.sshd = await startSshd({ config: ['SetEnv LAMP=on'] }); // bash reads ~/.bashrc here
  context.open = [];
  const logged = `Defaults:USER logfile=${LOG}`;
  context.users = {
    free: await addUser({ password: PASSWORD, sudoers: ['USER ALL=(ALL) NOPASSWD: ALL'] }),
    asked: await addUser({
      password: PASSWORD,
      sudoers: [logged, 'Defaults:USER timestamp_timeout=0', 'USER ALL=(ALL) ALL'],
    }),
    stranger: await addUser({ password: PASSWORD }),
    tty: await addUser({ sudoers: ['Defaults:USER requiretty', 'USER ALL=(ALL) NOPASSWD: ALL'] }),
    fish: await addUser({ shell: '/usr/bin/fish', password: PASSWORD, sudoers: ['USER ALL=(ALL) ALL'] }),
    csh: await addUser({ shell: '/bin/tcsh', password: PASSWORD, sudoers: ['USER ALL=(ALL) ALL'] }),
    bash: await addUser({ shell: '/bin/bash', password: PASSWORD, sudoers: ['USER ALL=(ALL) ALL'] }),
  };
});

become.after(async ({ sshd, users, open }) => {
  await Promise.all(open.map((connection) => connection.close()));
  await sshd.stop();
  for (const user of Object.values(users)) await user.remove();
  await rm(LOG, { force: true });
});

async function shell(context: Context, login: string, how: Partial<Become>) {
  const user = context.users[login]?.name ?? login;
  const connection = await connect(context.sshd.target({ user }));
  context.open.push(connection);
  return openShellChannel(connection, { user: 'root', method: 'sudo', ...how });
}

become('without a become user it is the login user', async (context) => {
  const connection = await connect(context.sshd.target({ user: context.users.free!.name }));
  context.open.push(connection);
  const { stdout } = await converse(await openShellChannel(connection, undefined), 'id -un\n');
  assert.is(stdout, `${context.users.free!.name}\n`);
  const command = await openShellChannel(connection, undefined, { command: 'cat; echo "$0" >&2' });
  assert.equal(await converse(command, 'data'), { stdout: 'data', stderr: 'sh\n', status: 0 });
});

become('NOPASSWD: a root shell with its home, its status and its streams', async (context) => {
  const channel = await shell(context, 'free', {});
  const result = await converse(channel, 'id -un; echo "$HOME"; echo err >&2; exit 5\n');
  assert.equal(result, { stdout: 'root\n/root\n', stderr: 'err\n', status: 5 });
  await channel.ready;
});

become('NOPASSWD with a password given: it is never sent', async (context) => {
  const connection = await connect(context.sshd.target({ user: context.users.free!.name }));
  context.open.push(connection);
  const root: Become = { user: 'root', method: 'sudo', password: PASSWORD };
  const result = await converse(await openShellChannel(connection, root, { command: 'id -un; cat' }), 'data\n');
  assert.equal(result, { stdout: 'root\ndata\n', stderr: '', status: 0 });
});

become('a user other than root', async (context) => {
  const channel = await shell(context, 'free', { user: context.users.stranger!.name });
  assert.is((await converse(channel, 'id -un\n')).stdout, `${context.users.stranger!.name}\n`);
});

for (const login of ['asked', 'fish', 'csh', 'bash']) {
  become(`the right password, log-in shell of "${login}"`, async (context) => {
    const channel = await shell(context, login, { password: PASSWORD });
    const result = await converse(channel, 'id -un; exit 5\n');
    assert.equal(result, { stdout: 'root\n', stderr: '', status: 5 });
  });
}

become('input written before the password is known to be wanted arrives once and whole', async (context) => {
  const channel = await shell(context, 'asked', { password: PASSWORD });
  const big = `: ${'x'.repeat(99)}\n`.repeat(9000);
  const { stdout, stderr } = await converse(channel, `n=0\n${big}n=$((n + 1)); echo $n\n`);
  assert.is(stdout, '1\n');
  assert.is(stderr, '');
});

become('the second shell of a connection asks for the password at once', async (context) => {
  const connection = await connect(context.sshd.target({ user: context.users.asked!.name }));
  context.open.push(connection);
  const commands: string[] = [];
  const exec = connection.exec.bind(connection);
  connection.exec = (command) => {
    commands.push(command);
    return exec(command);
  };
  for (let i = 0; i < 2; i++) {
    const channel = await openShellChannel(connection, { user: 'root', method: 'sudo', password: PASSWORD });
    assert.is((await converse(channel, 'id -u\n')).stdout, '0\n');
  }
  assert.equal(
    commands.map((command) => / -n | -S /.exec(command)![0].trim()),
    ['-n', '-S', '-S'],
  );
});

become('a wrong password is one attempt, and no line of the script another', async (context) => {
  await writeFile(LOG, '');
  const channel = await shell(context, 'asked', { password: 'wrong' });
  channel.stdin.write('echo script line one\n'.repeat(50));
  const error = await failsWith('BECOME', within(15000, channel.ready));
  assert.match(error.message, 'the password is wrong');
  assert.not.match(error.message, PASSWORD);
  assert.is.not(await channel.done, 0);
  await sleep(300);
  const attempts = [...(await readFile(LOG, 'utf8')).matchAll(/(\d+) incorrect password attempt/g)];
  assert.equal(
    attempts.map((match) => match[1]),
    ['1'],
  );
});

become('failures say what is wrong', async (context) => {
  const cases: [login: string, how: Partial<Become>, said: RegExp][] = [
    ['asked', {}, /wants a password/],
    ['stranger', {}, /wants a password|not allowed/],
    ['stranger', { password: PASSWORD }, /not allowed/],
    ['tty', {}, /wants a terminal/],
    ['free', { exe: '/nowhere/sudo' }, /\/nowhere\/sudo is not installed/],
    ['free', { user: 'nobody-by-that-name' }, /no such user/],
    ['csh', { exe: '/nowhere/sudo' }, /is not installed/],
    ['fish', { exe: '/nowhere/sudo' }, /is not installed/],
  ];
  for (const [login, how, said] of cases) {
    const channel = await shell(context, login, how);
    channel.stdin.write('echo never\n');
    const failed = new Promise((resolve) => channel.stdout.once('error', resolve));
    const error = await failsWith('BECOME', within(15000, channel.ready));
    assert.match(error.message, said);
    assert.is.not(await channel.done, 0);
    assert.is(await within(1000, failed), error, 'who listens for errors of stdout hears it there');
  }
});

become('who reads stdout without listening for errors sees its end', async (context) => {
  const channel = await shell(context, 'asked', {});
  const { stdout, stderr, status } = await within(10000, converse(channel, 'echo never\n'));
  assert.is(stdout, '');
  assert.match(stderr, 'password');
  assert.is(status, 1);
});

become('su: from root, with the password, with a wrong one, without', async (context) => {
  const { stranger, bash } = context.users;
  const su = { method: 'su' as const, user: stranger!.name };
  assert.is((await converse(await shell(context, 'root', su), 'id -un\n')).stdout, `${stranger!.name}\n`);
  assert.is((await converse(await shell(context, 'root', { ...su, user: 'nobody' }), 'id -un\n')).stdout, 'nobody\n');
  const channel = await shell(context, bash!.name, { ...su, password: PASSWORD });
  assert.equal(await converse(channel, 'id -un; exit 5\n'), { stdout: `${su.user}\n`, stderr: '', status: 5 });
  const wrong = await shell(context, bash!.name, { ...su, password: 'wrong' });
  wrong.stdin.write('echo never\n');
  assert.match((await failsWith('BECOME', within(15000, wrong.ready))).message, /password/);
  const none = await shell(context, bash!.name, su);
  assert.match((await failsWith('BECOME', within(15000, none.ready))).message, 'wants a password');
});

become('doas with a password is refused by name', async (context) => {
  const error = await failsWith('BECOME', shell(context, 'free', { method: 'doas', password: PASSWORD }));
  assert.match(error.message, 'doas');
});

become('flags and exe as configured, without those that decide about the password', async (context) => {
  const channel = await shell(context, 'free', { exe: '/usr/bin/sudo', flags: '-H -S -n -E' });
  assert.is((await converse(channel, 'id -un\n')).stdout, 'root\n');
  const environment = await shell(context, 'free', { flags: '-n LAMP=lit' });
  assert.is((await converse(environment, 'echo $LAMP\n')).stdout, 'lit\n');
});

become('a command in place of a shell gets its input whole', async (context) => {
  const connection = await connect(context.sshd.target({ user: context.users.asked!.name }));
  context.open.push(connection);
  const options = { command: "cat | tr a-z A-Z; echo 'it''s over'" };
  const root: Become = { user: 'root', method: 'sudo', password: PASSWORD };
  const channel = await openShellChannel(connection, root, options);
  assert.equal(await converse(channel, 'data\n'.repeat(100_000)), {
    stdout: `${'DATA\n'.repeat(100_000)}its over\n`,
    stderr: '',
    status: 0,
  });
});

become('a slow reader gets all output', async (context) => {
  const channel = await shell(context, 'free', {});
  channel.stdin.end('head -c 5000000 /dev/zero\n');
  let size = 0;
  for await (const chunk of channel.stdout) {
    size += (chunk as Buffer).length;
    if (size < 600_000) await sleep(5);
  }
  assert.is(size, 5000000);
  assert.is(await channel.done, 0);
});

become('costs no round trip more than the login shell', async (context) => {
  const relay = await startRelay({ port: context.sshd.port, delayMs: 100 });
  const target = context.sshd.target({ user: context.users.free!.name, port: relay.port });
  const connection = await connect(target);
  context.open.push(connection);
  const time = async (how: Become | undefined) => {
    const start = performance.now();
    const channel = await openShellChannel(connection, how);
    channel.stdin.write('echo hello\n');
    await new Promise((resolve) => channel.stdout.once('data', resolve));
    channel.close();
    return performance.now() - start;
  };
  const login = await time(undefined);
  const root = await time({ user: 'root', method: 'sudo', password: PASSWORD });
  assert.ok(login > 550, `three round trips of 200 ms: ${login}`);
  assert.ok(root - login < 180, `login ${login} ms, sudo ${root} ms`);
  await connection.close();
  await relay.stop();
});

become('a lost connection and an abort end a channel that is still waiting', async (context) => {
  const relay = await startRelay({ port: context.sshd.port });
  const connection = await connect(context.sshd.target({ user: context.users.asked!.name, port: relay.port }));
  relay.freeze();
  const opening = openShellChannel(connection, { user: 'root', method: 'sudo', password: PASSWORD });
  relay.cut();
  await failsWith('CONNECTION_LOST', within(3000, opening));
  relay.thaw();
  const second = await connect(context.sshd.target({ user: context.users.asked!.name, port: relay.port }));
  context.open.push(second);
  const abort = new AbortController();
  const channel = await openShellChannel(
    second,
    { user: 'root', method: 'sudo', password: 'wrong' },
    { signal: abort.signal },
  );
  abort.abort();
  assert.is(await within(1000, channel.done), 255);
  await failsWith('BECOME', channel.ready);
  await relay.stop();
});

become(
  'a profile that writes is passed on before the program, one that reads does not swallow the password',
  async (context) => {
    const { bash } = context.users;
    await writeFile(`/home/${bash!.name}/.bashrc`, 'echo noise\n');
    const channel = await shell(context, 'bash', { password: PASSWORD });
    const { stdout } = await converse(channel, 'id -un\n');
    assert.is(stdout, 'noise\nroot\n');
  },
);

if (canMakeUsers() && existsSync('/usr/bin/sudo')) become.run();
