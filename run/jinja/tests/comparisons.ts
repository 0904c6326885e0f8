import { type Builtins, builtin } from '../builtin.ts';
import { contains, equal, type Ordering, ordered } from '../values/compare.ts';

const is = builtin('a, b', (_rt, a, b) => equal(a, b));
const isNot = builtin('a, b', (_rt, a, b) => !equal(a, b));
const order = (operator: Ordering) => builtin('a, b', (_rt, a, b) => ordered(operator, a, b));
const greater = order('>');
const less = order('<');
const atLeast = order('>=');
const atMost = order('<=');

/** Jinja2's operators as tests. */
export const compareTests: Builtins = {
  '!=': isNot,
  '<': less,
  '<=': atMost,
  '==': is,
  '>': greater,
  '>=': atLeast,
  eq: is,
  equalto: is,
  ge: atLeast,
  greaterthan: greater,
  gt: greater,
  in: builtin('value, seq', (_rt, value, container) => contains(container, value)),
  le: atMost,
  lessthan: less,
  lt: less,
  ne: isNot,
};
