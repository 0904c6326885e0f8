import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { connect } from '../../run/transport/connect.ts';
import type { ConnectionTarget } from '../../run/transport/transport.ts';
import { makeKey, startSshd, type TestSshd } from '../helpers/sshd.ts';
import { failsWith } from './support.ts';

const hostkey = suite<{ sshd: TestSshd; other: string }>('host keys');

hostkey.before(async (context) => {
  context.sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'] });
  await makeKey(join(context.sshd.directory, 'other'), 'ed25519');
  context.other = (await readFile(join(context.sshd.directory, 'other.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
});

hostkey.after(async ({ sshd }) => {
  await sshd.stop();
});

/** What OpenSSH does with the same known_hosts: whether it logs in, and the file afterwards. */
async function byOpenssh(sshd: TestSshd, mode: string, file: string): Promise<[boolean, string]> {
  const options = [`StrictHostKeyChecking=${mode}`, `UserKnownHostsFile=${file}`, 'GlobalKnownHostsFile=none'];
  const words = [...options, `IdentityFile=${sshd.keyFile}`, 'BatchMode=yes', 'UpdateHostKeys=no'];
  const { exitCode } = await execa(
    'ssh',
    ['-F', 'none', ...words.flatMap((word) => ['-o', word]), '-p', String(sshd.port), '127.0.0.1', 'true'],
    { reject: false, stdin: 'ignore' },
  );
  return [exitCode === 0, await readFile(file, 'utf8')];
}

async function byUs(target: ConnectionTarget): Promise<[boolean, string]> {
  let accepted = true;
  try {
    await (await connect(target)).close();
  } catch (error) {
    if (!(error instanceof LamplighterError)) throw error;
    assert.is(error.code, 'HOST_KEY', error.message);
    accepted = false;
  }
  return [accepted, await readFile(target.knownHosts[0]!, 'utf8')];
}

hostkey('accepts, refuses and writes as OpenSSH does', async ({ sshd, other }) => {
  const name = `[127.0.0.1]:${sshd.port}`;
  const [ed, ec] = [await sshd.hostKey('ed25519'), await sshd.hostKey('ecdsa')];
  const cases: Record<string, string> = {
    'nothing known': '',
    'the key known': `${name} ${ed}\n`,
    'only the second key known': `${name} ${ec}\n`,
    'another key known': `${name} ${other}\n`,
    'another and the right one known': `${name} ${other}\n${name} ${ed}\n`,
    'known without the port': `127.0.0.1 ${ed}\n`,
    'another known without the port': `127.0.0.1 ${other}\n`,
    'known by a pattern': `[127.0.0.*]:* ${ed}\n`,
    revoked: `@revoked * ${ed}\n`,
    'known for somebody else': `somebody ${other}\n`,
  };
  let refused = 0;
  for (const [what, text] of Object.entries(cases)) {
    for (const mode of ['accept-new', 'yes', 'no'] as const) {
      // OpenSSH's `no` lets even a revoked key in (without passwords). We never do.
      if (what === 'revoked' && mode === 'no') continue;
      const files = [join(sshd.directory, 'known_theirs'), join(sshd.directory, 'known_ours')] as const;
      for (const file of files) await writeFile(file, text);
      const theirs = await byOpenssh(sshd, mode, files[0]);
      const ours = await byUs(sshd.target({ hostKeyChecking: mode, knownHosts: [files[1]] }));
      assert.equal(ours, theirs, `${what}, ${mode}`);
      if (!ours[0]) refused++;
    }
  }
  assert.is(refused, 7);
});

hostkey('knows hashed names, and hashes when asked', async ({ sshd, other }) => {
  const file = join(sshd.directory, 'known_hashed');
  await rm(file, { force: true });
  const target = sshd.target({ knownHosts: [file], hashKnownHosts: true });
  const first = await connect(target);
  assert.match(first.warnings.join(), /Added the ssh-ed25519 host key/);
  await first.close();
  assert.match(await readFile(file, 'utf8'), /^\|1\|/);
  const [accepted] = await byOpenssh(sshd, 'yes', file);
  assert.ok(accepted, 'OpenSSH reads what was written');
  const second = await connect({ ...target, hostKeyChecking: 'yes' });
  assert.equal([...second.warnings], []);
  await second.close();

  await writeFile(file, `[127.0.0.1]:${sshd.port} ${other}\n`);
  await execa('ssh-keygen', ['-q', '-H', '-f', file]);
  await failsWith('HOST_KEY', connect(target));
});

hostkey('says where the offending entry stands and what to do', async ({ sshd, other }) => {
  const file = join(sshd.directory, 'known_changed');
  await writeFile(file, `# first\nother ${other}\n[127.0.0.1]:${sshd.port} ${other}\n`);
  const changed = await failsWith('HOST_KEY', connect(sshd.target({ knownHosts: [file] })));
  assert.match(changed.message, `${file}:3`);
  assert.match(changed.message, /SHA256:/);
  const command = /ssh-keygen -f '(.*?)' -R '(.*?)'/.exec(changed.hint!);
  assert.ok(command, changed.hint!);
  await execa('ssh-keygen', ['-f', command![1]!, '-R', command![2]!]);
  await (await connect(sshd.target({ knownHosts: [file] }))).close();
});

hostkey('finds a key in a second file, and adds to the first', async ({ sshd }) => {
  const [first, second] = [join(sshd.directory, 'first'), join(sshd.directory, 'second')];
  await writeFile(second, `[127.0.0.1]:${sshd.port} ${await sshd.hostKey()}\n`);
  await (await connect(sshd.target({ knownHosts: [first, second], hostKeyChecking: 'yes' }))).close();
  await rm(second);
  await (await connect(sshd.target({ knownHosts: [first, second] }))).close();
  assert.match(await readFile(first, 'utf8'), await sshd.hostKey());
});

hostkey('adds one line when many connect at once', async ({ sshd }) => {
  const file = join(sshd.directory, 'known_race');
  const connections = await Promise.all(Array.from({ length: 20 }, () => connect(sshd.target({ knownHosts: [file] }))));
  await Promise.all(connections.map((connection) => connection.close()));
  assert.is((await readFile(file, 'utf8')).trim().split('\n').length, 1);
});

hostkey('sends no password to a host whose key has changed', async ({ sshd, other }) => {
  const file = join(sshd.directory, 'known_unsafe');
  await writeFile(file, `[127.0.0.1]:${sshd.port} ${other}\n`);
  const { keyFile: _, ...target } = sshd.target({ knownHosts: [file], hostKeyChecking: 'no', password: 'secret' });
  await failsWith('AUTH', connect(target));
  assert.not.match(await sshd.log(), /Failed password/);
});

hostkey('points to openssh where only certificates are trusted', async ({ sshd, other }) => {
  const file = join(sshd.directory, 'known_ca');
  await writeFile(file, `@cert-authority * ${other}\n`);
  const error = await failsWith('HOST_KEY', connect(sshd.target({ knownHosts: [file] })));
  assert.match(error.hint!, 'ansible_connection: openssh');
});

hostkey('warns when the file cannot be written', async ({ sshd }) => {
  const connection = await connect(sshd.target({ knownHosts: ['/proc/known_hosts'] }));
  await connection.close();
  assert.match(connection.warnings.join(), /could not be added/);
});

hostkey.run();
