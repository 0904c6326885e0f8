import { type Builtins, builtin } from '../builtin.ts';
import { valueError } from '../errors.ts';
import { intArgument } from '../python/method.ts';
import { iterate } from '../values/iterate.ts';
import { type Keywords, Tuple } from '../values/types.ts';

const most = 1e6;

function collect(items: Iterable<unknown[]>): Tuple[] {
  const tuples: Tuple[] = [];
  for (const item of items) {
    if (tuples.length >= most) throw valueError(`more than ${most} combinations`);
    tuples.push(Tuple.make(item));
  }
  return tuples;
}

function* product(pools: readonly (readonly unknown[])[]): Generator<unknown[]> {
  const [first, ...rest] = pools;
  if (!first) {
    yield [];
    return;
  }
  for (const item of first) for (const tail of product(rest)) yield [item, ...tail];
}

function* permutations(items: readonly unknown[], size: number): Generator<unknown[]> {
  if (size === 0) yield [];
  else {
    for (const [index, item] of items.entries()) {
      const others = items.filter((_, other) => other !== index);
      for (const tail of permutations(others, size - 1)) yield [item, ...tail];
    }
  }
}

function* combinations(items: readonly unknown[], size: number, from = 0): Generator<unknown[]> {
  if (size === 0) yield [];
  else {
    for (let index = from; index <= items.length - size; index++) {
      for (const tail of combinations(items, size - 1, index + 1)) yield [items[index], ...tail];
    }
  }
}

function sizeArgument(value: unknown, fallback: number | undefined): number {
  const size = intArgument(value, fallback);
  if (size < 0) throw valueError('r must be non-negative');
  return size;
}

function zip(lists: readonly (readonly unknown[])[], size: number, fill: unknown): Tuple[] {
  return Array.from({ length: size }, (_, index) =>
    Tuple.make(lists.map((list) => (index < list.length ? list[index] : fill))),
  );
}

/** Ansible's combinatorics and `zip`. */
export const combinationFilters: Builtins = {
  combinations: builtin('iterable, r', (_rt, value, size) => {
    const items = iterate(value);
    const wanted = sizeArgument(size, undefined);
    return wanted > items.length ? [] : collect(combinations(items, wanted));
  }),
  permutations: builtin('iterable, r?', (_rt, value, size) => {
    const items = iterate(value);
    return collect(permutations(items, sizeArgument(size, items.length)));
  }),
  product: builtin('*iterables, **options', (_rt, lists: unknown[], options: Keywords) => {
    const pools = lists.map(iterate);
    const times = intArgument(options.repeat, 1);
    return collect(product(Array.from({ length: times }, () => pools).flat()));
  }),
  zip: builtin('*iterables, **options', (_rt, lists: unknown[], options: Keywords) => {
    const pools = lists.map(iterate);
    const sizes = pools.map((pool) => pool.length);
    if (options.strict === true && new Set(sizes).size > 1) throw valueError('zip() arguments differ in length');
    return zip(pools, Math.min(...sizes), null);
  }),
  zip_longest: builtin('*iterables, **options', (_rt, lists: unknown[], options: Keywords) => {
    const pools = lists.map(iterate);
    return zip(pools, Math.max(0, ...pools.map((pool) => pool.length)), options.fillvalue ?? null);
  }),
};
