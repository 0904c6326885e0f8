import { randomInt } from 'node:crypto';
import { invoke } from '../builtin.ts';
import { lookupError } from '../errors.ts';
import { flatten } from '../filters/flatten.ts';
import { findFilter } from '../filters/registry.ts';
import { pyRepr } from '../python/repr.ts';
import { dictEntries, dictGet, dictValues, makeDict } from '../values/dict.ts';
import { isDict, isSequence, isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { noKeywords, Tuple } from '../values/types.ts';
import type { Lookup } from './plugin.ts';

const dict: Lookup = (terms) => {
  const dicts = terms.flatMap((term) => (isSequence(term) ? term : [term]));
  return dicts.flatMap((term) => {
    if (!isDict(term)) throw lookupError('with_dict expects a dict');
    return dictEntries(term).map(([key, value]) =>
      makeDict([
        ['key', key],
        ['value', value],
      ]),
    );
  });
};

const items: Lookup = (terms) => flatten(terms, 1, false);
const list: Lookup = (terms) => [...terms];

const indexedItems: Lookup = (terms) =>
  items(terms, noKeywords, undefined as never).map((item, index) => Tuple.make([index, item]));

const nested: Lookup = (terms, _options, rt) => {
  const lists = terms.map((term) => (isSequence(term) ? term : [term]));
  if (lists.length === 0) throw lookupError('with_nested requires at least one element in the nested list');
  const product = invoke('product', findFilter('product')!, rt, lists[0], lists.slice(1), noKeywords) as unknown[][];
  return product.map((combination) => flatten(combination, 1, false));
};

/** Lists within lists as one, until the first "None" or "null": old words for what is not defined. */
const flattened: Lookup = (terms) => {
  const all: unknown[] = [];
  for (let term of terms) {
    while (isSequence(term) && term.length === 1) term = term[0];
    if (isText(term) && /^(?:None|null)$/.test(String(term))) break;
    if (isSequence(term)) all.push(...(flattened(term, noKeywords, undefined as never) as unknown[]));
    else all.push(term);
  }
  return all;
};

const together: Lookup = (terms) => {
  if (terms.length === 0) throw lookupError('with_together requires at least one element in each list');
  const lists = terms.map((term) => (isSequence(term) ? term : [term]));
  const size = Math.max(...lists.map((items) => items.length));
  return Array.from({ length: size }, (_, index) =>
    flatten(
      lists.map((items) => items[index] ?? null),
      1,
      false,
    ),
  );
};

const subelements: Lookup = (terms) => {
  const [source, path, flags] = terms;
  if (!isText(path)) throw lookupError('subelements lookup expects a string as its second term');
  if (!isDict(source) && !isSequence(source)) {
    throw lookupError(`first a dict or a list, second a string pointing to the subkey, not ${pyRepr(source)}`);
  }
  const skipMissing = isDict(flags) && truthy(dictGet(flags, 'skip_missing') ?? false);
  const keys = String(path).split('.');
  const elements = (isDict(source) ? dictValues(source) : source).filter(
    (item) => !(isDict(item) && truthy(dictGet(item, 'skipped') ?? false)),
  );
  return elements.flatMap((element) => {
    const found = subelementsOf(element, keys, skipMissing);
    const rest = found.length > 0 ? without(element, keys) : element;
    return found.map((item) => Tuple.make([rest, item]));
  });
};

/** A dict without what stands at the end of a path: Ansible's lookup takes it out, other than the filter. */
function without(value: unknown, [key, ...below]: readonly string[]): unknown {
  if (!isDict(value)) return value;
  return makeDict(
    dictEntries(value).flatMap(([name, each]): [unknown, unknown][] => {
      if (name !== key) return [[name, each]];
      return below.length > 0 ? [[name, without(each, below)]] : [];
    }),
  );
}

function subelementsOf(element: unknown, keys: readonly string[], skipMissing: boolean): unknown[] {
  let value = element;
  for (const key of keys) {
    if (!isDict(value)) throw lookupError(`the key ${key} should point to a dictionary, got '${pyRepr(value)}'`);
    const next = dictGet(value, key);
    if (next === undefined) {
      if (skipMissing) return [];
      throw lookupError(`could not find '${key}' key in iterated item '${pyRepr(value)}'`);
    }
    value = next;
  }
  if (isSequence(value)) return value;
  throw lookupError(`the key ${keys.at(-1)} should point to a list, got '${pyRepr(value)}'`);
}

const randomChoice: Lookup = (terms) => (terms.length > 0 ? [terms[randomInt(terms.length)]] : []);

/** The lookups of community.general that were Ansible's own and are still written as `with_…`. */
export const oldCollectionLookups: Readonly<Record<string, Lookup>> = { cartesian: nested, flattened };

/** Lookups that rearrange what they are given. */
export const collectionLookups: Readonly<Record<string, Lookup>> = {
  dict,
  indexed_items: indexedItems,
  items,
  list,
  nested,
  random_choice: randomChoice,
  subelements,
  together,
};
