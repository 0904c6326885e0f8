import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LamplighterError } from '../../run/errors.ts';
import type { StepRequest } from '../../run/shell/protocol.ts';
import { raw, sh } from '../../run/shell/script.ts';
import { openSession } from '../../run/shell/session.ts';
import type { ByteChannel } from '../../run/task.ts';
import { processChannel, SHELLS, shellCommand } from '../helpers/channel.ts';
import { type Bench, request, withSession } from '../helpers/step.ts';

async function until(condition: () => boolean | Promise<boolean>, what: string, seconds = 10): Promise<void> {
  for (let i = 0; i < seconds * 50; i++) {
    if (await condition()) return;
    await sleep(20);
  }
  assert.unreachable(`waited ${seconds} s: ${what}`);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const shell of SHELLS) {
  const test = suite(`shell: session (${shell})`);
  const bench =
    (
      use: (
        bench: Bench,
        run: (script: string, more?: Partial<StepRequest>) => Promise<import('../../run/task.ts').StepReply>,
      ) => Promise<void>,
    ) =>
    () =>
      withSession((open) => use(open, (script, more) => open.session.send(request(raw(script), more)).reply), {
        shell,
      });

  test(
    'what a step says comes back: status, fields, output, warnings',
    bench(async (_, run) => {
      const reply = await run('ll_changed; ll_ret key "va lue"; ll_warn careful; printf out; printf err >&2');
      assert.is(reply.status, 'changed');
      assert.equal(reply.fields, { key: 'va lue' });
      assert.equal([reply.stdout, reply.stderr, reply.rc], ['out', 'err', 0]);
      assert.equal(reply.warnings, ['careful']);
      assert.is((await run('')).status, 'ok');
      assert.is((await run('return 0')).status, 'ok');
      assert.is((await run('ll_changed; exit 0')).status, 'changed');
      assert.equal([(await run('ll_skip no')).status, (await run('ll_unknown no')).status], ['skipped', 'unknown']);
      const failed = await run('ll_fail "why not"');
      assert.equal([failed.status, failed.fields.msg], ['failed', 'why not']);
      const bare = await run('echo first >&2; echo last >&2; return 9');
      assert.equal([bare.status, bare.rc, bare.fields.msg], ['failed', 9, 'last']);
    }),
  );

  test(
    "a status of the body's own is never taken for the runtime's",
    bench(async (_, run) => {
      for (const code of [100, 101, 102, 103, 104, 105, 109]) {
        const reply = await run(`ll_changed; (exit ${code})`);
        assert.equal([reply.status, reply.rc], ['failed', code]);
      }
      assert.is((await run('exit 110')).rc, 110);
    }),
  );

  test(
    'nothing that a body does reaches the next step',
    bench(async ({ dir }, run) => {
      const nasty = [
        'if',
        '(',
        "echo 'open",
        'eval "("',
        '. /no/such/file',
        ': "${unset_variable:?is not set}"',
        'set -e; false; echo not reached',
        'set -u; echo $not_set',
        'cd /; umask 000; PATH=; IFS=x; LC_ALL=nonsense; export LC_ALL',
        'exec 1>&- 2>&- 3>&-',
        'exec true',
        'exec </no/such/file',
        'exit 3',
        'unset -f ll_step ll_end ll_enter; ll_token=x; ll_stop=1; ll_dir=/nowhere',
        'printf() { :; }; cat() { :; }; rm() { :; }; stat() { :; }; read() { :; }',
        'trap "" PIPE HUP INT TERM; trap : EXIT',
        'readonly ll_rc=1; readonly ll_token=1',
        'while read -r line; do echo "$line"; done',
        'cat; head -c 100; tail -n 1',
        'ulimit -f 1; yes | head -c 100000',
        '}; echo escaped',
        'return; }; ll_oops() {',
      ];
      const ok = await run('umask; pwd; echo "$PATH" | wc -c; printf "%s" "$IFS" | wc -c');
      for (const body of nasty) {
        await run(body);
        const after = await run('umask; pwd; echo "$PATH" | wc -c; printf "%s" "$IFS" | wc -c');
        assert.equal([after.status, after.stdout], ['ok', ok.stdout], body);
      }
      assert.equal(await readdir(dir), []);
      assert.match(ok.stdout, `${process.umask().toString(8)}\n`);
    }),
  );

  test(
    'a step reads nothing of the script that follows it',
    bench(async ({ session }) => {
      const replies = ['head -c 5', 'cat', 'read -r x; echo "got $x"', 'sh -c "cat"'].map(
        (body) => session.send(request(raw(body))).reply,
      );
      const last = session.send(request(sh`echo here`)).reply;
      assert.equal(
        (await Promise.all(replies)).map((reply) => reply.stdout),
        ['', '', 'got \n', ''],
      );
      assert.is((await last).stdout, 'here\n');
    }),
  );

  test(
    "a user's command cannot end the shell or see the runtime",
    bench(async ({ session }, run) => {
      const { pid } = await session.hello;
      const reply = await run(
        'll_command "" \'set; env; command -v ll_step; (echo >&3) 2>/dev/null && echo "fd 3 is open"; exit 4\'',
      );
      assert.is(reply.rc, 4);
      assert.not.match(reply.stdout, /^ll_/m);
      assert.not.match(reply.stdout, /fd 3 is open/);
      await run("ll_command '' 'kill $$'");
      assert.ok(alive(pid));
      assert.is((await run('ll_command / "pwd"')).stdout, '/\n');
      const missing = await run('ll_command /no/such/dir pwd');
      assert.match(missing.fields.msg!, 'Unable to change directory before execution');
      const long = await run(`ll_command '' 'printf %s "$0" | wc -c # ${'x'.repeat(200_000)}'`);
      assert.is(long.status, 'ok', 'longer than an argument may be');
    }),
  );

  test('the token is nowhere to be found in a step', async () => {
    let token = '';
    await withSession(
      async ({ session }) => {
        const [command, args] = shellCommand(shell);
        const channel = processChannel(command, args);
        const write = channel.stdin.write.bind(channel.stdin);
        (channel.stdin as PassThrough).write = ((text: string) => {
          token ||= /ll_hello (\w+)/.exec(text)?.[1] ?? '';
          return write(text);
        }) as never;
        const root = await mkdtemp('/tmp/lamplighter-token-');
        try {
          const inner = await openSession(channel, {
            runId: 'inner',
            host: 'h',
            user: 'u',
            notice: () => {},
            helloTimeoutSeconds: 20,
            scratch: join(root, 's'),
            journal: join(root, 'j'),
          });
          const reply = await inner.send(request(sh`set; env; cat /proc/self/environ; grep -rh . ${root}`)).reply;
          assert.is(token.length, 32);
          assert.not.match(reply.stdout, token);
          assert.match(reply.stdout, 'll_');
          await inner.close();
        } finally {
          await rm(root, { recursive: true, force: true });
        }
        assert.is(session.user !== '', true);
      },
      { shell },
    );
  });

  test(
    'a child that a step leaves behind neither holds it up nor writes into a later answer',
    bench(async (_, run) => {
      const first = await run(
        '{ while ! [ -e go ]; do sleep 0.05; done; echo late; echo late >&2; touch gone; } & echo first',
      );
      assert.is(first.stdout, 'first\n', 'answered while the child still waits for its word');
      const second = await run('touch go; while ! [ -e gone ]; do sleep 0.05; done; echo mine');
      assert.equal([second.stdout, second.stderr], ['mine\n', '']);
    }),
  );

  test(
    'a failed step stops those behind it, until resume',
    bench(async ({ session, dir }) => {
      const sent = ['touch a', 'false', 'touch b', 'touch c'].map(
        (body) => session.send(request(raw(body), { keepGoing: false })).reply,
      );
      assert.equal(
        (await Promise.all(sent)).map((reply) => reply.status),
        ['ok', 'failed', 'stopped', 'stopped'],
      );
      assert.equal(await readdir(dir), ['a']);
      session.resume();
      assert.is((await session.send(request(raw('touch d'))).reply).status, 'ok');
      const kept = ['false', 'touch e'].map((body) => session.send(request(raw(body))).reply);
      assert.equal(
        (await Promise.all(kept)).map((reply) => reply.status),
        ['failed', 'ok'],
        'a failure that is to be ignored stops nothing',
      );
    }),
  );

  test(
    'guards ask for what earlier steps were',
    bench(async ({ session }) => {
      const send = (body: string, more: Partial<StepRequest> = {}) => session.send(request(raw(body), more));
      const ids = {
        changed: send('ll_changed').id,
        ok: send(':').id,
        failed: send('ll_keep rc 3; return 7').id,
        skipped: send('ll_skip x').id,
        guarded: send(':', { guard: raw('false') }).id,
        kept: send('ll_keep rc 0; ll_keep exists 1; ll_keep word "two words"').id,
        plain: send('return 5').id,
      };
      const truths: [string, boolean][] = [
        [`ll_was ${ids.changed} changed`, true],
        [`ll_was ${ids.ok} changed`, false],
        [`! ll_was ${ids.ok} changed`, true],
        [`{ ! { ! ll_was ${ids.ok} changed; }; }`, false],
        [`ll_was ${ids.ok} ok`, true],
        [`ll_was ${ids.failed} failed`, true],
        [`ll_was ${ids.failed} succeeded`, false],
        [`ll_was ${ids.changed} succeeded`, true],
        [`ll_was ${ids.skipped} skipped`, true],
        [`ll_was ${ids.guarded} skipped`, true],
        [`ll_was ${ids.skipped} failed`, false],
        [`ll_was 999 changed`, false],
        [`ll_rc_is ${ids.failed} -eq 3`, true],
        [`ll_rc_is ${ids.plain} -eq 5`, true],
        [`ll_rc_is ${ids.kept} -ne 0`, false],
        [`ll_rc_is ${ids.changed} -eq 0`, true],
        [`ll_flag ${ids.kept} exists`, true],
        [`ll_flag ${ids.ok} exists`, false],
        [`ll_is ${ids.kept} word 'two words'`, true],
        [`ll_was ${ids.changed} changed && ll_flag ${ids.kept} exists`, true],
      ];
      const replies = truths.map(([guard]) => send('echo ran', { guard: raw(guard) }).reply);
      for (const [i, [guard, truth]] of truths.entries()) {
        const reply = await replies[i]!;
        assert.equal([reply.status, reply.stdout], truth ? ['ok', 'ran\n'] : ['guarded', ''], guard);
      }
    }),
  );

  test(
    'environment is for the step alone',
    bench(async ({ session }, run) => {
      const reply = await run('sh -c \'printf %s "$A $B"\'', { environment: { A: "it's\n$x", B: 'b' } });
      assert.is(reply.stdout, "it's\n$x b");
      assert.is((await run('printf %s "${A-none}"')).stdout, 'none');
      assert.throws(
        () => session.send(request(raw(':'), { environment: { 'a;b': 'x' } })),
        (error: LamplighterError) => error.code === 'BAD_ARGUMENT',
      );
    }),
  );

  test(
    'a step is ended when its time is over, with all that it started',
    bench(async ({ dir }, run) => {
      const reply = await run("sh -c 'sleep 30; touch late' & sleep 30; touch later", { timeoutSeconds: 1 });
      assert.is(reply.status, 'failed');
      assert.is(reply.fields.msg, 'The action failed to execute in the expected time frame (1) and was terminated');
      const quick = await run('ll_changed; echo done', { timeoutSeconds: 30 });
      // The watch may be ended while it is still being started: none of these may wait for it, that is, for an hour.
      for (let n = 0; n < 60; n++) assert.is((await run(':', { timeoutSeconds: 3600 })).status, 'ok');
      assert.equal([quick.status, quick.stdout], ['changed', 'done\n']);
      assert.equal(await readdir(dir), []);
    }),
  );

  test(
    'megabytes of output of any bytes do not stall',
    bench(async (_, run) => {
      const reply = await run(
        'dd if=/dev/zero bs=65536 count=80 2>/dev/null | tr "\\000" x; dd if=/dev/zero bs=65536 count=80 2>/dev/null | tr "\\000" y >&2',
      );
      assert.equal([reply.stdout.length, reply.stderr.length], [5242880, 5242880]);
    }),
  );

  test(
    "results come back while later steps run, in order; the clock is the step's own",
    bench(async ({ session }) => {
      const order: number[] = [];
      const steps = ['sleep 0.1', 'sleep 0.5', ':'].map((body) => session.send(request(raw(body))));
      for (const { id, reply } of steps) void reply.then(() => order.push(id));
      const first = await steps[0]!.reply;
      assert.equal(order, [1]);
      const second = await steps[1]!.reply;
      assert.ok(first.seconds < 0.45 && second.seconds > 0.4, `${first.seconds} ${second.seconds}`);
      await steps[2]!.reply;
      assert.equal(order, [1, 2, 3]);
    }),
  );

  test('scratch is gone after a clean end, after TERM, and after a lost connection', async () => {
    const root = await mkdtemp('/tmp/lamplighter-scratch-');
    try {
      for (const end of ['close', 'SIGTERM', 'SIGHUP', 'drop'] as const) {
        const [command, args] = shellCommand(shell);
        const channel = processChannel(command, args);
        const session = await openSession(channel, options(root, 'r'));
        const { pid } = await session.hello;
        await session.send(request(sh`ll_temp; echo secret >"$ll_tmp"; echo output`)).reply;
        assert.ok((await readdir(join(root, 's'))).length > 0);
        if (end === 'close') await session.close();
        else if (end === 'drop') {
          channel.stdin.end();
          (channel.stdout as PassThrough).destroy();
        } else {
          // A shell that waits for input looks at a signal when the next line comes, or none.
          process.kill(pid, end);
          channel.stdin.end();
        }
        await until(() => !alive(pid), `${end}: the shell ends`);
        assert.equal(await readdir(join(root, 's')), [], end);
        if (end !== 'close') assert.is(((await session.closed) as LamplighterError).code, 'CONNECTION_LOST', end);
        channel.close();
      }
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  for (const ignored of [false, true])
    test(`a dropped connection: the step under way ends, nothing after it starts${ignored ? ' (SIGPIPE ignored)' : ''}`, async () => {
      const root = await mkdtemp('/tmp/lamplighter-drop-');
      try {
        const [command, args] = shellCommand(shell);
        const channel = ignored
          ? processChannel('sh', ['-c', `trap '' PIPE; exec "$@"`, 'sh', command, ...args], { cwd: root })
          : processChannel(command, args, { cwd: root });
        const session = await openSession(channel, options(root, 'r'));
        const { pid } = await session.hello;
        for (let i = 1; i <= 5; i++)
          session.send(request(raw(`touch ${i}a; sleep 0.6; echo output; echo more >&2; touch ${i}b`)));
        await until(() => existsSync(join(root, '1a')), 'the first step begins');
        (channel.stdout as PassThrough).destroy();
        (channel.stderr as PassThrough).destroy();
        channel.stdin.end();
        await until(() => !alive(pid), 'the shell ends');
        assert.equal((await readdir(root)).filter((name) => /^\d/.test(name)).sort(), ['1a', '1b']);
        channel.close();
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    });

  test('another run waits for the lock, and says for whom; the same run shares it', async () => {
    const root = await mkdtemp('/tmp/lamplighter-lock-');
    const notices: string[] = [];
    const open = async (runId: string) => {
      const [command, args] = shellCommand(shell);
      const channel = processChannel(command, args, { cwd: root });
      const session = await openSession(channel, { ...options(root, runId), notice: (text) => notices.push(text) });
      return { channel, session };
    };
    try {
      const first = await open('run-1');
      const { pid } = await first.session.hello;
      const sharing = await open('run-1');
      assert.is((await sharing.session.send(request(sh`echo shared`)).reply).stdout, 'shared\n');
      assert.equal(notices, []);
      const orphan = first.session.send(request(sh`touch begun; sleep 1.5; touch finished`));
      orphan.reply.catch(() => {});
      await until(() => existsSync(join(root, 'begun')), 'the orphan begins');
      await sharing.session.close();
      const second = await open('run-2');
      const look = second.session.send(request(sh`ls finished`)).reply;
      await until(() => notices.length > 0, 'a notice');
      assert.match(notices[0]!, `run run-1 (pid ${pid} on the host)`);
      assert.match(notices[0]!, 'in step 1');
      (first.channel.stdout as PassThrough).destroy();
      first.channel.stdin.end();
      assert.is((await look).stdout, 'finished\n', 'it began when the step under way had ended');
      process.kill((await second.session.hello).pid, 'SIGKILL');
      await second.session.closed;
      const third = await open('run-3');
      assert.is(
        (await third.session.send(request(sh`echo broken`)).reply).stdout,
        'broken\n',
        'a dead holder is no holder',
      );
      assert.equal((await readdir(join(root, 's'))).filter((name) => name.startsWith('scratch.')).length, 1, 'swept');
      await third.session.close();
      assert.equal(await readdir(join(root, 's')), []);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  test('what is sent again is not run again', async () => {
    const root = await mkdtemp('/tmp/lamplighter-again-');
    try {
      const [command, args] = shellCommand(shell);
      const channel = processChannel(command, args, { cwd: root });
      const doubled: ByteChannel = { ...channel, stdin: new PassThrough() };
      (doubled.stdin as PassThrough).on('data', (chunk: Buffer) => {
        channel.stdin.write(chunk);
        channel.stdin.write(chunk);
      });
      (doubled.stdin as PassThrough).on('end', () => channel.stdin.end());
      const session = await openSession(doubled, options(root, 'r'));
      for (let i = 0; i < 5; i++) await session.send(request(sh`echo ran >>ran`)).reply;
      await session.close();
      assert.is(await readFile(join(root, 'ran'), 'utf8'), 'ran\n'.repeat(5));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  test.run();
}

function options(root: string, runId: string) {
  return {
    runId,
    host: 'localhost',
    user: 'u',
    notice: () => {},
    helloTimeoutSeconds: 20,
    scratch: join(root, 's'),
    journal: join(root, 'j'),
  };
}

const start = suite('shell: the start of a session');

start('noise before the hello is passed on; lines that a login script eats are not missed', async () => {
  const notices: string[] = [];
  await withSession(
    async ({ session }) => {
      assert.is((await session.send(request(sh`echo ok`)).reply).stdout, 'ok\n');
      assert.equal(notices, ['said before the shell was ready: Welcome to the lamp']);
    },
    {
      command: ['sh', ['-c', 'echo "Welcome to the lamp"; read a; read b; read c; exec dash']],
      notice: (text) => notices.push(text),
    },
  );
});

start('a start that was swallowed whole is sent again, with the steps behind it', async () => {
  await withSession(
    async ({ session }) => {
      assert.is((await session.send(request(sh`echo ok`)).reply).stdout, 'ok\n');
    },
    {
      command: ['sh', ['-c', 'sleep 0.2; dd bs=1000000 count=1 of=/dev/null 2>/dev/null; exec dash']],
      session: { helloTimeoutSeconds: 4 },
    },
  );
});

start('a host that is no shell is named with what it said', async () => {
  const cases: [string, RegExp][] = [
    ['echo This account is closed.; sleep 20', /no shell answered within 1 s; it said: This account is closed\./],
    ['echo locked >&2; exit 7', /the shell ended with status 7; it said: locked/],
    ['exit 1', /the shell ended with status 1; it said nothing/],
  ];
  for (const [script, message] of cases) {
    const root = await mkdtemp('/tmp/lamplighter-noshell-');
    const channel = processChannel('sh', ['-c', script]);
    const session = await openSession(channel, { ...options(root, 'r'), helloTimeoutSeconds: 1 });
    const { reply } = session.send(request(sh`echo ok`));
    const error = (await session.closed) as LamplighterError;
    assert.is(error.code, 'PROTOCOL');
    assert.match(error.message, message);
    await reply.then(
      () => assert.unreachable(),
      (reason) => assert.is(reason, error),
    );
    await session.hello.then(
      () => assert.unreachable(),
      (reason) => assert.is(reason, error),
    );
    channel.close();
    await rm(root, { recursive: true, force: true });
  }
});

start('a host that answers nonsense is left', async () => {
  const stdout = new PassThrough();
  const stdin = new PassThrough();
  let finish!: (code: number) => void;
  const done = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const channel: ByteChannel = { stdin, stdout, stderr: new PassThrough(), done, close: () => finish(255) };
  const session = await openSession(channel, options('/tmp', 'r'));
  const token = /ll_hello (\w+)/.exec(String(stdin.read()))![1]!;
  stdout.write(`\n${token} hello 1 0 1 Linux \n\n${token} end 7 0\n`);
  assert.is(((await session.closed) as LamplighterError).code, 'PROTOCOL');
});

start('at most 32 steps or 64 KB are ahead of an answer, and nothing around a solo step', async () => {
  const answer = async (bodies: { body: string; solo?: boolean }[], status = (_: number) => 100) => {
    const stdout = new PassThrough();
    const stdin = new PassThrough();
    let script = '';
    stdin.on('data', (chunk: Buffer) => {
      script += chunk.toString();
    });
    const channel: ByteChannel = {
      stdin,
      stdout,
      stderr: new PassThrough(),
      done: new Promise(() => {}),
      close: () => {},
    };
    const session = await openSession(channel, options('/tmp', 'r'));
    await sleep(1);
    const token = /ll_hello (\w+)/.exec(script)![1]!;
    stdout.write(`\n${token} hello 1 0 1 Linux \n`);
    for (const { body, solo } of bodies) session.send(request(raw(body), { solo: solo ?? false }));
    const ahead: number[] = [];
    for (let done = 0; done < bodies.length; done++) {
      await sleep(2);
      ahead.push((script.match(/^ll_step /gm)?.length ?? 0) - done);
      stdout.write(`\n${token} begin ${done + 1}\n\n${token} end ${done + 1} ${status(done)}\n`);
    }
    return ahead;
  };
  const many = await answer(Array.from({ length: 40 }, () => ({ body: ':' })));
  assert.is(Math.max(...many), 32);
  assert.is(many[0], 32);
  const quiet = Array.from({ length: 400 }, () => ({ body: ':' }));
  const more = await answer(quiet, (done) => (done === 200 ? 100 : 0));
  assert.is(more[0], 32);
  assert.is(Math.max(...more), 128, 'more while nothing changes, up to a limit');
  assert.ok(more.slice(150, 200).every((ahead) => ahead > 32));
  assert.ok(
    more.slice(201, 330).some((ahead) => ahead <= 32),
    'few again behind a change',
  );
  const big = await answer(Array.from({ length: 5 }, () => ({ body: `: ${'x'.repeat(30_000)}` })));
  assert.equal(big, [2, 2, 2, 2, 1]);
  const huge = await answer([{ body: ':' }, { body: `: ${'x'.repeat(200_000)}` }, { body: ':' }]);
  assert.equal(huge, [1, 1, 1], 'one that is bigger than the window travels alone');
  const solo = await answer([{ body: ':' }, { body: ':', solo: true }, { body: ':' }, { body: ':' }]);
  assert.equal(solo, [1, 1, 2, 1]);
});

start('a run id that is no directory name is refused', async () => {
  const channel = processChannel('true', []);
  for (const runId of ['', '..', 'a/b', '.x', 'a b'])
    await openSession(channel, options('/tmp', runId)).then(
      () => assert.unreachable(runId),
      (error: LamplighterError) => assert.is(error.code, 'PROTOCOL'),
    );
});

start.run();
