import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../run/transport/connect.ts';
import type { Connection } from '../../run/transport/transport.ts';
import { startRelay } from '../helpers/relay.ts';
import { addUser, canMakeUsers, killIfThere, startSshd, type TestSshd } from '../helpers/sshd.ts';
import { converse, failsWith, within } from './support.ts';

/** What others leave in /tmp meanwhile is not ours to judge. */
const OWN_TMP = mkdtempSync(join(tmpdir(), 'connections-'));
chmodSync(OWN_TMP, 0o755);
process.env.TMPDIR = OWN_TMP;
process.on('exit', () => rmSync(OWN_TMP, { recursive: true, force: true }));

interface Context {
  sshd: TestSshd;
  connection: Connection;
}

for (const transport of ['ssh', 'openssh', 'local'] as const) {
  const channels = suite<Context>(`channels (${transport})`);

  channels.before(async (context) => {
    context.sshd = await startSshd();
    context.connection = await connect(context.sshd.target({ transport }));
  });
  channels.after(async ({ sshd, connection }) => {
    await connection.close();
    assert.is(await connection.closed, undefined);
    await failsWith('CONNECTION_LOST', connection.exec('true'));
    await failsWith('CONNECTION_LOST', connection.forward('127.0.0.1', sshd.port));
    await sshd.stop();
  });

  channels('carries input, both outputs and the status', async ({ connection }) => {
    const channel = await connection.exec('cat; echo err >&2; exit 3');
    assert.equal(await converse(channel, 'in\n'), { stdout: 'in\n', stderr: 'err\n', status: 3 });
  });

  channels('keeps what a command wrote until somebody reads, though the command has ended', async ({ connection }) => {
    const channel = await connection.exec('echo kept');
    assert.is(await within(5000, channel.done), 0);
    await sleep(50);
    let read = '';
    for await (const chunk of channel.stdout) read += String(chunk);
    assert.is(read, 'kept\n');
  });

  channels('carries all of a short command, whether it ends before or after somebody reads', async ({ connection }) => {
    for (let i = 0; i < 40; i++) {
      const outcome = await within(5000, converse(await connection.exec(`echo ${i}; exit 5`)));
      assert.equal(outcome, { stdout: `${i}\n`, stderr: '', status: 5 });
    }
  });

  channels('gives 128 + n for a signal', async ({ connection }) => {
    const { status } = await converse(await connection.exec('exec sh -c "kill -TERM \\$\\$"'));
    // ssh(1) itself has one status for all signals.
    assert.is(status, transport === 'openssh' ? 255 : 143);
  });

  channels('holds a shell open and answers line by line', async ({ connection }) => {
    const shell = await connection.exec('exec sh');
    const answers: string[] = [];
    for (const line of ['echo one', 'echo two']) {
      const answer = new Promise<string>((resolve) => shell.stdout.once('data', (chunk) => resolve(String(chunk))));
      shell.stdin.write(`${line}\n`);
      answers.push(await within(5000, answer));
    }
    assert.equal(answers, ['one\n', 'two\n']);
    shell.stdin.end('exit 7\n');
    assert.is(await within(5000, shell.done), 7);
  });

  channels('is not stalled by stderr that nobody reads, and keeps its end', async ({ connection }) => {
    const channel = await connection.exec('head -c 9000000 /dev/zero >&2; echo the end >&2; echo out');
    let out = '';
    channel.stdout.on('data', (chunk) => {
      out += chunk;
    });
    assert.is(await within(20000, channel.done), 0);
    assert.is(out, 'out\n');
    const kept = await channel.stderr.toArray();
    assert.match(Buffer.concat(kept).toString().slice(-20), /the end\n$/);
    assert.ok(Buffer.concat(kept).length <= 200_000);
  });

  channels('delivers all of stderr to a slow reader', async ({ connection }) => {
    const channel = await connection.exec('head -c 3000000 /dev/zero >&2');
    channel.stdout.resume();
    let size = 0;
    for await (const chunk of channel.stderr) {
      size += (chunk as Buffer).length;
      if (size < 300_000) await sleep(5);
    }
    assert.is(size, 3000000);
  });

  channels('carries megabytes both ways unharmed, and tells the writer to wait', async ({ connection }) => {
    const data = randomBytes(12_000_000);
    const channel = await connection.exec('sleep 0.3; cat');
    const hash = createHash('sha256');
    channel.stdout.on('data', (chunk: Buffer) => hash.update(chunk));
    let waited = 0;
    for (let at = 0; at < data.length; at += 100_000) {
      if (channel.stdin.write(data.subarray(at, at + 100_000))) continue;
      waited++;
      await within(10000, new Promise((resolve) => channel.stdin.once('drain', resolve)));
    }
    channel.stdin.end();
    assert.is(await within(20000, channel.done), 0);
    assert.is(hash.digest('hex'), createHash('sha256').update(data).digest('hex'));
    assert.ok(waited > 0, 'write() never answered false');
  });

  channels('a reader that stops holds the command back', async ({ connection }) => {
    const mark = `lltest${process.pid}${transport}`;
    const channel = await connection.exec(`head -c 60000000 /dev/zero; echo ${mark} >&2`);
    let said = '';
    channel.stderr.on('data', (chunk) => {
      said += chunk;
    });
    channel.stdout.pause();
    await sleep(400);
    assert.is(said, '', 'the command must still be writing');
    let size = 0;
    channel.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    channel.stdout.resume();
    assert.is(await within(20000, channel.done), 0);
    assert.is(size, 60000000);
  });

  channels('close ends a channel at once', async ({ connection }) => {
    const channel = await connection.exec('cat; sleep 100');
    channel.close();
    assert.not.equal(await within(2000, channel.done), 0);
    channel.stdin.write('after the end\n');
    await sleep(20);
  });

  channels('forwards connections, and says why one is refused', async ({ connection, sshd }) => {
    const stream = await connection.forward('127.0.0.1', sshd.port);
    const greeting = await within(5000, new Promise((resolve) => stream.once('data', (data) => resolve(String(data)))));
    assert.match(greeting as string, /^SSH-2.0/);
    stream.destroy();
    const refused = await failsWith('CONNECT', connection.forward('127.0.0.1', 1));
    assert.match(refused.hint!, /^refused:/);
  });

  channels.run();
}

for (const transport of ['ssh', 'openssh'] as const) {
  const trouble = suite(`trouble (${transport})`);
  const withSshd = async (config: string[], job: (sshd: TestSshd) => Promise<void>) => {
    const sshd = await startSshd({ config });
    try {
      await job(sshd);
    } finally {
      await sshd.stop();
    }
  };

  trouble('forwarding that is forbidden is told from a refused port', () =>
    withSshd(['AllowTcpForwarding no'], async (sshd) => {
      const connection = await connect(sshd.target({ transport }));
      const error = await failsWith('CONNECT', connection.forward('127.0.0.1', sshd.port));
      assert.match(error.hint!, /^forbidden:/);
      await connection.close();
    }),
  );

  trouble('MaxSessions 1: further channels go over further log-ins', () =>
    withSshd(['MaxSessions 1'], async (sshd) => {
      const connection = await connect(sshd.target({ transport }));
      const shells = [];
      for (let i = 0; i < 3; i++) shells.push(await connection.exec('exec sh'));
      shells.push(...(await Promise.all([connection.exec('exec sh'), connection.exec('exec sh')])));
      const outcomes = await Promise.all(shells.map((shell, i) => converse(shell, `echo ${i}\n`)));
      assert.equal(
        outcomes.map((outcome) => outcome.stdout),
        ['0\n', '1\n', '2\n', '3\n', '4\n'],
      );
      assert.is((await converse(await connection.exec('echo again'))).stdout, 'again\n');
      await connection.close();
      await sleep(200);
      assert.is((await sshd.sessions()).length, 0, 'every log-in is closed');
    }),
  );

  trouble('MaxSessions 0 is an error', () =>
    withSshd(['MaxSessions 0'], async (sshd) => {
      const connection = await connect(sshd.target({ transport }));
      const error = await failsWith('CONNECT', connection.exec('true'));
      assert.match(error.hint!, 'MaxSessions');
      await connection.close();
    }),
  );

  trouble('connections dropped before the key exchange are tried again', () =>
    withSshd([], async (sshd) => {
      const relay = await startRelay({ port: sshd.port });
      relay.drop(3);
      const connection = await connect(sshd.target({ transport, port: relay.port }));
      assert.is(relay.accepted, 4);
      await connection.close();
      await relay.stop();
    }),
  );

  trouble('a lost network is noticed by the keepalive', () =>
    withSshd([], async (sshd) => {
      const relay = await startRelay({ port: sshd.port });
      const connection = await connect(
        sshd.target({ transport, port: relay.port, aliveIntervalSeconds: 1, aliveCountMax: 1 }),
      );
      const channel = await connection.exec('cat');
      relay.freeze();
      const reason = await within(6000, connection.closed);
      assert.is((reason as { code?: string }).code, 'CONNECTION_LOST', String(reason));
      assert.is(await within(2000, channel.done), 255);
      await failsWith('CONNECTION_LOST', connection.exec('true'));
      await connection.close();
      await relay.stop();
    }),
  );

  trouble('close does not wait for a frozen network', () =>
    withSshd([], async (sshd) => {
      const relay = await startRelay({ port: sshd.port });
      const connection = await connect(sshd.target({ transport, port: relay.port }));
      const channel = await connection.exec('cat');
      relay.freeze();
      await within(4000, connection.close());
      assert.is(await connection.closed, undefined);
      assert.is(await within(1000, channel.done), 255);
      await relay.stop();
    }),
  );

  trouble('a cut connection and a killed sshd end channels and connection', () =>
    withSshd([], async (sshd) => {
      const relay = await startRelay({ port: sshd.port });
      for (const end of ['cut', 'kill'] as const) {
        const connection = await connect(sshd.target({ transport, port: relay.port }));
        const channel = await connection.exec('cat');
        const stream = await connection.forward('127.0.0.1', sshd.port);
        const streamEnd = new Promise((resolve) => stream.once('close', resolve));
        stream.resume();
        if (end === 'cut') relay.cut();
        else for (const pid of await sshd.sessions()) killIfThere(pid);
        const reason = await within(3000, connection.closed);
        assert.is((reason as { code?: string }).code, 'CONNECTION_LOST', String(reason));
        assert.is(await within(3000, channel.done), 255);
        await within(3000, streamEnd);
        await connection.close();
      }
      await relay.stop();
    }),
  );

  trouble('what cannot be reached says why', async () => {
    const sshd = await startSshd();
    await sshd.stop();
    const target = sshd.target({ transport, connectTimeoutSeconds: 1 });
    const refused = await failsWith('CONNECT', connect(target));
    assert.match(refused.message, /refused/i);
    const unknown = await failsWith('CONNECT', connect({ ...target, address: 'no.such.host.invalid' }));
    assert.match(unknown.message, 'no.such.host.invalid');
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    await failsWith('TIMEOUT', within(8000, connect({ ...target, port })));
    await new Promise((resolve) => silent.close(resolve));
  });

  trouble('a signal ends an attempt', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    await withSshd([], async (sshd) => {
      const abort = new AbortController();
      const attempt = connect(sshd.target({ transport, port }), abort.signal);
      setTimeout(() => abort.abort(), 150);
      await failsWith('INTERRUPTED', within(3000, attempt));
      await failsWith('INTERRUPTED', connect(sshd.target({ transport }), AbortSignal.abort()));
    });
    await new Promise((resolve) => silent.close(resolve));
  });

  trouble('leaves no files and no processes', async () => {
    const left = await readdir(OWN_TMP);
    assert.equal(
      left.filter((name) => name.startsWith('lamplighter-ssh-')),
      [],
    );
    const children = execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)]).toString();
    assert.not.match(children, /^ssh /m);
  });

  if (canMakeUsers()) {
    for (const shell of ['/bin/bash', '/bin/dash', '/usr/bin/fish', '/bin/tcsh', '/bin/ksh']) {
      if (!existsSync(shell)) continue;
      trouble(`a login by ${shell} reaches a POSIX sh`, () =>
        withSshd([], async (sshd) => {
          const user = await addUser({ shell });
          try {
            const connection = await connect(sshd.target({ transport, user: user.name }));
            const { stdout, status } = await converse(
              await connection.exec('exec sh'),
              'x=a; echo "${x#b} $(id -un)"; exit 9\n',
            );
            assert.is(stdout, `a ${user.name}\n`);
            assert.is(status, 9);
            await connection.close();
          } finally {
            await user.remove();
          }
        }),
      );
    }
  }

  trouble.run();
}
