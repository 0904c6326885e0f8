import { bind, type Signature, signature } from './python/signature.ts';
import type { Runtime } from './runtime.ts';
import { type Keywords, noKeywords } from './values/types.ts';

/** A filter or a test: what it takes and what it does. */
export interface Builtin {
  readonly signature: Signature;
  /** Checks and converts what it gets: only varargs and keywords are sure to be an array and an object. */
  run(rt: Runtime, ...args: unknown[]): unknown;
}

export type Builtins = Readonly<Record<string, Builtin>>;

/** Declares a filter or a test; for the text of the signature see `signature`. The implementation coerces what it gets. */
export function builtin(text: string, run: Builtin['run']): Builtin {
  return { signature: signature(text), run };
}

/** Calls a filter or a test with the value it stands behind and the arguments given. */
export function invoke(
  name: string,
  target: Builtin,
  rt: Runtime,
  value: unknown,
  args: readonly unknown[],
  kwargs: Keywords,
): unknown {
  const { signature: to } = target;
  if (kwargs === noKeywords && args.length + 1 === to.parameters.length && !to.varargs && !to.keywords) {
    return target.run(rt, value, ...args);
  }
  return target.run(rt, ...bind(name, to, [value, ...args], kwargs));
}
