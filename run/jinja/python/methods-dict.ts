import { keyError, typeError } from '../errors.ts';
import { dictDelete, dictEntries, dictGet, dictHas, dictKeys, dictSet, dictValues, makeDict } from '../values/dict.ts';
import { iterate } from '../values/iterate.ts';
import { type Dict, isDict } from '../values/kinds.ts';
import { DictView, Tuple } from '../values/types.ts';
import { type Method, method } from './method.ts';
import { pyRepr } from './repr.ts';

/** Python's `dict` methods. */
export const dictMethods: Record<string, Method> = {
  clear: method<Dict>('', (self) => {
    for (const key of dictKeys(self)) dictDelete(self, key);
    return null;
  }),
  copy: method<Dict>('', (self) => makeDict(dictEntries(self))),
  fromkeys: method<Dict>('iterable, value?', (_self, _caller, keys, value) =>
    makeDict(iterate(keys).map((key) => [key, value ?? null])),
  ),
  get: method<Dict>('key, default?', (self, _caller, key, fallback) => {
    const value = dictGet(self, key);
    return value === undefined ? (fallback ?? null) : value;
  }),
  items: method<Dict>('', (self) => DictView.make('dict_items', dictEntries(self).map(Tuple.make))),
  keys: method<Dict>('', (self) => DictView.make('dict_keys', dictKeys(self))),
  pop: method<Dict>('key, default?', (self, _caller, key, fallback) => {
    if (!dictHas(self, key)) {
      if (fallback === undefined) throw keyError(pyRepr(key));
      return fallback;
    }
    const value = dictGet(self, key);
    dictDelete(self, key);
    return value;
  }),
  popitem: method<Dict>('', (self) => {
    const last = dictEntries(self).at(-1);
    if (!last) throw keyError("'popitem(): dictionary is empty'");
    dictDelete(self, last[0]);
    return Tuple.make(last);
  }),
  setdefault: method<Dict>('key, default?', (self, _caller, key, fallback) => {
    if (!dictHas(self, key)) dictSet(self, key, fallback ?? null);
    return dictGet(self, key);
  }),
  update: method<Dict>('other?, **values', (self, _caller, other, values) => {
    for (const [key, value] of other === undefined ? [] : pairs(other)) dictSet(self, key, value);
    for (const [key, value] of Object.entries(values as object)) dictSet(self, key, value);
    return null;
  }),
  values: method<Dict>('', (self) => DictView.make('dict_values', dictValues(self))),
};

/** The entries of a dict, or of a sequence of pairs as `dict()` and `dict.update()` take one. */
export function pairs(source: unknown): [unknown, unknown][] {
  if (isDict(source)) return dictEntries(source);
  return iterate(source).map((pair, index) => {
    const items = iterate(pair);
    if (items.length !== 2) {
      throw typeError(`dictionary update sequence element #${index} has length ${items.length}; 2 is required`);
    }
    return [items[0], items[1]];
  });
}
