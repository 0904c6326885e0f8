import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import assertModule from '../../tasks/assert.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('assert');
const values: Record<string, unknown> = { yes: true, no: false, zero: 0, empty: [], text: 'x' };
const evaluate = (expression: string) => {
  if (expression in values) return values[expression];
  if (expression === 'pending') throw { later: true };
  throw new LamplighterError('UNDEFINED_VARIABLE', `'${expression}' is undefined`);
};
const run = async (args: Record<string, unknown>) =>
  (await runStep(assertModule, args, { context: { evaluate } })).result;

test('all hold', async () => {
  assert.equal(await run({ that: ['yes', 'text', true] }), {
    _ansible_verbose_always: true,
    changed: false,
    msg: 'All assertions passed',
  });
  assert.equal(await run({ that: 'yes', success_msg: 'good', quiet: true }), { changed: false, msg: 'good' });
});

test('the first that does not is named', async () => {
  const result = await run({ that: ['yes', 'no', 'zero'], msg: 'bad' });
  assert.is(result.failed, true);
  assert.is(result.assertion, 'no');
  assert.is(result.evaluated_to, false);
  assert.is(result.msg, 'bad');
  assert.is((await run({ that: 'zero' })).msg, 'Assertion failed');
  assert.is((await run({ that: ['empty'] })).assertion, 'empty');
});

test('an expression that cannot be evaluated is a failure that says why', async () => {
  const result = await run({ that: 'nosuch' });
  assert.is(result.failed, true);
  assert.is(result.msg, "The conditional check 'nosuch' failed. The error was: 'nosuch' is undefined");
});

test("what is thrown for the runner's own purposes passes through", async () => {
  await run({ that: 'pending' }).then(
    () => assert.unreachable('it was taken for a failure'),
    (thrown) => assert.equal(thrown, { later: true }),
  );
});

test('arguments', () => {
  assert.not.ok(assertModule.args.safeParse({}).success);
  assert.not.ok(assertModule.args.safeParse({ that: 'x', fail_msg: { a: 1 } }).success);
  assert.ok(assertModule.args.safeParse({ that: 'x', fail_msg: ['a', 'b'] }).success);
});

test.run();
