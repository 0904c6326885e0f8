import { OMIT } from './magic.ts';

/** A value without what is `omit` in its lists and mappings. */
export function withoutOmitted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.some((each) => each === OMIT || typeof each === 'object')
      ? value.filter((each) => each !== OMIT).map(withoutOmitted)
      : value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === OMIT ? [] : [[key, withoutOmitted(each)]])),
  );
}
