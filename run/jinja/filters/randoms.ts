import { type Builtins, builtin } from '../builtin.ts';
import { filterError, isPythonError, valueError } from '../errors.ts';
import { intArgument } from '../python/method.ts';
import { randomSource } from '../python/random.ts';
import { iterate, tryIterate } from '../values/iterate.ts';
import { isInt } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';

function random(end: unknown, start: unknown, step: unknown, seed: unknown): unknown {
  const source = randomSource(seed);
  if (isInt(end) || typeof end === 'boolean') {
    const from = start === undefined || !truthy(start) ? 0 : intArgument(start);
    const stride = step === undefined || !truthy(step) ? 1 : intArgument(step);
    const count = stride > 0 ? Math.ceil((Number(end) - from) / stride) : Math.ceil((from - Number(end)) / -stride);
    if (count <= 0) throw valueError(`empty range for randrange() (${from}, ${end}, ${Number(end) - from})`);
    return from + stride * source.below(count);
  }
  const items = tryIterate(end);
  if (!items) throw filterError('random can only be used on sequences and integers');
  if ((start !== undefined && truthy(start)) || (step !== undefined && truthy(step))) {
    throw filterError('start and step can only be used with integer values');
  }
  if (items.length === 0) throw valueError('Cannot choose from an empty sequence');
  return items[source.below(items.length)];
}

/** Ansible's `shuffle` returns what it cannot shuffle as it is. */
function shuffle(value: unknown, seed: unknown): unknown {
  let items: unknown[];
  try {
    items = [...iterate(value)];
  } catch (error) {
    if (isPythonError(error, 'TypeError')) return value;
    throw error;
  }
  const source = randomSource(seed !== undefined && truthy(seed) ? seed : undefined);
  for (let i = items.length - 1; i > 0; i--) {
    const j = source.below(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

/** Ansible's random filters: with a seed they choose what Python would. */
export const randomFilters: Builtins = {
  random: builtin('end, start?, step?, seed?', (_rt, end, start, step, seed) => random(end, start, step, seed)),
  shuffle: builtin('mylist, seed?', (_rt, value, seed) => shuffle(value, seed)),
};
