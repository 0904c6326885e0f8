import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import setFact from '../../tasks/set_fact.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('set_fact');

test('values keep their types, and four words become booleans', async () => {
  const { result } = await runStep(setFact, { a: 1, b: ['x'], c: 'True', d: 'no', e: 'on', f: { g: null } });
  assert.equal(result, { ansible_facts: { a: 1, b: ['x'], c: true, d: false, e: 'on', f: { g: null } } });
});

test('cacheable facts are marked', async () => {
  const { result } = await runStep(setFact, { a: 1, cacheable: 'yes' });
  assert.equal(result, { ansible_facts: { a: 1 }, _ansible_facts_cacheable: true });
});

test('refuses no facts and names that are none', () => {
  assert.match(
    setFact.args.safeParse({ cacheable: true }).error!.issues[0]!.message,
    'No key/value pairs provided, at least one is required',
  );
  assert.match(setFact.args.safeParse({ 'a-b': 1 }).error!.issues[0]!.message, "The variable name 'a-b' is not valid");
});

test.run();
