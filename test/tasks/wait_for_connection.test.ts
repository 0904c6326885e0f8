import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import waitForConnection from '../../tasks/wait_for_connection.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('wait_for_connection');

test('tries until the host answers', async () => {
  let tries = 0;
  const reconnect = async () => {
    tries++;
    if (tries < 3) throw new Error('refused');
  };
  const { result } = await runStep(waitForConnection, { sleep: 1 }, { context: { reconnect } });
  assert.is(tries, 3);
  assert.equal(result, { changed: false, elapsed: 2 });
});

test('gives up in time, with the last reason', async () => {
  const reconnect = () => Promise.reject(new Error('no route to host'));
  const { result } = await runStep(waitForConnection, { timeout: 1 }, { context: { reconnect } });
  assert.is(result.failed, true);
  assert.match(String(result.msg), 'timed out waiting for ping module test: no route to host');
});

test('is skipped in check mode', async () => {
  assert.is((await runStep(waitForConnection, {}, { check: true })).result.skipped, true);
});

test.run();
