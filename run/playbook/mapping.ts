import type { Place } from '../errors.ts';
import { failure, kindOf } from './fail.ts';
import { copyPlaces, keyPlaceOf, placeOf } from './places.ts';
import { UnsafeText } from './yaml-values.ts';

export type Mapping = Record<string, unknown>;

/** Whether a value read from YAML is a mapping, whatever its keys. */
export function isMapping(value: unknown): value is Mapping | Map<unknown, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * The value as a mapping with string keys.
 * @throws LamplighterError PLAYBOOK_SHAPE `what must be a mapping, not …`
 */
export function mappingOf(value: unknown, what: string, place: Place | undefined, hint?: string): Mapping {
  if (!isMapping(value))
    throw failure('PLAYBOOK_SHAPE', `${what} must be a mapping, not ${kindOf(value)}`, placeOf(value) ?? place, {
      hint,
    });
  if (!(value instanceof Map)) return value;
  for (const key of value.keys())
    if (typeof key !== 'string')
      throw failure('PLAYBOOK_SHAPE', `${what}: the key ${String(key)} is ${kindOf(key)}`, keyPlaceOf(value, key), {
        hint: 'quote it if it is meant as a word',
      });
  // Keys that JS would reorder (digits in quotes): the order of these is lost, their values are not.
  const copy = Object.fromEntries(value) as Mapping;
  copyPlaces(copy, value);
  return copy;
}

/** @throws LamplighterError PLAYBOOK_SHAPE */
export function listOf(value: unknown, what: string, place: Place | undefined): unknown[] {
  if (Array.isArray(value)) return value;
  throw failure('PLAYBOOK_SHAPE', `${what} must be a list, not ${kindOf(value)}`, place);
}

/** Whether a string holds a template. */
export function isTemplate(value: unknown): value is string {
  return typeof value === 'string' && (value.includes('{{') || value.includes('{%') || value.includes('{#'));
}

/** Whether a template stands anywhere in a value. */
export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return isTemplate(value);
  if (Array.isArray(value)) return value.some(holdsTemplate);
  if (value instanceof Map) return [...value].some(([key, item]) => isTemplate(key) || holdsTemplate(item));
  return isMapping(value) && Object.entries(value).some(([key, item]) => isTemplate(key) || holdsTemplate(item));
}

/** The text of a string value that is no template. */
export function constantText(value: unknown): string | undefined {
  if (value instanceof UnsafeText) return value.text;
  return typeof value === 'string' && !isTemplate(value) ? value : undefined;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);

/** Whether a name can be a variable's. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !RESERVED.has(name);
}
