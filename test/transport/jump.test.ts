import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../run/transport/connect.ts';
import { startRelay } from '../helpers/relay.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { converse, failsWith, within } from './support.ts';

const jump = suite<{ bastion: TestSshd; sshd: TestSshd }>('jump hosts and proxies');

jump.before(async (context) => {
  context.bastion = await startSshd();
  context.sshd = await startSshd();
});
jump.after(async ({ bastion, sshd }) => {
  await sleep(300);
  assert.equal(await bastion.sessions(), [], 'connections to the jump host are closed');
  await Promise.all([bastion.stop(), sshd.stop()]);
});

jump('reaches a host through one and through two jump hosts', async ({ bastion, sshd }) => {
  const near = bastion.target({ name: 'near' });
  const far = sshd.target({ name: 'far', jump: near });
  for (const target of [sshd.target({ jump: near }), sshd.target({ jump: far })]) {
    const connection = await connect(target);
    assert.is((await converse(await connection.exec('cat'), 'through\n')).stdout, 'through\n');
    await connection.close();
    assert.is(await connection.closed, undefined);
  }
});

jump('many hosts share one connection to the jump host', async ({ bastion, sshd }) => {
  const relay = await startRelay({ port: bastion.port });
  const near = bastion.target({ port: relay.port });
  const connections = await Promise.all(Array.from({ length: 10 }, () => connect(sshd.target({ jump: near }))));
  assert.is(relay.accepted, 1);
  await connections[0]!.close();
  assert.is((await converse(await connections[1]!.exec('cat'), 'still\n')).stdout, 'still\n');
  relay.cut();
  const reasons = await within(5000, Promise.all(connections.slice(1).map((connection) => connection.closed)));
  for (const reason of reasons) assert.is((reason as { code?: string }).code, 'CONNECTION_LOST');
  await relay.stop();
});

jump('failures name the host and the jump host', async ({ bastion, sshd }) => {
  const near = bastion.target({ name: 'bastion' });
  const refused = await failsWith('CONNECT', connect(sshd.target({ port: 1, jump: near })));
  assert.match(refused.message, 'box');
  assert.match(refused.message, 'bastion');
  const { keyFile: _, ...keyless } = near;
  assert.match((await failsWith('AUTH', connect(sshd.target({ jump: keyless })))).message, 'bastion');
});

jump('a proxy command is run by the shell, and ended with the connection', async ({ sshd }) => {
  const proxyCommand = `ssh -F none -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -i ${sshd.keyFile} -p ${sshd.port} -W 127.0.0.1:${sshd.port} 127.0.0.1`;
  const connection = await connect(sshd.target({ proxyCommand }));
  assert.is((await converse(await connection.exec('cat'), 'through\n')).stdout, 'through\n');
  await connection.close();
  const failing = sshd.target({ proxyCommand: 'sh -c "echo no way through >&2; exit 1"' });
  // Its words and its end race each other: whichever comes first, nobody tries again what says why it failed.
  for (let i = 0; i < 15; i++)
    assert.match((await failsWith('CONNECT', connect(failing))).message, 'its ProxyCommand said: no way through');
  const missing = await failsWith('CONNECT', connect(sshd.target({ proxyCommand: '/nowhere/proxy' })));
  assert.match(missing.message, 'not found');
});

jump('compression halves what a compressible stream costs', async ({ sshd }) => {
  const bytes: number[] = [];
  for (const compression of [false, true]) {
    const relay = await startRelay({ port: sshd.port });
    const connection = await connect(sshd.target({ port: relay.port, compression }));
    const text = 'the same words again and again\n'.repeat(20000);
    const { stdout } = await converse(await connection.exec('cat'), text);
    assert.is(stdout, text);
    bytes.push(relay.bytes.up + relay.bytes.down);
    await connection.close();
    await relay.stop();
  }
  assert.ok(bytes[1]! < bytes[0]! / 5, `${bytes}`);
});

jump('a crowd gets in past MaxStartups', async () => {
  const sshd = await startSshd({ config: ['MaxStartups 2:100:3'] });
  try {
    const connections = await Promise.all(Array.from({ length: 40 }, () => connect(sshd.target())));
    const dropped = (await sshd.log()).match(/MaxStartups/g)?.length ?? 0;
    assert.ok(dropped > 0, 'nobody was dropped: the test shows nothing');
    await Promise.all(connections.map((connection) => connection.close()));
  } finally {
    await sshd.stop();
  }
});

jump.run();
