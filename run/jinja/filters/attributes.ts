import { getItem } from '../python/access.ts';
import { pyString } from '../python/repr.ts';
import { isInt, isText } from '../values/kinds.ts';
import { Tuple, Undefined } from '../values/types.ts';

export type Getter = (item: unknown) => unknown;

/** Jinja2's attribute arguments: `None`, an index, or a dotted path of names and indexes. */
export function attributeGetter(attribute: unknown, fallback?: unknown): Getter {
  if (attribute === undefined || attribute === null) return (item) => item;
  const path = isInt(attribute) ? [attribute] : pyString(attribute).split('.').map(pathPart);
  return (item) => {
    let value = item;
    for (const part of path) {
      value = getItem(value, part);
      if (value instanceof Undefined && fallback !== undefined && fallback !== null) value = fallback;
    }
    return value;
  };
}

function pathPart(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

/** A key of several attributes, separated by commas, for sorting. */
export function multiGetter(attribute: unknown, caseSensitive: boolean): Getter {
  const fold: Getter = caseSensitive ? (item) => item : foldCase;
  if (!isText(attribute) || !String(attribute).includes(',')) {
    const get = attributeGetter(attribute);
    return (item) => fold(get(item));
  }
  const getters = String(attribute)
    .split(',')
    .map((name) => attributeGetter(/^\d+$/.test(name) ? Number(name) : name));
  return (item) => Tuple.make(getters.map((get) => fold(get(item))));
}

/** Text in lower case, anything else as it is. */
export function foldCase(value: unknown): unknown {
  return isText(value) ? String(value).toLowerCase() : value;
}
