import { equal } from '../values/compare.ts';
import { dictEntries, dictGet, dictHas, dictSet, makeDict } from '../values/dict.ts';
import { type Dict, isDict } from '../values/kinds.ts';
import { Tuple } from '../values/types.ts';

const listMerges = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'] as const;
export type ListMerge = (typeof listMerges)[number];

export function isListMerge(value: unknown): value is ListMerge {
  return listMerges.includes(value as ListMerge);
}

/** Ansible's `merge_hash`: a new dict of `low` with what `high` has on top. */
export function mergeDicts(low: Dict, high: Dict, recursive: boolean, lists: ListMerge): Dict {
  if (equal(low, high)) return high;
  const result = new Map(dictEntries(low));
  for (const [key, value] of dictEntries(high)) {
    if (!dictHas(low, key)) dictSet(result, key, value);
    else dictSet(result, key, merged(dictGet(low, key), value, recursive, lists));
  }
  return makeDict(result);
}

function merged(low: unknown, high: unknown, recursive: boolean, lists: ListMerge): unknown {
  if (isDict(low) && isDict(high)) return recursive ? mergeDicts(low, high, true, lists) : high;
  if (isList(low) && isList(high)) return mergeLists(low, high, lists);
  return high;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && !(value instanceof Tuple);
}

function mergeLists(low: unknown[], high: unknown[], how: ListMerge): unknown[] {
  const absent = (items: unknown[], from: unknown[]) =>
    items.filter((item) => !from.some((other) => equal(item, other)));
  switch (how) {
    case 'replace':
      return high;
    case 'keep':
      return low;
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...absent(low, high), ...high];
    case 'prepend_rp':
      return [...high, ...absent(low, high)];
  }
}
