import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../run/transport/connect.ts';
import { SshConfig } from '../../run/transport/ssh-config.ts';
import { splitWords } from '../../run/transport/ssh-words.ts';
import { resolveTarget } from '../../run/transport/target.ts';
import { startSshd } from '../helpers/sshd.ts';
import { converse, failsWith } from './support.ts';

const target = suite<{ directory: string }>('connection targets');

target.before(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'target-'));
});
target.after(async ({ directory }) => {
  await rm(directory, { recursive: true, force: true });
});

async function configFile(directory: string, name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

target('a bare name', async () => {
  const { address, port, user, transport, hostKeyChecking, ...rest } = await resolveTarget({
    inventory_hostname: 'lamp1',
  });
  assert.equal([address, port, user, transport], ['lamp1', 22, userInfo().username, 'ssh']);
  assert.is(hostKeyChecking, 'accept-new');
  assert.is(rest.connectTimeoutSeconds, 10);
  assert.is(rest.knownHosts[0], `${userInfo().homedir}/.ssh/known_hosts`);
  assert.ok(rest.identityFiles!.includes(`${userInfo().homedir}/.ssh/id_ed25519`));
  assert.is(rest.ciphers, undefined, 'ssh2 keeps its own order of ciphers');
});

target('variables, and of two names the longer', async () => {
  const resolved = await resolveTarget(
    {
      inventory_hostname: 'lamp1',
      ansible_host: '10.0.0.1',
      ansible_ssh_host: '10.0.0.2',
      ansible_port: '2222',
      ansible_user: 'pi',
      ansible_ssh_pass: 'secret',
      ansible_ssh_private_key_file: '~/keys/pi',
      ansible_ssh_timeout: 7,
      ansible_ssh_pipelining: true,
      ansible_ssh_retries: 3,
    },
    { user: 'other', password: 'other', timeoutSeconds: 3 },
  );
  assert.is(resolved.address, '10.0.0.2');
  assert.is(resolved.port, 2222);
  assert.is(resolved.user, 'pi');
  assert.is(resolved.password, 'secret');
  assert.is(resolved.keyFile, `${userInfo().homedir}/keys/pi`);
  assert.is(resolved.connectTimeoutSeconds, 7);
});

target('the command line counts where no variable is set', async () => {
  const defaults = { user: 'pi', password: 'secret', keyFile: '/k', timeoutSeconds: 3, hostKeyChecking: 'no' as const };
  const resolved = await resolveTarget({ inventory_hostname: 'lamp1' }, defaults);
  assert.equal([resolved.user, resolved.password, resolved.keyFile], ['pi', 'secret', '/k']);
  assert.equal([resolved.connectTimeoutSeconds, resolved.hostKeyChecking], [3, 'no']);
});

target('the kinds of connection', async () => {
  const of = async (ansible_connection: string) =>
    (await resolveTarget({ inventory_hostname: 'lamp1', ansible_connection })).transport;
  for (const name of ['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'ansible.builtin.ssh'])
    assert.is(await of(name), 'ssh');
  assert.is(await of('openssh'), 'openssh');
  assert.is(await of('local'), 'local');
  const error = await failsWith('UNSUPPORTED_ARGUMENT', of('winrm'));
  assert.match(error.message, 'winrm');
});

target('host key checking: false in every spelling, accept-new, and nonsense', async () => {
  const of = async (ansible_host_key_checking: unknown, ansible_ssh_common_args = '') =>
    (await resolveTarget({ inventory_hostname: 'l', ansible_host_key_checking, ansible_ssh_common_args }))
      .hostKeyChecking;
  for (const value of [false, 'False', 'no', 0]) assert.is(await of(value), 'no');
  assert.is(await of(true), 'accept-new');
  assert.is(await of(undefined, '-o StrictHostKeyChecking=yes'), 'yes');
  assert.is(await of(undefined, '-oStrictHostKeyChecking=no'), 'no');
  await failsWith('BAD_ARGUMENT', of('perhaps'));
});

target('ssh arguments are read as ssh reads them', async ({ directory }) => {
  const resolved = await resolveTarget({
    inventory_hostname: 'lamp1',
    ansible_ssh_args: '-C -o ControlMaster=auto -o ControlPersist=60s -vvv',
    ansible_ssh_common_args: `-o 'UserKnownHostsFile="${directory}/a b" /c' -o "HostName 10.1.1.1" -i /tmp/key -p 2200 -o IdentitiesOnly=yes`,
    ansible_ssh_extra_args:
      '-p 2201 -o ServerAliveInterval=5 -o ServerAliveCountMax=2 -o HostKeyAlias=lamp -o HashKnownHosts=no',
  });
  assert.ok(resolved.compression);
  assert.is(resolved.port, 2200, 'the first counts');
  assert.is(resolved.address, '10.1.1.1');
  assert.equal(resolved.knownHosts.slice(0, 2), [`${directory}/a b`, '/c']);
  assert.ok(resolved.identitiesOnly);
  assert.equal([resolved.aliveIntervalSeconds, resolved.aliveCountMax], [5, 2]);
  assert.is(resolved.hostKeyAlias, 'lamp');
  assert.is(resolved.hashKnownHosts, false);
});

target('what the ssh transport cannot do is refused by name, and left to openssh', async () => {
  const words = [
    '-o CertificateFile=/x',
    '-o PKCS11Provider=/x',
    '-tt',
    '-L 1:a:2',
    '-o RequestTTY=force',
    '-o Nonsense=1',
  ];
  for (const ansible_ssh_extra_args of words) {
    const vars = { inventory_hostname: 'lamp1', ansible_ssh_extra_args };
    const error = await failsWith('USAGE', resolveTarget(vars));
    assert.match(error.message, words.includes(ansible_ssh_extra_args) ? /-o (Cert|PKCS|Req|Nons)|-t|-L/ : /never/);
    assert.match(error.hint!, 'openssh');
  }
  const vars = {
    inventory_hostname: 'lamp1',
    ansible_connection: 'openssh',
    ansible_ssh_extra_args: '-o CertificateFile=/x',
  };
  assert.equal((await resolveTarget(vars)).sshArgs, ['-o', 'CertificateFile=/x']);
});

target('variables of the wrong kind', async () => {
  for (const [name, value] of Object.entries({
    ansible_port: 'ssh',
    ansible_timeout: -1,
    ansible_user: ['pi'],
    ansible_host: true,
  })) {
    const error = await failsWith('BAD_ARGUMENT', resolveTarget({ inventory_hostname: 'lamp1', [name]: value }));
    assert.match(error.message, name);
  }
  await failsWith('USAGE', resolveTarget({ inventory_hostname: 'l', ansible_ssh_args: "-o 'User=x" }));
});

target('sections of ssh_config, Include and Match, tokens', async ({ directory }) => {
  await configFile(
    directory,
    'included',
    'Host lamp-*\n  HostName %h.street.example\n  User pi\n  IdentityFile ~/keys/%h-%r\n',
  );
  const file = await configFile(
    directory,
    'sections',
    `Include ${directory}/incl*\nHost cloud\n  Port 2222\n  ProxyCommand nc %h %p\n  StrictHostKeyChecking yes\n  IdentityAgent none\nMatch host *.far.example\n  ProxyJump admin@gate.example:2022,inner\n`,
  );
  const of = (inventory_hostname: string) =>
    resolveTarget({ inventory_hostname, ansible_ssh_common_args: `-F ${file}` });
  const lamp = await of('lamp-7');
  assert.equal([lamp.address, lamp.user], ['lamp-7.street.example', 'pi']);
  assert.is(lamp.identityFiles![0], `${userInfo().homedir}/keys/lamp-7.street.example-pi`);
  const cloud = await of('cloud');
  assert.equal([cloud.port, cloud.proxyCommand, cloud.hostKeyChecking], [2222, 'nc cloud 2222', 'yes']);
  assert.is(cloud.agentSocket, undefined);
  const far = await of('a.far.example');
  assert.equal([far.jump!.address, far.jump!.jump!.address], ['inner', 'gate.example']);
  assert.equal([far.jump!.jump!.user, far.jump!.jump!.port, far.jump!.jump!.jump], ['admin', 2022, undefined]);
  assert.is((await of('elsewhere')).user, userInfo().username);
});

target('a circle of jump hosts is an error', async ({ directory }) => {
  const file = await configFile(directory, 'circle', 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n');
  await failsWith('USAGE', resolveTarget({ inventory_hostname: 'a', ansible_ssh_common_args: `-F ${file}` }));
});

target('a faulty ssh_config is told with what ssh says', async ({ directory }) => {
  const file = await configFile(directory, 'faulty', 'Host *\n  NoSuchOption 1\n');
  const error = await failsWith(
    'USAGE',
    resolveTarget({ inventory_hostname: 'a', ansible_ssh_common_args: `-F ${file}` }),
  );
  assert.match(error.message.toLowerCase(), 'nosuchoption');
});

target('a hundred hosts ask ssh -G as seldom as can be', async ({ directory }) => {
  const log = join(directory, 'asked');
  const fake = await configFile(
    directory,
    'ssh',
    `#!/bin/sh\necho x >>${log}\nexec ${(await execa('which', ['ssh'])).stdout} "$@"\n`,
  );
  await chmod(fake, 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${directory}${delimiter}${path}`;
  try {
    const count = async (config: string) => {
      await writeFile(log, '');
      const file = await configFile(directory, `count-${config.length}`, config);
      const sshConfig = new SshConfig();
      const resolved = await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          resolveTarget(
            { inventory_hostname: `lamp-${i}`, ansible_port: 1000 + i, ansible_ssh_common_args: `-F ${file}` },
            { sshConfig },
          ),
        ),
      );
      assert.equal(
        resolved.map((one) => [one.address.split('.')[0], one.port]),
        resolved.map((_, i) => [`lamp-${i}`, 1000 + i]),
      );
      return (await readFile(log, 'utf8')).split('\n').length - 1;
    };
    assert.is(await count('Host *\n  User pi\n'), 2, 'once for the file, once for the defaults');
    assert.ok((await count('Host *\n  User pi\n  HostName %h.example\n')) >= 100, 'a token makes answers differ');
    assert.ok((await count('Host lamp-1*\n  User pi\n')) >= 100);
  } finally {
    process.env.PATH = path;
  }
});

target('what was resolved connects, by both transports', async ({ directory }) => {
  const sshd = await startSshd();
  try {
    const known = join(directory, 'known');
    for (const ansible_connection of ['ssh', 'openssh', 'local']) {
      const resolved = await resolveTarget({
        inventory_hostname: 'lamp1',
        ansible_connection,
        ansible_host: '127.0.0.1',
        ansible_port: sshd.port,
        ansible_private_key_file: sshd.keyFile,
        ansible_ssh_common_args: `-o UserKnownHostsFile=${known} -o GlobalKnownHostsFile=none`,
      });
      const connection = await connect(resolved);
      assert.is((await converse(await connection.exec('echo lit'))).stdout, 'lit\n');
      await connection.close();
    }
    assert.match(await readFile(known, 'utf8'), await sshd.hostKey());
  } finally {
    await sshd.stop();
  }
});

target('words are split as the shell splits them', () => {
  assert.equal(splitWords(`a "b c"  'd "e' f\\ g "h\\"i" ''`), ['a', 'b c', 'd "e', 'f g', 'h"i', '']);
});

target.run();
