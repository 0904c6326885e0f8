import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import ping from '../../tasks/ping.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('ping');

test('answers what it is given, or crashes', async () => {
  assert.is((await runStep(ping, {})).result.ping, 'pong');
  assert.is((await runStep(ping, { data: "it's" })).result.ping, "it's");
  const crash = await runStep(ping, { data: 'crash' });
  assert.is(crash.reply!.status, 'failed');
  assert.is(crash.result.msg, 'boom');
});

test.run();
