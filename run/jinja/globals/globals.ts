import { overflowError, typeError, valueError } from '../errors.ts';
import { lookup } from '../lookups/lookup.ts';
import { DateTime } from '../python/datetime.ts';
import { intArgument, textArgument } from '../python/method.ts';
import { pairs } from '../python/methods-dict.ts';
import { bind, signature } from '../python/signature.ts';
import type { Runtime } from '../runtime.ts';
import { makeDict } from '../values/dict.ts';
import { isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, Markup, NativeFunction, Undefined } from '../values/types.ts';
import { lipsum } from './lipsum.ts';
import { Cycler, Joiner, Namespace } from './objects.ts';

type Global = (args: unknown[], kwargs: Keywords, rt: Runtime) => unknown;

/** A global function with a Python signature. */
function declared(name: string, parameters: string, run: (rt: Runtime, ...args: unknown[]) => unknown): Global {
  const to = signature(parameters);
  return (args, kwargs, rt) => run(rt, ...bind(name, to, args, kwargs));
}

function range(args: unknown[]): unknown[] {
  const numbers = args.map((value) => intArgument(value));
  if (numbers.length === 0 || numbers.length > 3) {
    throw typeError(`range expected 1 to 3 arguments, got ${numbers.length}`);
  }
  const [start, stop, step] = numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1];
  if (step === 0) throw valueError('range() arg 3 must not be zero');
  const size = Math.max(0, Math.ceil((stop - start) / step));
  if (size > 1e7) throw overflowError(`range() of ${size} items is too long`);
  return Array.from({ length: size }, (_, index) => start + index * step);
}

function now(rt: Runtime, utc: unknown, format: unknown): unknown {
  const date = rt.env.now?.() ?? new Date();
  const moment = DateTime.fromDate(date, utc !== undefined && truthy(utc));
  return format === undefined || format === null || format === '' ? moment : moment.strftime(textArgument(format));
}

const globals: Readonly<Record<string, Global>> = {
  range: (args) => range(args),
  dict: ([source, ...rest], kwargs) => {
    if (rest.length > 0) throw typeError(`dict expected at most 1 argument, got ${rest.length + 1}`);
    return makeDict([...(source === undefined ? [] : pairs(source)), ...Object.entries(kwargs)]);
  },
  cycler: (items) => new Cycler(items),
  joiner: declared('joiner', 'sep?', (_rt, separator = ', ') => new Joiner(separator)),
  namespace: (args, kwargs) => new Namespace(args, kwargs),
  lipsum: declared('lipsum', 'n?, html?, min?, max?', (_rt, n, html, min, max) => {
    const asHtml = html === undefined || truthy(html);
    const text = lipsum(intArgument(n, 5), asHtml, intArgument(min, 20), intArgument(max, 100));
    return asHtml ? new Markup(text) : text;
  }),
  lookup: (args, kwargs, rt) => lookup(rt, args, kwargs, false),
  query: (args, kwargs, rt) => lookup(rt, args, kwargs, true),
  q: (args, kwargs, rt) => lookup(rt, args, kwargs, true),
  now: declared('now', 'utc?, fmt?', now),
  undef: declared('undef', 'hint?', (_rt, hint) => {
    const message = isText(hint) && String(hint) !== '' ? String(hint) : 'Mandatory variable has not been overridden';
    return new Undefined(message);
  }),
};

export const globalNames: readonly string[] = Object.keys(globals);

const functions = new Map(
  Object.entries(globals).map(([name, run]) => [
    name,
    new NativeFunction(name, (args, kwargs, caller) => run(args, kwargs, caller as Runtime)),
  ]),
);

/** Jinja2's and Ansible's global functions; `undefined` for any other name. */
export function findGlobal(name: string): unknown {
  return functions.get(name);
}
