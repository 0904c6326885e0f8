import { type Builtins, builtin } from '../builtin.ts';
import { filterError, isPythonError } from '../errors.ts';
import { getItem } from '../python/access.ts';
import { pyRepr, pyString } from '../python/repr.ts';
import { dictEntries, dictGet, dictHas, dictValues, makeDict } from '../values/dict.ts';
import { iterate } from '../values/iterate.ts';
import { type Dict, isDict, isSequence, isText, typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, Tuple, Undefined } from '../values/types.ts';
import { flatten } from './flatten.ts';
import { isListMerge, mergeDicts } from './merge.ts';

function classOf(value: unknown): string {
  return `<class '${typeName(value)}'>`;
}

function combine(terms: unknown[], options: Keywords): unknown {
  const { recursive = false, list_merge: listMerge = 'replace', ...rest } = options;
  if (Object.keys(rest).length > 0)
    throw filterError("'recursive' and 'list_merge' are the only valid keyword arguments");
  if (!isListMerge(listMerge)) {
    throw filterError(
      "merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', 'append', 'prepend', 'append_rp' or 'prepend_rp'",
    );
  }
  const dicts = flatten(terms, 1);
  for (const dict of dicts) {
    if (dict instanceof Undefined) throw dict.error();
    if (!isDict(dict) && dicts.length > 1) {
      throw filterError(`failed to combine variables, expected dicts but got a '${typeName(dict)}': ${pyRepr(dict)}`);
    }
  }
  if (dicts.length === 0) return {};
  return (dicts as Dict[]).reduceRight((high, low) => mergeDicts(low, high, truthy(recursive), listMerge));
}

function toItems(value: unknown, keyName: unknown, valueName: unknown): unknown[] {
  if (value instanceof Undefined) throw value.error();
  if (!isDict(value)) throw filterError(`dict2items requires a dictionary, got ${classOf(value)} instead.`);
  const [key, item] = [keyName ?? 'key', valueName ?? 'value'];
  return dictEntries(value).map(([name, content]) =>
    makeDict([
      [key, name],
      [item, content],
    ]),
  );
}

function fromItems(value: unknown, keyName: unknown, valueName: unknown): unknown {
  if (value instanceof Undefined) throw value.error();
  if (!isSequence(value)) throw filterError(`items2dict requires a list, got ${classOf(value)} instead.`);
  const [key, content] = [keyName ?? 'key', valueName ?? 'value'];
  return makeDict(
    value.map((item): [unknown, unknown] => {
      if (!isDict(item)) throw filterError(`items2dict requires a list of dictionaries, got ${pyRepr(value)} instead.`);
      if (!dictHas(item, key) || !dictHas(item, content)) {
        throw filterError(
          `items2dict requires each dictionary in the list to contain the keys '${pyString(key)}' and '${pyString(content)}', got ${pyRepr(value)} instead.`,
        );
      }
      return [dictGet(item, key), dictGet(item, content)];
    }),
  );
}

function extract(key: unknown, container: unknown, more: unknown): unknown {
  const rest = more === undefined || more === null ? [] : isSequence(more) && !(more instanceof Tuple) ? more : [more];
  return [key, ...rest].reduce((value, part) => getItem(value, part), container);
}

function subelements(value: unknown, path: unknown, skipMissing: unknown): unknown[] {
  if (value instanceof Undefined) throw value.error();
  const elements = isDict(value) ? dictValues(value) : isSequence(value) ? value : undefined;
  if (!elements) throw filterError('obj must be a list of dicts or a nested dict');
  const keys = isSequence(path) ? path : isText(path) ? String(path).split('.') : undefined;
  if (!keys) throw filterError('subelements must be a list or a string');
  const skips = skipMissing !== undefined && truthy(skipMissing);
  return elements.flatMap((element) => subelementsOf(element, keys, skips).map((item) => Tuple.make([element, item])));
}

function subelementsOf(element: unknown, keys: unknown[], skipMissing: boolean): unknown[] {
  let values = element;
  for (const key of keys) {
    if (!isDict(values)) {
      throw filterError(`the key ${pyString(key)} should point to a dictionary, got '${pyString(values)}'`);
    }
    const next = dictGet(values, key);
    if (next === undefined) {
      if (skipMissing) return [];
      throw filterError(`could not find ${pyRepr(key)} key in iterated item ${pyRepr(values)}`);
    }
    values = next;
  }
  if (isSequence(values)) return values;
  throw filterError(`the key ${pyRepr(keys.at(-1))} should point to a list, got ${pyRepr(values)}`);
}

function rekey(value: unknown, key: unknown, duplicates: unknown): unknown {
  const policy = duplicates ?? 'error';
  if (policy !== 'error' && policy !== 'overwrite') {
    throw filterError(`duplicates parameter to rekey_on_member has unknown value: ${pyString(policy)}`);
  }
  if (isText(value)) throw filterError('Type is not a valid list, set, or dict');
  let items: unknown[];
  try {
    items = isDict(value) ? dictValues(value) : iterate(value);
  } catch (error) {
    if (isPythonError(error, 'TypeError')) throw filterError('Type is not a valid list, set, or dict');
    throw error;
  }
  const rekeyed = new Map<unknown, unknown>();
  for (const item of items) {
    if (!isDict(item)) throw filterError('List item is not a valid dict');
    const name = dictGet(item, key);
    if (name === undefined) throw filterError(`Key ${pyString(key)} was not found`);
    if (policy === 'error' && dictHas(rekeyed, name)) {
      throw filterError(`Key ${pyString(name)} is not unique, cannot correctly turn into dict`);
    }
    rekeyed.set(name, item);
  }
  return makeDict(rekeyed);
}

/** Ansible's filters for dicts. */
export const dictFilters: Builtins = {
  combine: builtin('*terms, **kwargs', (_rt, terms: unknown[], options: Keywords) => combine(terms, options)),
  dict2items: builtin('mydict, key_name?, value_name?', (_rt, value, key, name) => toItems(value, key, name)),
  extract: builtin('item, container, morekeys?', (_rt, key, container, more) => extract(key, container, more)),
  items2dict: builtin('mylist, key_name?, value_name?', (_rt, value, key, name) => fromItems(value, key, name)),
  rekey_on_member: builtin('data, key, duplicates?', (_rt, value, key, duplicates) => rekey(value, key, duplicates)),
  subelements: builtin('obj, subelements, skip_missing?', (_rt, value, path, skip) => subelements(value, path, skip)),
};
