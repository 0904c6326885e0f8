import { indexError, keyError, valueError } from '../errors.ts';
import type { Keywords } from '../values/types.ts';
import { formatValue } from './format-number.ts';
import { pyRepr, pyString } from './repr.ts';

export interface FieldAccess {
  attribute(value: unknown, name: string): unknown;
  item(value: unknown, key: unknown): unknown;
}

/** Python's `format.format(*args, **kwargs)`; `access` says what `{0.name}` and `{0[key]}` mean. */
export function formatString(format: string, args: unknown[], kwargs: Keywords, access: FieldAccess): string {
  const counter = { next: 0 };
  return expand(format, args, kwargs, access, counter, 2);
}

function expand(
  format: string,
  args: unknown[],
  kwargs: Keywords,
  access: FieldAccess,
  counter: { next: number },
  depth: number,
): string {
  if (depth < 0) throw valueError('Max string recursion exceeded');
  let out = '';
  let at = 0;
  while (at < format.length) {
    const character = format[at]!;
    if ((character === '{' || character === '}') && format[at + 1] === character) {
      out += character;
      at += 2;
    } else if (character === '}') throw valueError("Single '}' encountered in format string");
    else if (character === '{') {
      const end = closing(format, at);
      const [, name = '', conversion, spec = ''] = /^([^!:]*(?:\[[^\]]*\][^!:]*)*)(?:!(.))?(?::(.*))?$/s.exec(
        format.slice(at + 1, end),
      ) ?? [undefined, format.slice(at + 1, end)];
      const value = field(name, args, kwargs, access, counter);
      const converted = convert(value, conversion);
      out += formatValue(converted, spec.includes('{') ? expand(spec, args, kwargs, access, counter, depth - 1) : spec);
      at = end + 1;
    } else {
      out += character;
      at++;
    }
  }
  return out;
}

function closing(format: string, open: number): number {
  let depth = 0;
  for (let at = open; at < format.length; at++) {
    if (format[at] === '{') depth++;
    else if (format[at] === '}' && --depth === 0) return at;
  }
  throw valueError(
    open === format.length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

function convert(value: unknown, conversion: string | undefined): unknown {
  if (conversion === undefined) return value;
  if (conversion === 's') return pyString(value);
  if (conversion === 'r' || conversion === 'a') return pyRepr(value);
  throw valueError(`Unknown conversion specifier ${conversion}`);
}

function field(
  name: string,
  args: unknown[],
  kwargs: Keywords,
  access: FieldAccess,
  counter: { next: number },
): unknown {
  const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(name)!;
  let value: unknown;
  if (first === '' || /^\d+$/.test(first)) {
    const index = first === '' ? counter.next++ : Number(first);
    if (index >= args.length) {
      throw indexError(`Replacement index ${index} out of range for positional args tuple`);
    }
    value = args[index];
  } else {
    if (!Object.hasOwn(kwargs, first)) throw keyError(pyRepr(first));
    value = kwargs[first];
  }
  for (const [, attribute, key] of rest.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)) {
    if (attribute !== undefined) value = access.attribute(value, attribute);
    else value = access.item(value, /^\d+$/.test(key!) ? Number(key) : key);
  }
  return value;
}
