import { z } from 'zod';
import { nearest } from './errors.ts';

/*
 * Argument types that read values as Ansible's module arguments are read: a template gives a string, YAML gives a number
 * or a boolean, and both mean the same. Source: ansible.module_utils.common.parameters.
 */

/** Gives a type its name in Ansible's documentation, which editors and the module reference show. */
function named<T>(name: string, type: z.ZodType): z.ZodType<T> {
  return type.meta({ ansibleType: name }) as unknown as z.ZodType<T>;
}

const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const FALSE = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** `bool`: true/false, yes/no, on/off, 1/0, y/n, t/f in any case. */
export function bool(): z.ZodType<boolean> {
  return named(
    'bool',
    z.any().transform((value, context) => {
      if (typeof value === 'boolean') return value;
      const text = String(value).toLowerCase().trim();
      if (TRUE.has(text)) return true;
      if (FALSE.has(text)) return false;
      context.addIssue({ code: 'custom', message: `expected a boolean (true or false), not ${shown(value)}` });
      return z.NEVER;
    }),
  );
}

/** `int`. */
export function int(range: { min?: number; max?: number } = {}): z.ZodType<number> {
  return named(
    'int',
    z.any().transform((value, context) => {
      const number =
        typeof value === 'number'
          ? value
          : typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value)
            ? Number(value)
            : NaN;
      if (!Number.isInteger(number)) {
        context.addIssue({ code: 'custom', message: `expected an integer, not ${shown(value)}` });
        return z.NEVER;
      }
      if ((range.min !== undefined && number < range.min) || (range.max !== undefined && number > range.max)) {
        context.addIssue({ code: 'custom', message: `expected an integer ${rangeText(range)}, not ${number}` });
        return z.NEVER;
      }
      return number;
    }),
  );
}

/** `float`. */
export function float(): z.ZodType<number> {
  return named(
    'float',
    z.any().transform((value, context) => {
      const number =
        typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
      if (Number.isFinite(number)) return number;
      context.addIssue({ code: 'custom', message: `expected a number, not ${shown(value)}` });
      return z.NEVER;
    }),
  );
}

/** `str`: numbers and booleans become their text (True, False as in Python). */
export function str(): z.ZodType<string> {
  return named(
    'str',
    z.any().transform((value, context) => {
      const text = scalarText(value);
      if (text !== undefined) return text;
      context.addIssue({ code: 'custom', message: `expected a string, not ${shown(value)}` });
      return z.NEVER;
    }),
  );
}

/** `path`: a string that is not empty. (`~` and variables are expanded by the step, on the host.) */
export function path(): z.ZodType<string> {
  return named(
    'path',
    str().refine((text) => text !== '', 'expected a path, not an empty string'),
  );
}

/** `str` of a closed set. */
export function choice<const T extends string>(...choices: T[]): z.ZodType<T> {
  return named(
    choices.join(', '),
    z.any().transform((value, context) => {
      // A YAML boolean where a word is due: `state: yes` arrives as true.
      const texts = value === true ? ['yes', 'on', 'true'] : value === false ? ['no', 'off', 'false'] : [String(value)];
      const found = choices.find((each) => texts.includes(each));
      if (found !== undefined) return found;
      const near = typeof value === 'string' ? nearest(value, choices) : undefined;
      const meant = near === undefined ? '' : `; did you mean "${near}"?`;
      context.addIssue({
        code: 'custom',
        message: `expected one of ${choices.join(', ')}, not ${shown(value)}${meant}`,
        params: { choices, got: shownBare(value) },
      });
      return z.NEVER;
    }),
  );
}

/** A value as Ansible's message about choices has it. */
function shownBare(value: unknown): string {
  return scalarText(value) ?? shown(value);
}

/** `list`: a list, a comma-separated string, or one value. */
export function list<T>(element: z.ZodType<T>): z.ZodType<T[]> {
  return named(
    'list',
    z.preprocess((value) => {
      if (Array.isArray(value)) return [...value];
      if (typeof value === 'string') return value === '' ? [] : value.split(',').map((part) => part.trim());
      return value === undefined || value === null ? value : [value];
    }, z.array(element)),
  );
}

/** `raw` mode of a file: octal text ("0644", "u=rw,g=r"), or a YAML number, which Ansible takes as already octal-decoded. */
export function fileMode(): z.ZodType<string> {
  return named(
    'mode',
    z.any().transform((value, context) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0o7777)
        return value.toString(8).padStart(4, '0');
      if (typeof value === 'string') {
        const text = value.trim();
        if (/^0?o?[0-7]{1,5}$/.test(text)) return text.replace(/^0o/, '').padStart(4, '0');
        if (text === 'preserve' || /^([ugoa]*[-+=]([rwxXst]*|[ugo]))(,?[ugoa]*[-+=]([rwxXst]*|[ugo]))*$/.test(text))
          return text;
      }
      context.addIssue({
        code: 'custom',
        message: `expected a file mode such as "0644" (quoted) or "u=rw,g=r,o=r", not ${shown(value)}`,
      });
      return z.NEVER;
    }),
  );
}

/** Anything, as it comes. */
export function anything(): z.ZodType<unknown> {
  return named('raw', z.any());
}

/** `dict`: a mapping, or `k=v` words as Ansible's `dict` type reads them. */
export function dict(): z.ZodType<Record<string, unknown>> {
  return named(
    'dict',
    z.any().transform((value, context) => {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
      context.addIssue({ code: 'custom', message: `expected a mapping, not ${shown(value)}` });
      return z.NEVER;
    }),
  );
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return undefined;
}

function rangeText(range: { min?: number; max?: number }): string {
  if (range.max === undefined) return `of at least ${range.min}`;
  if (range.min === undefined) return `of at most ${range.max}`;
  return `from ${range.min} to ${range.max}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A mapping of these keys inside an argument; of another key it says which one was probably meant. */
export function record<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys as string[], shape) : undefined),
  });
}

function unknownKeys(keys: readonly string[], shape: z.ZodRawShape): string {
  const near = nearest(keys[0]!, Object.keys(shape));
  const meant = near === undefined ? `; there is ${Object.keys(shape).join(', ')}` : `; did you mean "${near}"?`;
  return `there is no ${keys.map((key) => `"${key}"`).join(', ')} in it${meant}`;
}
