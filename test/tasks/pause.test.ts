import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import pause from '../../tasks/pause.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('pause');

test('waits for the time it is given, one second at least', async () => {
  const start = Date.now();
  const said: string[] = [];
  const progress = (message: string) => said.push(message);
  const { result } = await runStep(pause, { seconds: 0, prompt: 'look' }, { context: { progress } });
  assert.ok(Date.now() - start >= 1000);
  assert.match(result.stdout!, /^Paused for 1\.\d+ seconds$/);
  assert.is(result.delta, 1);
  assert.is(result.changed, false);
  assert.equal(said, ['pausing for 1 seconds: look']);
});

test('fractions of minutes count', async () => {
  const { result } = await runStep(pause, { minutes: '0.02' });
  assert.match(result.stdout!, /^Paused for 0\.02 minutes$/);
});

test('ends when the run is interrupted', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  const start = Date.now();
  await runStep(pause, { seconds: 60 }, { context: { signal: stop.signal } }).then(
    () => assert.unreachable('it went on'),
    () => assert.ok(Date.now() - start < 60_000),
  );
});

test('without a terminal a prompt is a warning', async () => {
  const terminal = process.stdin.isTTY;
  process.stdin.isTTY = false;
  try {
    const { result } = await runStep(pause, { prompt: 'name?' });
    assert.equal(result.warnings, ['Not waiting for response to prompt as stdin is not interactive']);
    assert.is(result.user_input, '');
    assert.match(result.stdout!, /^Paused for 0\.0\d? minutes$/);
  } finally {
    process.stdin.isTTY = terminal;
  }
});

test('refuses both units', () => {
  assert.not.ok(pause.args.safeParse({ seconds: 1, minutes: 1 }).success);
});

test.run();
