import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { equal } from '../values/compare.ts';
import { dictGet } from '../values/dict.ts';
import { type Dict, isDict } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Undefined } from '../values/types.ts';

function resultOf(value: unknown, test: string): Dict {
  if (value instanceof Undefined) throw value.error();
  if (!isDict(value)) throw filterError(`The '${test}' test expects a dictionary`);
  return value;
}

function flag(result: Dict, name: string): boolean {
  const value = dictGet(result, name);
  return value !== undefined && truthy(value);
}

const has = (name: string, test = name) => builtin('result', (_rt, value) => flag(resultOf(value, test), name));
const lacks = (name: string, test: string) => builtin('result', (_rt, value) => !flag(resultOf(value, test), name));

function changed(value: unknown): boolean {
  const result = resultOf(value, 'changed');
  const own = dictGet(result, 'changed');
  if (own !== undefined) return truthy(own);
  const results = dictGet(result, 'results');
  if (!Array.isArray(results) || !isDict(results[0])) return false;
  return results.some((item) => isDict(item) && flag(item, 'changed'));
}

/** An async task's own word; a task that is not async has started and finished. */
function asyncState(value: unknown, name: string): boolean {
  const state = dictGet(resultOf(value, name), name);
  return state === undefined ? true : equal(state, 1);
}

const isChanged = builtin('result', (_rt, value) => changed(value));
const failed = has('failed');
const succeeded = lacks('failed', 'failed');
const skipped = has('skipped');

/** Ansible's tests of a task's registered result. */
export const resultTests: Builtins = {
  change: isChanged,
  changed: isChanged,
  failed,
  failure: failed,
  finished: builtin('result', (_rt, value) => asyncState(value, 'finished')),
  reachable: lacks('unreachable', 'unreachable'),
  skip: skipped,
  skipped,
  started: builtin('result', (_rt, value) => asyncState(value, 'started')),
  succeeded,
  success: succeeded,
  successful: succeeded,
  unreachable: has('unreachable'),
};
