import { appendFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressHex, portHex } from '../../run/modules/proc-net.ts';
import { isGrepPattern, pythonRegex } from '../../run/modules/python-regex.ts';
import file from '../../tasks/file.ts';
import waitFor from '../../tasks/wait_for.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

function listen(options: { host?: string; say?: string } = {}): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (options.say !== undefined) socket.write(options.say);
    });
    server.listen(0, options.host ?? '127.0.0.1', () =>
      resolve({ server, port: (server.address() as { port: number }).port }),
    );
  });
}

for (const shell of SHELLS) {
  const test = suite(`wait_for in ${shell}`);

  test('a port that is there, on the host, in one step', async () => {
    const { server, port } = await listen();
    try {
      const { result, reply } = await runStep(waitFor, { port }, { shell });
      assert.ok(reply, 'it travelled as a step');
      assert.is(result.port, port);
      assert.is(result.state, 'started');
      assert.is(result.elapsed, 0);
      assert.is(result.changed, false);
      assert.is(result.failed, undefined);
    } finally {
      server.close();
    }
  });

  test('a listener on every address, and one of another address', async () => {
    for (const [host, there] of [
      ['0.0.0.0', true],
      ['::', true],
      ['127.0.0.5', false],
    ] as const) {
      const { server, port } = await listen({ host });
      const { result } = await runStep(waitFor, { port, timeout: 1 }, { shell });
      server.close();
      assert.is(result.failed !== true, there, host);
    }
  });

  test('a port that is not there in time', async () => {
    const { result } = await runStep(waitFor, { port: 9, timeout: 1 }, { shell });
    assert.is(result.failed, true);
    assert.is(result.msg, 'Timeout when waiting for 127.0.0.1:9');
    assert.ok((result.elapsed as number) >= 1);
    const own = await runStep(waitFor, { port: 9, timeout: 0, msg: 'no broker' }, { shell });
    assert.is(own.result.msg, 'no broker');
  });

  test('a port that goes, and one that stays', async () => {
    const { server, port } = await listen();
    setTimeout(() => server.close(), 800);
    const { result } = await runStep(waitFor, { port, state: 'stopped', timeout: 10 }, { shell });
    assert.is(result.failed, undefined);
    const other = await listen();
    const stays = await runStep(waitFor, { port: other.port, state: 'absent', timeout: 1 }, { shell });
    other.server.close();
    assert.is(stays.result.msg, `Timeout when waiting for 127.0.0.1:${other.port} to stop.`);
  });

  test('drained: open connections count, those of excluded hosts do not', async () => {
    const { server, port } = await listen({ say: 'x' });
    const { connect } = await import('node:net');
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('data', resolve));
    try {
      const busy = await runStep(waitFor, { port, state: 'drained', timeout: 1 }, { shell });
      assert.is(busy.result.msg, `Timeout when waiting for 127.0.0.1:${port} to drain`);
      const args = { port, host: '0.0.0.0', state: 'drained', exclude_hosts: ['127.0.0.1'], timeout: 5 };
      assert.is((await runStep(waitFor, args, { shell })).result.failed, undefined);
    } finally {
      socket.destroy();
      server.close();
    }
  });

  test('files and texts in them', () =>
    withSession(
      async (bench) => {
        const path = join(bench.dir, 'log');
        const run = async (args: object, check = false) => await runStep(waitFor, { path, ...args }, { bench, check });
        setTimeout(() => writeFile(path, 'first\n'), 600);
        assert.is((await run({ timeout: 10 })).result.failed, undefined);
        setTimeout(() => appendFile(path, 'mosquitto version 2.0.11 running\n'), 600);
        const simple = await run({ search_regex: '^mosquitto version .* running$', timeout: 10 });
        assert.is(simple.result.failed, undefined);
        assert.ok(simple.reply, 'grep is enough for it');
        const groups = await run({ search_regex: 'version (?P<major>\\d+)\\.(\\d+)', timeout: 10 });
        assert.equal(groups.result.match_groups, ['2', '0']);
        assert.equal({ ...(groups.result.match_groupdict as object) }, { major: '2' });
        const never = await run({ search_regex: 'nosuch', timeout: 1 });
        assert.is(never.result.msg, `Timeout when waiting for search string nosuch in ${path}`);
        setTimeout(() => rm(path), 600);
        assert.is((await run({ state: 'absent', timeout: 10 })).result.failed, undefined);
      },
      { shell },
    ));

  test('check mode looks once, and sees what would be there', () =>
    withSession(
      async (bench) => {
        const path = join(bench.dir, 'later');
        const check = { bench, check: true };
        const start = Date.now();
        const unknown = await runStep(waitFor, { path, delay: 30 }, check);
        assert.is(unknown.reply!.status, 'unknown');
        await runStep(file, { path, state: 'directory' }, check);
        const predicted = await runStep(waitFor, { path, delay: 30 }, check);
        assert.is(predicted.reply!.status, 'ok');
        assert.ok(Date.now() - start < 60_000);
      },
      { shell },
    ));

  test.run();
}

const test = suite('wait_for from the controller');

test('an address that is not the loopback goes by a forwarded connection', async () => {
  const { server, port } = await listen({ host: '127.0.0.5' });
  try {
    const { result, reply } = await runStep(waitFor, { host: '127.0.0.5', port });
    assert.is(reply, undefined);
    assert.is(result.failed, undefined);
    const closed = await runStep(waitFor, { host: '127.0.0.5', port: 9, timeout: 1 });
    assert.is(closed.result.msg, 'Timeout when waiting for 127.0.0.5:9');
    const stopped = await runStep(waitFor, { host: '127.0.0.5', port: 9, state: 'stopped' });
    assert.is(stopped.result.failed, undefined);
  } finally {
    server.close();
  }
});

test('a text that a server says', async () => {
  const { server, port } = await listen({ say: 'SSH-2.0-OpenSSH_9.2\r\n' });
  try {
    const { result } = await runStep(waitFor, { port, search_regex: 'OpenSSH_(\\d+)', timeout: 5 });
    assert.equal(result.match_groups, ['9']);
    const other = await runStep(waitFor, { port, search_regex: 'dropbear', timeout: 1 });
    assert.is(other.result.msg, `Timeout when waiting for search string dropbear in 127.0.0.1:${port}`);
  } finally {
    server.close();
  }
});

test('where forwarding is forbidden the host connects by its own tools', async () => {
  const { server, port } = await listen({ host: '127.0.0.5' });
  const forward = () => Promise.reject(Object.assign(new Error('no connection'), { hint: 'forwarding is forbidden' }));
  try {
    const { result } = await runStep(waitFor, { host: '127.0.0.5', port, timeout: 5 }, { context: { forward } });
    assert.is(result.failed, undefined);
    const closed = await runStep(waitFor, { host: '127.0.0.5', port: 9, timeout: 1 }, { context: { forward } });
    assert.is(closed.result.failed, true);
  } finally {
    server.close();
  }
});

test('arguments', () => {
  const bad = (args: object) => assert.not.ok(waitFor.args.safeParse(args).success, JSON.stringify(args));
  bad({ port: 1, path: '/x' });
  bad({ path: '/x', state: 'stopped' });
  bad({ port: 1, exclude_hosts: ['127.0.0.1'] });
  bad({ port: 1, state: 'drained', host: 'name' });
  bad({ port: 1, active_connection_states: ['OPEN'] });
  bad({ path: '/x', search_regex: '(' });
  bad({ port: 70000 });
});

test('addresses as /proc/net shows them', () => {
  assert.equal(addressHex('127.0.0.1'), ['0100007F', '0000000000000000FFFF00000100007F']);
  assert.equal(addressHex('::1'), ['00000000000000000000000001000000']);
  assert.equal(addressHex('fd00::2'), ['000000FD000000000000000002000000']);
  assert.equal(addressHex('::ffff:1.2.3.4'), ['0000000000000000FFFF000004030201']);
  assert.is(addressHex('broker'), undefined);
  assert.is(portHex(1883), '075B');
});

test('which patterns grep reads as Python does', () => {
  for (const pattern of ['abc', '^a.*b$', 'a\\.b', 'x+', '[0-9]+', 'a|b']) assert.ok(isGrepPattern(pattern), pattern);
  for (const pattern of ['\\d', '(a)', 'a{2}', 'a*?', '[^a]', '\\bword', 'a\nb', '[\\d]', '*a', 'a|'])
    assert.not.ok(isGrepPattern(pattern), pattern);
  assert.ok(pythonRegex('(?i)^abc').test('x\nABC'));
  assert.is(pythonRegex('(?P<n>x)(?P=n)').exec('xx')!.groups!.n, 'x');
});

test.run();
