import { isSubset } from '../values/compare.ts';
import { iterate } from '../values/iterate.ts';
import { type Method, method } from './method.ts';

type Items = Set<unknown>;

/** The `set` methods that do not change the set. */
export const setMethods: Record<string, Method> = {
  copy: method<Items>('', (self) => new Set(self)),
  difference: method<Items>('other', (self, _caller, other) => {
    const items = iterate(other);
    return new Set([...self].filter((item) => !isSubset([item], items)));
  }),
  intersection: method<Items>('other', (self, _caller, other) => {
    const items = iterate(other);
    return new Set([...self].filter((item) => isSubset([item], items)));
  }),
  issubset: method<Items>('other', (self, _caller, other) => isSubset(self, iterate(other))),
  issuperset: method<Items>('other', (self, _caller, other) => isSubset(iterate(other), self)),
  union: method<Items>('other', (self, _caller, other) => new Set([...self, ...iterate(other)])),
};
