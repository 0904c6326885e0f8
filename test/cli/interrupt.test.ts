import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { interruptible } from '../../run/cli/interrupt.ts';
import { fakeIo } from './fake-io.ts';

const interrupt = suite('interrupt');

interrupt('undisturbed work gives its own code and leaves no listener', async () => {
  const { io, signals } = fakeIo();
  assert.is(await interruptible(io, async () => 2), 2);
  assert.is(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM'), 0);
});

interrupt('the first Ctrl-C asks the work to end', async () => {
  const { io, signals, exits } = fakeIo();
  const work = interruptible(io, async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return 0;
  });
  signals.emit('SIGINT');
  assert.is(await work, 99);
  assert.equal(exits, []);
});

interrupt('work that does not end is left within a second', async () => {
  const { io, signals } = fakeIo();
  // Something must keep the process alive, as a run's connections do.
  const busy = setInterval(() => {}, 50);
  const begun = performance.now();
  const work = interruptible(io, () => new Promise(() => {}));
  signals.emit('SIGTERM');
  assert.is(await work, 99);
  assert.ok(performance.now() - begun < 60_000);
  clearInterval(busy);
});

interrupt('the second Ctrl-C ends the process at once', async () => {
  const { io, signals, exits } = fakeIo();
  const work = interruptible(io, async () => {
    await sleep(50);
    return 0;
  });
  signals.emit('SIGINT');
  assert.equal(exits, []);
  signals.emit('SIGINT');
  assert.equal(exits, [99]);
  await work;
});

interrupt('an error of the work comes through', async () => {
  const { io } = fakeIo();
  try {
    await interruptible(io, () => Promise.reject(new Error('boom')));
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'boom');
  }
});

interrupt.run();
