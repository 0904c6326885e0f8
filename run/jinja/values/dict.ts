import { typeError } from '../errors.ts';
import { equal } from './compare.ts';
import type { Dict } from './kinds.ts';
import { isPlainObject, isText, typeName } from './kinds.ts';
import { Float, LazyMapping, Markup, Tuple } from './types.ts';

/** Keys that a JS object would put first, whatever the order in which they were added, or would not hold at all. */
function reordered(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57 && /^(?:0|[1-9]\d{0,9})$/.test(key)) || key === '__proto__';
}

/** The dict of these entries: a plain object when JS keeps its keys and their order, otherwise a Map. */
export function makeDict(entries: Iterable<readonly [unknown, unknown]>): Dict {
  const map = new Map<unknown, unknown>();
  let plain = true;
  for (const [key, value] of entries) {
    mapSet(map, key, value);
    if (plain && (typeof key !== 'string' || reordered(key))) plain = false;
  }
  return plain ? (Object.fromEntries(map) as Record<string, unknown>) : map;
}

/** Python's value for a key, `undefined` when there is none. */
export function dictGet(dict: Dict, key: unknown): unknown {
  if (dict instanceof Map) return mapGet(dict, key);
  const name = key instanceof Markup ? key.text : key;
  if (typeof name !== 'string') {
    refuseUnhashable(key);
    return undefined;
  }
  if (dict instanceof LazyMapping) return dict.get(name);
  return Object.hasOwn(dict, name) ? dict[name] : undefined;
}

export function dictHas(dict: Dict, key: unknown): boolean {
  if (dict instanceof Map) return mapKey(dict, key) !== missing;
  if (dict instanceof LazyMapping) return isText(key) && dict.has(String(key));
  refuseUnhashable(key);
  return isText(key) && Object.hasOwn(dict, String(key));
}

export function dictSet(dict: Dict, key: unknown, value: unknown): void {
  if (dict instanceof Map) mapSet(dict, key, value);
  else if (isPlainObject(dict) && isText(key)) {
    Object.defineProperty(dict, String(key), { value, writable: true, enumerable: true, configurable: true });
  } else throw typeError(`a dict from outside the template takes only strings as keys, not ${typeName(key)}`);
}

export function dictDelete(dict: Dict, key: unknown): void {
  if (dict instanceof Map) {
    const actual = mapKey(dict, key);
    if (actual !== missing) dict.delete(actual);
  } else if (!(dict instanceof LazyMapping)) delete dict[String(key)];
}

export function dictKeys(dict: Dict): unknown[] {
  if (dict instanceof Map || dict instanceof LazyMapping) return [...dict.keys()];
  return Object.keys(dict);
}

export function dictValues(dict: Dict): unknown[] {
  if (dict instanceof Map) return [...dict.values()];
  if (dict instanceof LazyMapping) return [...dict.keys()].map((key) => dict.get(key));
  return Object.values(dict);
}

export function dictEntries(dict: Dict): [unknown, unknown][] {
  if (dict instanceof Map) return [...dict.entries()];
  if (dict instanceof LazyMapping) return [...dict.keys()].map((key) => [key, dict.get(key)]);
  return Object.entries(dict);
}

export function dictSize(dict: Dict): number {
  return dict instanceof Map ? dict.size : dictKeys(dict).length;
}

const missing = Symbol('missing');

/** The key under which a Map holds what Python takes for the same key: 1, 1.0 and True are one, so are equal tuples. */
function mapKey(map: Map<unknown, unknown>, key: unknown): unknown {
  if (typeof key === 'string') return map.has(key) ? key : missing;
  refuseUnhashable(key);
  if (map.has(key)) return key;
  if (key === null) return missing;
  for (const candidate of map.keys()) if (equal(candidate, key)) return candidate;
  return missing;
}

function mapGet(map: Map<unknown, unknown>, key: unknown): unknown {
  const actual = mapKey(map, key);
  return actual === missing ? undefined : map.get(actual);
}

function mapSet(map: Map<unknown, unknown>, key: unknown, value: unknown): void {
  const actual = mapKey(map, key);
  map.set(actual === missing ? (key instanceof Markup ? key.text : key) : actual, value);
}

function refuseUnhashable(key: unknown): void {
  if (typeof key !== 'object' || key === null) return;
  if (key instanceof Tuple) for (const item of key) refuseUnhashable(item);
  else if (Array.isArray(key) || key instanceof Map || key instanceof LazyMapping || isPlainObject(key)) {
    if (!(key instanceof Float)) throw typeError(`unhashable type: '${typeName(key)}'`);
  }
}
