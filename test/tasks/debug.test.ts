import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import type { TaskContext } from '../../run/task.ts';
import debug from '../../tasks/debug.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('debug');
const variables: Record<string, unknown> = { x: [1, 2], 'x[0]': 1, ansible_verbosity: 0 };
const context: Partial<TaskContext> = {
  variable: (name) => variables[name],
  evaluate: (expression) => {
    if (expression in variables) return variables[expression];
    throw new LamplighterError('UNDEFINED_VARIABLE', `'${expression}' is undefined`);
  },
};
const run = async (args: Record<string, unknown>, more: Partial<TaskContext> = {}) =>
  (await runStep(debug, args, { context: { ...context, ...more } })).result;

test('a message, a default message, a message of any type', async () => {
  assert.equal(await run({ msg: 'hi' }), { msg: 'hi' });
  assert.equal(await run({}), { msg: 'Hello world!' });
  assert.equal(await run({ msg: ['a', { b: 1 }] }), { msg: ['a', { b: 1 }] });
});

test('an expression stands under itself', async () => {
  assert.equal(await run({ var: 'x' }), { x: [1, 2] });
  assert.equal(await run({ var: 'x[0]' }), { 'x[0]': 1 });
  assert.equal(await run({ var: 'nosuch' }), { nosuch: 'VARIABLE IS NOT DEFINED!' });
});

test('what is no name stands under its type', async () => {
  assert.equal(await run({ var: [1] }), { "<class 'list'>": [1] });
  assert.equal(await run({ var: 1.5 }), { "<class 'float'>": 1.5 });
});

test('other errors of an expression are not hidden', async () => {
  const evaluate = () => {
    throw new LamplighterError('TEMPLATE_SYNTAX', 'unexpected end');
  };
  await run({ var: 'x[' }, { evaluate }).then(
    () => assert.unreachable('no error'),
    (error: LamplighterError) => assert.is(error.code, 'TEMPLATE_SYNTAX'),
  );
});

test('verbosity', async () => {
  assert.is((await run({ msg: 'x', verbosity: 2 })).skipped, true);
  const variable = () => 2;
  assert.equal(await run({ msg: 'x', verbosity: '2' }, { variable }), { msg: 'x' });
});

test('refuses both', () => {
  assert.not.ok(debug.args.safeParse({ msg: 'a', var: 'b' }).success);
});

test.run();
