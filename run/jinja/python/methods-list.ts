import { indexError } from '../errors.ts';
import { equal, pythonOrder } from '../values/compare.ts';
import { iterate } from '../values/iterate.ts';
import { truthy } from '../values/truth.ts';
import { noKeywords } from '../values/types.ts';
import { intArgument, type Method, method, notFound, range } from './method.ts';
import { pyRepr } from './repr.ts';

type List = unknown[];

const shared: Record<string, Method> = {
  count: method<List>('value', (self, _caller, value) => self.filter((item) => equal(item, value)).length),
  index: method<List>('value, start?, stop?', (self, _caller, value, start, stop) => {
    const [from, to] = range(start, stop, self.length);
    for (let at = from; at < to; at++) if (equal(self[at], value)) return at;
    return notFound(`${pyRepr(value)} is not in list`);
  }),
};

export const tupleMethods: Record<string, Method> = shared;

/** Python's `list` methods. Those that change the list return None, as in Python. */
export const listMethods: Record<string, Method> = {
  ...shared,
  append: method<List>('object', (self, _caller, item) => {
    self.push(item);
    return null;
  }),
  clear: method<List>('', (self) => {
    self.length = 0;
    return null;
  }),
  copy: method<List>('', (self) => [...self]),
  extend: method<List>('iterable', (self, _caller, items) => {
    for (const item of [...iterate(items)]) self.push(item);
    return null;
  }),
  insert: method<List>('index, object', (self, _caller, index, item) => {
    self.splice(range(index, undefined, self.length)[0], 0, item);
    return null;
  }),
  pop: method<List>('index?', (self, _caller, index) => {
    if (self.length === 0) throw indexError('pop from empty list');
    const at = intArgument(index, -1);
    const offset = at < 0 ? at + self.length : at;
    if (offset < 0 || offset >= self.length) throw indexError('pop index out of range');
    return self.splice(offset, 1)[0];
  }),
  remove: method<List>('value', (self, _caller, value) => {
    const at = self.findIndex((item) => equal(item, value));
    if (at < 0) notFound('list.remove(x): x not in list');
    self.splice(at, 1);
    return null;
  }),
  reverse: method<List>('', (self) => {
    self.reverse();
    return null;
  }),
  sort: method<List>('key?, reverse?', (self, caller, key, reverse) => {
    const keyed = self.map((item) => ({ item, by: key ? caller.call(key, [item], noKeywords) : item }));
    const descending = reverse !== undefined && truthy(reverse);
    keyed.sort((a, b) => (descending ? pythonOrder(b.by, a.by) : pythonOrder(a.by, b.by)));
    self.splice(0, self.length, ...keyed.map(({ item }) => item));
    return null;
  }),
};
