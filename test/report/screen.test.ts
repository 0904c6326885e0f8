import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Screen } from '../../run/report/screen.ts';

const screens = suite('screen');

function open(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const screen = new Screen({ stdout, stderr }, env);
  return { screen, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') };
}

/** What a terminal shows: a carriage return with "clear to the end" empties the line. */
function shown(bytes: string): string {
  return bytes
    .split('\n')
    .map((line) => line.split('\r\u001b[K').at(-1))
    .join('\n');
}

screens('the moving line is always the last, and never stays', async () => {
  const { screen, out } = open(true);
  screen.start(() => '3 s · lamp01', assert.unreachable);
  await sleep(150);
  const first = out();
  assert.match(shown(first), /^. 3 s · lamp01$/);
  screen.print('ok: [lamp01]\n');
  assert.is(shown(first + out()), 'ok: [lamp01]\n');
  await sleep(150);
  const second = out();
  assert.match(shown(second), /^. 3 s · lamp01$/);
  screen.stop();
  assert.is(shown(second + out()), '');
});

screens('nothing moves on a terminal that wants it plain', async () => {
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const { screen, out } = open(true, env);
    screen.start(
      () => 'x',
      () => undefined,
    );
    screen.print('ok\n');
    await sleep(150);
    screen.stop();
    assert.is(out(), 'ok\n');
  }
});

screens('off a terminal nothing moves; silence is explained by lines', async () => {
  const { screen, out } = open(false);
  let ticks = 0;
  screen.start(
    () => assert.unreachable() ?? undefined,
    () => ticks++,
  );
  await sleep(1_100);
  screen.print('ok\n');
  screen.stop();
  assert.is(out(), 'ok\n');
  assert.is(ticks, 1);
});

screens('while someone is asked nothing moves', async () => {
  const { screen, out } = open(true);
  screen.start(() => 'busy', assert.unreachable);
  await sleep(150);
  out();
  await screen.without(async () => {
    out();
    await sleep(250);
    assert.is(out(), '');
  });
  await sleep(150);
  assert.match(out(), 'busy');
  screen.stop();
});

screens('what goes to stderr does not break the line on the same terminal', async () => {
  const { screen, out, err } = open(true);
  screen.start(() => 'busy', assert.unreachable);
  await sleep(150);
  screen.tell('[WARNING]: odd\n');
  assert.is(shown(out()), '');
  assert.is(err(), '[WARNING]: odd\n');
  screen.stop();
});

screens('columns are the terminal’s, 80 elsewhere', () => {
  assert.is(open(true).screen.columns, 60);
  assert.is(open(false).screen.columns, 80);
});

screens.run();
