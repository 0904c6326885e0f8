import { lookupError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import type { Runtime } from '../runtime.ts';
import { truthy } from '../values/truth.ts';
import type { Keywords } from '../values/types.ts';
import type { LookupContext } from './context.ts';

/** A lookup: terms and options in, a list out. Throws a `JinjaError` when it finds nothing it must find. */
export type Lookup = (terms: readonly unknown[], options: Keywords, rt: Runtime) => unknown[];

/** What the host gives to lookups. */
export function contextOf(rt: Runtime): LookupContext {
  if (!rt.env.lookups) throw lookupError('lookups of files and variables are not possible here');
  return rt.env.lookups;
}

/** Refuses options that a lookup does not have. */
export function checkOptions(name: string, options: Keywords, known: readonly string[]): void {
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw lookupError(`the lookup '${name}' has no option '${unknown}'; it has ${known.join(', ') || 'none'}`);
}

export function textOption(options: Keywords, name: string, fallback: string): string {
  const value = options[name];
  return value === undefined || value === null ? fallback : pyString(value);
}

export function flagOption(options: Keywords, name: string, fallback: boolean): boolean {
  const value = options[name];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'string') return ['yes', 'on', '1', 'true', 'y', 't'].includes(value.toLowerCase());
  return truthy(value);
}
