import { typeError } from '../errors.ts';
import type { Keywords } from '../values/types.ts';

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
}

/** A Python function's parameters: how what a call gives is laid out for the implementation. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  readonly varargs: boolean;
  readonly keywords: boolean;
}

/**
 * Reads `'value, width?, *rest, **options'`: `?` marks what may be left out (the implementation then gets
 * `undefined`), the extra positional arguments come as an array and the extra keywords as an object, last of all.
 */
export function signature(text: string): Signature {
  const parameters: Parameter[] = [];
  let varargs = false;
  let keywords = false;
  for (const part of text.split(',').map((name) => name.trim())) {
    if (part.startsWith('**')) keywords = true;
    else if (part.startsWith('*')) varargs = true;
    else if (part !== '') parameters.push({ name: part.replace('?', ''), optional: part.endsWith('?') });
  }
  return { parameters, varargs, keywords };
}

/** Lays out a call's arguments. Throws Python's `TypeError` when they do not fit. */
export function bind(name: string, to: Signature, args: readonly unknown[], kwargs: Keywords): unknown[] {
  const { parameters } = to;
  if (args.length > parameters.length && !to.varargs) {
    const most = parameters.length;
    throw typeError(
      `${name}() takes ${most} positional argument${most === 1 ? '' : 's'} but ${args.length} were given`,
    );
  }
  const bound: unknown[] = parameters.map((parameter, index) => {
    const keyword = Object.hasOwn(kwargs, parameter.name);
    if (index < args.length) {
      if (keyword) throw typeError(`${name}() got multiple values for argument '${parameter.name}'`);
      return args[index];
    }
    if (keyword) return kwargs[parameter.name];
    if (parameter.optional) return undefined;
    throw typeError(`${name}() missing 1 required positional argument: '${parameter.name}'`);
  });
  const extra = Object.keys(kwargs).filter((key) => !parameters.some((parameter) => parameter.name === key));
  if (extra.length > 0 && !to.keywords) throw typeError(`${name}() got an unexpected keyword argument '${extra[0]}'`);
  if (to.varargs) bound.push(args.slice(parameters.length));
  if (to.keywords) bound.push(Object.fromEntries(extra.map((key) => [key, kwargs[key]])));
  return bound;
}
