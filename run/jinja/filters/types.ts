import { type Builtins, builtin } from '../builtin.ts';
import { filterError, isPythonError } from '../errors.ts';
import { makeFloat as float, makeInt, toNumber } from '../python/arithmetic.ts';
import { parseFloatText, parseIntText } from '../python/numbers.ts';
import { prettyPrint } from '../python/pprint.ts';
import { pyString } from '../python/repr.ts';
import { equal } from '../values/compare.ts';
import { isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Markup, Undefined } from '../values/types.ts';

/** Jinja2's `int`: what cannot be read as an integer is the fallback. */
function toInt(value: unknown, fallback: unknown, base: unknown): unknown {
  try {
    if (isText(value)) {
      const radix = base === undefined || base === null ? 10 : Number(base);
      const whole = parseIntText(String(value), radix);
      if (whole !== undefined) return whole;
      return truncate(parseFloatText(String(value)), fallback);
    }
    if (value instanceof Undefined) throw value.error();
    if (isNumber(value)) {
      return isFloat(value) ? truncate(toNumber(value), fallback) : makeInt(BigInt(value as number | bigint | boolean));
    }
    return fallback;
  } catch (error) {
    if (isPythonError(error, 'TypeError', 'ValueError', 'OverflowError')) return fallback;
    throw error;
  }
}

function truncate(value: number | undefined, fallback: unknown): unknown {
  if (value === undefined || !Number.isFinite(value)) return fallback;
  return makeInt(BigInt(Math.trunc(value)));
}

function toFloat(value: unknown, fallback: unknown): unknown {
  if (value instanceof Undefined) throw value.error();
  if (isText(value)) {
    const number = parseFloatText(String(value));
    return number === undefined ? fallback : float(number);
  }
  return isNumber(value) ? float(toNumber(value)) : fallback;
}

/** Ansible's `bool`: only these words are true, everything else is false. */
function toBool(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (value instanceof Undefined) throw value.error();
  if (isText(value)) return ['yes', 'on', '1', 'true'].includes(String(value).toLowerCase());
  return isNumber(value) && equal(value, 1);
}

function ternary(value: unknown, yes: unknown, no: unknown, none: unknown): unknown {
  if (value === null && none !== undefined && none !== null) return none;
  return truthy(value) ? yes : no;
}

function mandatory(value: unknown, message: unknown): unknown {
  if (!(value instanceof Undefined)) return value;
  if (message !== undefined && message !== null) throw filterError(pyString(message));
  const name = value.variable === undefined ? '' : `'${value.variable}' `;
  throw filterError(`Mandatory variable ${name} not defined.`);
}

function orDefault(value: unknown, fallback: unknown, alsoFalsy: unknown): unknown {
  if (value instanceof Undefined) return fallback === undefined ? '' : fallback;
  if (alsoFalsy !== undefined && truthy(alsoFalsy) && !truthy(value)) return fallback === undefined ? '' : fallback;
  return value;
}

const defaulting = builtin('value, default_value?, boolean?', (_rt, value, fallback, falsy) =>
  orDefault(value, fallback, falsy),
);

/** Filters about what a value is: conversions, defaults, choices. */
export const typeFilters: Builtins = {
  bool: builtin('a', (_rt, value) => toBool(value)),
  d: defaulting,
  default: defaulting,
  float: builtin('value, default?', (_rt, value, fallback) =>
    toFloat(value, fallback === undefined ? float(0) : fallback),
  ),
  int: builtin('value, default?, base?', (_rt, value, fallback, base) =>
    toInt(value, fallback === undefined ? 0 : fallback, base),
  ),
  mandatory: builtin('a, msg?', (_rt, value, message) => mandatory(value, message)),
  pprint: builtin('value', (_rt, value) => prettyPrint(value)),
  string: builtin('object', (_rt, value) => (value instanceof Markup ? value : pyString(value))),
  ternary: builtin('value, true_val, false_val, none_val?', (_rt, value, yes, no, none) =>
    ternary(value, yes, no, none),
  ),
  type_debug: builtin('o', (_rt, value) => typeName(value)),
};
