import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { calling, lines, raw, sh } from '../../run/shell/script.ts';
import { openSession } from '../../run/shell/session.ts';
import type { ByteChannel } from '../../run/task.ts';
import { SHELLS } from '../helpers/channel.ts';
import { request, withSession } from '../helpers/step.ts';

/* Functions of modules travel once a session, whatever the number of steps that call them. */

const test = suite('shell: functions of modules');
const greet = calling(new Map([['t_greet', 't_greet() { ll_ret said "it\'s $1"; }']]));
const other = calling(new Map([['t_greet', 't_greet() { ll_ret said "other $1"; }']]));

test('scripts carry the functions that their parts call', () => {
  const own = calling(new Map([['t_own', 't_own() { :; }']]));
  const script = lines(greet, undefined, sh`t_greet ${[sh`a${own}`, 'b']}`);
  assert.is(script.text, 't_greet a b');
  assert.equal(
    script.libraries.flatMap((library) => [...library.keys()]),
    ['t_greet', 't_own'],
  );
  assert.equal(sh`t_greet ${'x'}`.libraries, []);
});

test('a function is sent ahead of the first step that calls it, and not again', async () => {
  const stdin = new PassThrough();
  let sent = '';
  stdin.on('data', (chunk) => {
    sent += chunk;
  });
  const channel: ByteChannel = {
    stdin,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    done: new Promise(() => {}),
    close: () => {},
  };
  const session = await openSession(channel, {
    runId: 'r',
    host: 'h',
    user: 'u',
    notice: () => {},
    helloTimeoutSeconds: 1,
  });
  const start = session.traffic.sent;
  for (let i = 0; i < 10; i++) session.send(request(lines(greet, sh`t_greet ${i}`)));
  await new Promise((resolve) => setImmediate(resolve));
  const calls = sent.slice(start);
  assert.is(calls.match(/^ll_learn /gm)?.length, 1);
  assert.is(calls.match(/^ll_step /gm)?.length, 10);
  assert.ok(calls.indexOf('ll_learn') < calls.indexOf('ll_step'));
  assert.is(session.traffic.sent, sent.length);
  await session.closed;
});

for (const shell of SHELLS)
  test(`steps call them; of two with one name each step has its own (${shell})`, () =>
    withSession(
      async ({ session }) => {
        const say = (functions: typeof greet, word: string) =>
          session.send(request(lines(functions, sh`t_greet ${word}`))).reply;
        const replies = await Promise.all([
          say(greet, 'one'),
          session.send(request(raw('t_greet() { exit 9; }; t_greet'))).reply,
          say(greet, 'two'),
          say(other, 'three'),
          say(greet, 'four'),
        ]);
        assert.equal(
          replies.map((reply) => reply.fields.said ?? reply.rc),
          ["it's one", 9, "it's two", 'other three', "it's four"],
        );
      },
      { shell },
    ));

test.run();
