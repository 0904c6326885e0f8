import type { Expression } from '../jinja/ast.ts';
import type { Condition } from '../playbook/model.ts';
import { raw, type Sh, sh } from '../shell/script.ts';
import type { Templar } from './templar.ts';

/** A registered result that is still under way: the step that brings it. Only steps whose status the host itself knows. */
export type StepOf = (register: string) => number | undefined;

const STATUS_TESTS: Record<string, string> = {
  changed: 'changed',
  change: 'changed',
  failed: 'failed',
  failure: 'failed',
  succeeded: 'succeeded',
  success: 'succeeded',
  successful: 'succeeded',
  skipped: 'skipped',
  skip: 'skipped',
};

const NUMBER_TESTS: Record<string, string> = {
  '==': '-eq',
  '!=': '-ne',
  '<': '-lt',
  '<=': '-le',
  '>': '-gt',
  '>=': '-ge',
};

/**
 * A simple condition on results that are still under way (`is changed`, `rc == 0`, `stat.exists`, with and, or, not) as a
 * test that the host makes itself, so that it costs no round trip. Undefined when the condition needs the controller.
 */
export function guardOf(templar: Templar, condition: Condition, stepOf: StepOf): Sh | undefined {
  if (typeof condition.expression === 'boolean' || condition.expression.includes('{{')) return undefined;
  const { expression } = templar.compiledExpression(condition.expression).ast;
  return expression && compile(expression, stepOf);
}

function compile(node: Expression, stepOf: StepOf): Sh | undefined {
  if (node.type === 'Logic') {
    const left = compile(node.left, stepOf);
    const right = left && compile(node.right, stepOf);
    if (!left || !right) return undefined;
    return node.operator === 'and' ? sh`{ ${left} && ${right}; }` : sh`{ ${left} || ${right}; }`;
  }
  if (node.type === 'Unary' && node.operator === 'not') {
    const operand = compile(node.operand, stepOf);
    // Two in a row are no command in dash and busybox.
    return operand && sh`{ ! ${operand}; }`;
  }
  if (node.type === 'Test' && node.subject.type === 'Name' && node.args.length === 0) {
    const status = Object.hasOwn(STATUS_TESTS, node.name) ? STATUS_TESTS[node.name] : undefined;
    return status === undefined ? undefined : was(stepOf(node.subject.name), status);
  }
  if (node.type === 'GetAttr' || node.type === 'GetItem') return attribute(node, stepOf);
  if (node.type === 'Compare' && node.rest.length === 1) return comparison(node, stepOf);
  return undefined;
}

/** `result.changed`, `result.failed`, `result.stat.exists`. */
function attribute(node: Expression, stepOf: StepOf): Sh | undefined {
  const path = pathOf(node);
  if (!path) return undefined;
  const [name, ...keys] = path;
  const id = stepOf(name!);
  if (id === undefined) return undefined;
  if (keys.length === 1 && (keys[0] === 'changed' || keys[0] === 'failed' || keys[0] === 'skipped'))
    return was(id, keys[0]);
  if (keys.length === 2 && keys[0] === 'stat' && keys[1] === 'exists') return sh`ll_flag ${id} exists`;
  return undefined;
}

/** `result.rc == 0` and its like. */
function comparison(node: Extract<Expression, { type: 'Compare' }>, stepOf: StepOf): Sh | undefined {
  const path = pathOf(node.first);
  const { operator, operand } = node.rest[0]!;
  const test = Object.hasOwn(NUMBER_TESTS, operator) ? NUMBER_TESTS[operator] : undefined;
  if (path?.length !== 2 || path[1] !== 'rc' || !test) return undefined;
  if (operand.type !== 'Const' || typeof operand.value !== 'number' || !Number.isInteger(operand.value))
    return undefined;
  const id = stepOf(path[0]!);
  return id === undefined ? undefined : sh`ll_rc_is ${id} ${test} ${operand.value}`;
}

function was(id: number | undefined, status: string): Sh | undefined {
  return id === undefined ? undefined : raw(`ll_was ${id} ${status}`);
}

/** `a.b['c']` as its names. */
function pathOf(node: Expression): string[] | undefined {
  if (node.type === 'Name') return [node.name];
  if (node.type === 'GetAttr') {
    const path = pathOf(node.object);
    return path && [...path, node.name];
  }
  if (node.type === 'GetItem' && node.key.type === 'Const' && typeof node.key.value === 'string') {
    const path = pathOf(node.object);
    return path && [...path, node.key.value];
  }
  return undefined;
}
