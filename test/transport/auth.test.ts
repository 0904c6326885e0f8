import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../run/transport/connect.ts';
import type { ConnectionTarget } from '../../run/transport/transport.ts';
import { addUser, canMakeUsers, makeKey, startSshd, type TestSshd, type TestUser } from '../helpers/sshd.ts';
import { failsWith } from './support.ts';

const auth = suite<{ sshd: TestSshd; agents: number[] }>('log-in');

auth.before(async (context) => {
  context.sshd = await startSshd();
  context.agents = [];
});

auth.after(async ({ sshd, agents }) => {
  for (const pid of agents) process.kill(pid);
  await sshd.stop();
});

async function startAgent(context: { sshd: TestSshd; agents: number[] }, keys: string[]): Promise<string> {
  const socket = join(context.sshd.directory, `agent${context.agents.length}`);
  const { stdout } = await execa('ssh-agent', ['-s', '-a', socket]);
  context.agents.push(Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)![1]));
  for (const key of keys) await execa('ssh-add', ['-q', key], { env: { SSH_AUTH_SOCK: socket }, stdin: 'ignore' });
  return socket;
}

function withoutKey(target: ConnectionTarget): ConnectionTarget {
  const { keyFile: _, ...rest } = target;
  return rest;
}

async function logsIn(target: ConnectionTarget): Promise<readonly string[]> {
  const connection = await connect(target);
  await connection.close();
  return connection.warnings;
}

auth('a refused key is named with its fingerprint', async ({ sshd }) => {
  const path = join(sshd.directory, 'stranger');
  await makeKey(path, 'ed25519');
  const { stdout } = await execa('ssh-keygen', ['-lf', path]);
  const error = await failsWith('AUTH', connect(sshd.target({ keyFile: path })));
  assert.match(error.message, path);
  assert.match(error.message, /SHA256:\S+/.exec(stdout)![0]);
  assert.match(error.message, 'refused');
});

auth('key files that cannot be used are each told by their reason', async ({ sshd }) => {
  const make = async (name: string, mode: number, from = sshd.keyFile) => {
    const path = join(sshd.directory, name);
    await copyFile(from, path);
    await chmod(path, mode);
    return path;
  };
  const locked = join(sshd.directory, 'locked');
  await makeKey(locked, 'ed25519', 'open sesame');
  const nonsense = join(sshd.directory, 'nonsense');
  await writeFile(nonsense, 'this is no key\n', { mode: 0o600 });
  const reasons: [keyFile: string, passphrase: string | undefined, said: RegExp][] = [
    [join(sshd.directory, 'nowhere'), undefined, /there is no such file/],
    [await make('open', 0o644), undefined, /others may read it \(mode 644\): chmod 600/],
    [locked, undefined, /encrypted and no passphrase was given/],
    [locked, 'wrong', /the passphrase is wrong/],
    [nonsense, undefined, /not a private key/],
    [await make('public', 0o600, `${sshd.keyFile}.pub`), undefined, /a public key only/],
  ];
  for (const [keyFile, keyPassphrase, said] of reasons) {
    const target = sshd.target({ keyFile, ...(keyPassphrase ? { keyPassphrase } : {}) });
    assert.match((await failsWith('AUTH', connect(target))).message, said);
  }
});

auth('a key file of each kind signs at once, and other host keys of the server are not asked for', async () => {
  const sshd = await startSshd({ config: ['LogLevel DEBUG3'] });
  try {
    const authorized = join(sshd.directory, 'authorized_keys');
    for (const kind of ['ed25519', 'rsa', 'ecdsa'] as const) {
      const path = join(sshd.directory, `key-${kind}`);
      await makeKey(path, kind);
      await writeFile(authorized, (await readFile(authorized, 'utf8')) + (await readFile(`${path}.pub`, 'utf8')));
      await logsIn(sshd.target({ keyFile: path }));
    }
    const accepted = (text: string) => text.match(/Accepted publickey/g)?.length;
    let log = await sshd.log();
    // What its processes say may come late.
    for (let i = 0; i < 100 && accepted(log) !== 3; i++) {
      await sleep(100);
      log = await sshd.log();
    }
    assert.is(accepted(log), 3);
    assert.not.match(log, /Postponed publickey|hostkeys-prove/);
  } finally {
    await sshd.stop();
  }
});

/** How many bytes of a client's stream are behind its NEWKEYS packet, or 0. RFC 4253 4.2 and 6. */
function encryptedBytes(stream: Buffer): number {
  let at = stream.indexOf('\n') + 1;
  while (at > 0 && at + 6 <= stream.length) {
    const isNewKeys = stream[at + 5] === 21;
    at += 4 + stream.readUInt32BE(at);
    if (isNewKeys) return Math.max(0, stream.length - at);
  }
  return 0;
}

auth('the log-in does not wait for its service to be granted', async ({ sshd }) => {
  const SERVICE_REQUEST_BYTES = 100; // at most: a log-in with a key is longer
  const proxy = net.createServer((client) => {
    const server = net.connect(sshd.port, '127.0.0.1');
    let sent = Buffer.alloc(0);
    const held: Buffer[] = [];
    // What the server says to the request for the service goes no further before the log-in has come.
    const isHeld = () => {
      const bytes = encryptedBytes(sent);
      return bytes > 0 && bytes < SERVICE_REQUEST_BYTES;
    };
    client.on('data', (chunk: Buffer) => {
      sent = Buffer.concat([sent, chunk]);
      server.write(chunk);
      if (!isHeld()) for (const each of held.splice(0)) client.write(each);
    });
    server.on('data', (chunk: Buffer) => {
      if (isHeld()) held.push(chunk);
      else client.write(chunk);
    });
    client.on('close', () => server.destroy()).on('error', () => undefined);
    server.on('close', () => client.destroy()).on('error', () => undefined);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  try {
    const { port } = proxy.address() as AddressInfo;
    await logsIn({ ...sshd.target({}), port });
  } finally {
    proxy.close();
  }
});

auth('an unusable key is passed over and warned of', async ({ sshd }) => {
  const warnings = await logsIn(
    sshd.target({ keyFile: join(sshd.directory, 'nowhere'), identityFiles: [sshd.keyFile] }),
  );
  assert.match(warnings.join(), /nowhere: there is no such file/);
});

auth('encrypted keys of both formats and RSA in PKCS#8 open with their passphrase', async ({ sshd }) => {
  const authorized = join(sshd.directory, 'authorized_keys');
  for (const [kind, format] of [
    ['ed25519', 'OPENSSH'],
    ['rsa', 'PEM'],
    ['rsa', 'PKCS8'],
    ['ecdsa', 'PKCS8'],
  ] as const) {
    const path = join(sshd.directory, `key-${kind}-${format}`);
    await makeKey(path, kind, 'open sesame');
    if (format !== 'OPENSSH')
      await execa('ssh-keygen', ['-p', '-m', format, '-P', 'open sesame', '-N', 'open sesame', '-f', path]);
    await writeFile(authorized, (await readFile(authorized, 'utf8')) + (await readFile(`${path}.pub`, 'utf8')));
    await logsIn(sshd.target({ keyFile: path, keyPassphrase: 'open sesame' }));
    await failsWith('AUTH', connect(sshd.target({ keyFile: path, keyPassphrase: 'open barley' })));
  }
});

auth('the agent is used, and a key of a file that it holds first', async (context) => {
  const { sshd } = context;
  const strangers = await Promise.all(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(async (name) => {
      const path = join(sshd.directory, `stranger-${name}`);
      await makeKey(path, 'ed25519');
      return path;
    }),
  );
  const agentSocket = await startAgent(context, [sshd.keyFile]);
  await logsIn(withoutKey(sshd.target({ agentSocket })));

  // MaxAuthTries is 6: behind seven strangers the right key is only reached when it comes first.
  const crowded = await startAgent(context, [...strangers, sshd.keyFile]);
  const error = await failsWith('AUTH', connect(withoutKey(sshd.target({ agentSocket: crowded }))));
  assert.match(error.hint!, 'IdentitiesOnly');
  await logsIn(sshd.target({ agentSocket: crowded }));

  // A key that only the agent can open, and IdentitiesOnly without it.
  const only = { agentSocket: crowded, identitiesOnly: true };
  await logsIn(sshd.target(only));
  const refused = await failsWith('AUTH', connect(sshd.target({ ...only, keyFile: strangers[0]! })));
  assert.not.match(refused.message, 'too many');
});

auth('an agent that is not there is no obstacle', async ({ sshd }) => {
  await logsIn(sshd.target({ agentSocket: join(sshd.directory, 'no-agent') }));
});

auth('nothing to try says so', async ({ sshd }) => {
  const error = await failsWith('AUTH', connect(withoutKey(sshd.target())));
  assert.match(error.message, 'nothing to try');
  assert.match(error.message, 'publickey');
});

const password = suite<{ sshd: TestSshd; pam: TestSshd; both: TestSshd; user: TestUser }>('log-in by password');

password.before(async (context) => {
  context.sshd = await startSshd({ config: ['KbdInteractiveAuthentication no'] });
  context.pam = await startSshd({
    config: ['UsePAM yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
  });
  context.both = await startSshd({ config: ['AuthenticationMethods publickey,password'] });
  context.user = await addUser({ password: 'op en$sesame' });
});

password.after(async ({ sshd, pam, both, user }) => {
  await Promise.all([sshd.stop(), pam.stop(), both.stop()]);
  await user.remove();
});

for (const transport of ['ssh', 'openssh'] as const) {
  password(`${transport}: by the method password and by keyboard-interactive`, async ({ sshd, pam, user }) => {
    for (const server of [sshd, pam]) {
      const target = withoutKey(server.target({ transport, user: user.name, password: 'op en$sesame' }));
      await logsIn(target);
      const error = await failsWith('AUTH', connect({ ...target, password: 'wrong' }));
      assert.not.match(error.message, 'wrong');
      assert.not.match(error.message, 'sesame');
    }
  });

  password(`${transport}: a key and then a password where the server wants both`, async ({ both, user }) => {
    await logsIn(both.target({ transport, user: user.name, password: 'op en$sesame' }));
    await failsWith('AUTH', connect(both.target({ transport, user: user.name })));
  });
}

password('the same wrong password is sent once, not by each method', async ({ user }) => {
  const server = await startSshd({ config: ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'LogLevel VERBOSE'] });
  try {
    await failsWith('AUTH', connect(withoutKey(server.target({ user: user.name, password: 'wrong' }))));
    const failures = (await server.log()).match(/Failed (password|keyboard-interactive\/pam) for/g) ?? [];
    assert.equal(failures, ['Failed keyboard-interactive/pam for']);
  } finally {
    await server.stop();
  }
});

auth.run();
if (canMakeUsers()) password.run();
