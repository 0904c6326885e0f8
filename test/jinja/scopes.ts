import { loadJson } from '../../run/jinja/python/json-load.ts';
import type { Scope } from '../../run/jinja/runtime.ts';
import { dictEntries } from '../../run/jinja/values/dict.ts';
import type { Dict } from '../../run/jinja/values/kinds.ts';
import { copyData } from '../../run/jinja/values/plain.ts';

/** A scope of these variables; a fresh copy of data for each test, as templates may change it. */
export function scopeOf(variables: object): Scope {
  return {
    resolve: (name) => (Object.hasOwn(variables, name) ? (variables as Record<string, unknown>)[name] : undefined),
    names: () => Object.keys(variables),
  };
}

/** Makes copies of the member `vars` of a fixture's text, with floats that stay floats and keys in their order. */
export function variablesOf(fixture: string): () => object {
  const { vars } = Object.fromEntries(dictEntries(loadJson(fixture) as Dict));
  return () => copyData(vars) as object;
}
