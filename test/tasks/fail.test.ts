import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import failModule from '../../tasks/fail.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('fail');

test('fails with its message, or with one of its own', async () => {
  assert.equal((await runStep(failModule, {})).result, {
    failed: true,
    changed: false,
    msg: 'Failed as requested from task',
  });
  assert.is((await runStep(failModule, { msg: 'because' })).result.msg, 'because');
});

test.run();
