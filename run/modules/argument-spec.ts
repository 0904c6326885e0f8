/** What an option of an argument specification may say. */
export interface OptionSpec {
  type?: string;
  required?: boolean;
  choices?: unknown[];
  elements?: string;
  options?: Spec;
  aliases?: string[];
  default?: unknown;
  apply_defaults?: boolean;
}

export type Spec = Record<string, OptionSpec | null>;

type Values = Record<string, unknown>;

/** A value that cannot be converted; the message is Ansible's. */
class WrongType extends Error {}

/**
 * The mistakes in arguments, in Ansible's words and order. The values are read as the types say, defaults stand in for what is
 * missing, and neither is handed back.
 * Source: ansible/module_utils/common/arg_spec.py
 */
export function argumentErrors(spec: Spec, given: Values): string[] {
  const errors: string[] = [];
  const unsupported: { name: string; spec: Spec }[] = [];
  check(spec, { ...given }, { errors, unsupported, context: [] });
  const last = unsupported.at(-1);
  if (last) {
    const names = unsupported.map(({ name }) => name).sort();
    errors.push(`${names.join(', ')}. Supported parameters include: ${supported(last.spec)}.`);
  }
  return errors;
}

interface Checking {
  errors: string[];
  unsupported: { name: string; spec: Spec }[];
  /** Names of the options that lead here. */
  context: string[];
}

function check(spec: Spec, values: Values, checking: Checking): void {
  const { errors, context } = checking;
  const options = Object.entries(spec).map(([name, option]) => [name, option ?? {}] as const);
  const foundIn = context.length > 0 ? ` found in ${context.join(' -> ')}` : '';
  const torn = options.find(([, { required, default: value }]) => required && value !== undefined && value !== null);
  if (torn) errors.push(`internal error: required and default are mutually exclusive for ${torn[0]}`);
  resolveAliases(options, values);
  const known = new Set(Object.keys(spec));
  for (const name of Object.keys(values))
    if (!known.has(name) && !options.some(([, option]) => option.aliases?.includes(name)))
      checking.unsupported.push({ name: [...context, name].join('.'), spec });
  for (const [name, option] of options)
    if (option.default !== undefined && option.default !== null && values[name] === undefined)
      values[name] = option.default;
  const missing = options
    .filter(([name, { required }]) => required === true && !(name in values))
    .map(([name]) => name);
  if (missing.length > 0) errors.push(`missing required arguments: ${missing.sort().join(', ')}${foundIn}`);
  for (const [name, option] of options) checkType(name, option, values, checking);
  for (const [name, { choices }] of options)
    if (choices !== undefined && name in values) checkChoices(name, choices, values[name], foundIn, errors);
  for (const [name, option] of options) checkNested(name, option, values, checking);
}

function resolveAliases(options: readonly (readonly [string, OptionSpec])[], values: Values): void {
  for (const [name, { aliases }] of options)
    for (const alias of aliases ?? []) if (alias in values) values[name] = values[alias];
}

function checkType(name: string, option: OptionSpec, values: Values, { errors, context }: Checking): void {
  const value = values[name];
  if (value === undefined || value === null) return;
  const foundIn = context.length > 0 ? ` found in '${context.join(' -> ')}'` : '';
  const type = option.type ?? 'str';
  try {
    values[name] = converted(value, type);
  } catch (error) {
    if (!(error instanceof WrongType)) throw error;
    const start = `argument '${name}' is of type ${pythonType(value)}${foundIn === '' ? '' : `${foundIn}.`}`;
    errors.push(`${start} and we were unable to convert to ${type}: ${error.message}`);
    return;
  }
  const { elements } = option;
  const list = values[name];
  if (elements === undefined || !Array.isArray(list)) return;
  values[name] = list.flatMap((item) => {
    try {
      return [converted(item, elements)];
    } catch (error) {
      if (!(error instanceof WrongType)) throw error;
      const start = `Elements value for option '${name}'${foundIn} is of type ${pythonType(item)}`;
      errors.push(`${start} and we were unable to convert to ${elements}: ${error.message}`);
      return [];
    }
  });
}

function checkChoices(name: string, choices: unknown[], value: unknown, foundIn: string, errors: string[]): void {
  const all = choices.map(shown).join(', ');
  const isChoice = (item: unknown): boolean => choices.includes(item) || meantChoice(item, choices);
  if (Array.isArray(value)) {
    const others = value.filter((item) => !isChoice(item));
    if (others.length > 0)
      errors.push(
        `value of ${name} must be one or more of: ${all}. Got no match for: ${others.map(shown).join(', ')}${foundIn}`,
      );
  } else if (!isChoice(value)) errors.push(`value of ${name} must be one of: ${all}, got: ${shown(value)}${foundIn}`);
}

const BOOLEANS: Record<string, string[]> = {
  True: ['y', 'yes', 'on', '1', 'true', 't'],
  False: ['n', 'no', 'off', '0', 'false', 'f'],
};

/** A word such as `yes` that YAML made a boolean, where only one choice can be meant. */
function meantChoice(value: unknown, choices: unknown[]): boolean {
  const words = typeof value === 'string' ? BOOLEANS[value] : undefined;
  return words !== undefined && choices.filter((choice) => words.includes(String(choice))).length === 1;
}

function checkNested(name: string, option: OptionSpec, values: Values, checking: Checking): void {
  const { type, elements, options } = option;
  if (options === undefined || options === null || !(type === 'dict' || (type === 'list' && elements === 'dict')))
    return;
  if (option.apply_defaults === true) values[name] ??= {};
  const value = values[name];
  if (value === undefined || value === null) return;
  for (const item of Array.isArray(value) ? value : [value])
    if (isDict(item)) check(options, { ...item }, { ...checking, context: [...checking.context, name] });
    else checking.errors.push(`value of '${name}' must be of type dict or list of dicts`);
}

function converted(value: unknown, type: string): unknown {
  switch (type) {
    case 'raw':
    case 'jsonarg':
    case 'json':
      return value;
    case 'list':
      if (Array.isArray(value)) return value;
      if (typeof value === 'string') return value.split(',');
      if (typeof value === 'number' || typeof value === 'boolean') return [shown(value)];
      throw new WrongType(`${pythonType(value)} cannot be converted to a list`);
    case 'dict':
      return asDict(value);
    case 'bool':
      return asBool(value);
    case 'int':
      if (Number.isInteger(value)) return value;
      if (typeof value === 'boolean') return value;
      if (typeof value === 'string' && /^\s*[-+]?\d+(?:_\d+)*\s*$/.test(value))
        return Number(value.replaceAll('_', ''));
      throw new WrongType(`${pythonType(value)} cannot be converted to an int`);
    case 'float':
      if (typeof value === 'number') return value;
      if (typeof value === 'boolean') return Number(value);
      if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
      throw new WrongType(`${pythonType(value)} cannot be converted to a float`);
    case 'bytes':
    case 'bits':
      if (/^\s*\d*\.?\d*\s*[A-Za-z]*\s*$/.test(shown(value))) return value;
      throw new WrongType(`${pythonType(value)} cannot be converted to a ${type === 'bits' ? 'Bit' : 'Byte'} value`);
    case 'str':
    case 'path':
      // Python turns any value into text.
      return typeof value === 'string' ? value : shown(value);
    default:
      throw new WrongType(`there is no type ${type}`);
  }
}

function asDict(value: unknown): unknown {
  if (isDict(value)) return value;
  if (typeof value !== 'string') throw new WrongType(`${pythonType(value)} cannot be converted to a dict`);
  if (value.startsWith('{')) {
    try {
      return JSON.parse(value);
    } catch {
      throw new WrongType('unable to evaluate string as dictionary');
    }
  }
  if (!value.includes('=')) throw new WrongType('dictionary requested, could not parse JSON or key=value');
  return Object.fromEntries(
    value.split(/[, ]+/).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}

function asBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new WrongType(`${pythonType(value)} cannot be converted to a bool`);
  const text = String(value).toLowerCase().trim();
  if (BOOLEANS.True!.includes(text)) return true;
  if (BOOLEANS.False!.includes(text)) return false;
  throw new WrongType(
    `The value '${value}' is not a valid boolean.  Valid booleans include: 0, 'f', 'on', 1, 'false', 't', 'off', 'n', 'true', '1', 'yes', 'no', 'y', '0'`,
  );
}

function supported(spec: Spec): string {
  const aliases = Object.values(spec).flatMap((option) => option?.aliases ?? []);
  const names = Object.keys(spec).sort().join(', ');
  return aliases.length > 0 ? `${names} (${aliases.sort().join(', ')})` : names;
}

function isDict(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function pythonType(value: unknown): string {
  if (typeof value === 'boolean') return "<class 'bool'>";
  if (typeof value === 'number') return Number.isInteger(value) ? "<class 'int'>" : "<class 'float'>";
  if (typeof value === 'bigint') return "<class 'int'>";
  if (Array.isArray(value)) return "<class 'list'>";
  return typeof value === 'object' ? "<class 'dict'>" : "<class 'str'>";
}
