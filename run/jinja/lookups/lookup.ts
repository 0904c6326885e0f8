import { JinjaError, lookupError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import type { Runtime } from '../runtime.ts';
import { isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, Undefined } from '../values/types.ts';
import { findLookup } from './registry.ts';

/**
 * `lookup(name, *terms, **options)` and `query(…)`. With `wantlist` the list; otherwise texts joined by commas, or the
 * only item. `errors` (`strict`, `warn`, `ignore`) says what a failure of the lookup is worth.
 */
export function lookup(rt: Runtime, args: unknown[], kwargs: Keywords, wantList: boolean): unknown {
  const [name, ...terms] = args;
  if (!isText(name)) throw lookupError('the first argument of lookup() is the name of a lookup');
  const { wantlist, errors, allow_unsafe: _unsafe, ...options } = kwargs;
  const asList = wantList || (wantlist !== undefined && truthy(wantlist));
  const given = terms.map((term) => {
    if (term instanceof Undefined) throw term.error();
    return isText(term) ? String(term) : term;
  });
  if (rt.env.lookup) return rt.env.lookup(String(name), given, options, asList);
  const found = tolerant(rt, String(name), given, options, errors === undefined ? 'strict' : pyString(errors));
  if (found === undefined) return asList ? [] : null;
  return asList ? found : joined(found);
}

/** Runs a built-in lookup. */
function runLookup(name: string, terms: readonly unknown[], options: Keywords, rt: Runtime): unknown[] {
  const plugin = findLookup(name);
  if (!plugin) throw lookupError(`lookup plugin (${name}) not found`);
  return plugin(terms, options, rt);
}

function tolerant(
  rt: Runtime,
  name: string,
  terms: unknown[],
  options: Keywords,
  errors: string,
): unknown[] | undefined {
  if (!['strict', 'warn', 'ignore'].includes(errors))
    throw lookupError(`errors is strict, warn or ignore, not '${errors}'`);
  try {
    return runLookup(name, terms, options, rt);
  } catch (error) {
    if (errors === 'strict' || !(error instanceof JinjaError) || error.kind === 'undefined') throw error;
    if (errors === 'warn') rt.env.lookups?.warn?.(`Lookup failed but the error is being ignored: ${error.message}`);
    return undefined;
  }
}

function joined(found: unknown[]): unknown {
  if (found.length === 0) return found;
  if (found.every(isText)) return found.map(String).join(',');
  return found.length === 1 ? found[0] : found;
}
