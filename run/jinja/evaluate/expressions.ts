import type * as ast from '../ast.ts';
import { type Builtin, invoke } from '../builtin.ts';
import { callMethod, findAttribute, findItem, missingMessage, slice } from '../python/access.ts';
import { escapeHtml, negate, operate, positive } from '../python/arithmetic.ts';
import { findMethod } from '../python/methods.ts';
import { pyString } from '../python/repr.ts';
import { contains, equal, ordered } from '../values/compare.ts';
import { makeDict } from '../values/dict.ts';
import { isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Absent, Markup, Tuple, Undefined } from '../values/types.ts';
import { type Compilation, compileArguments, located, positionOf } from './compiler.ts';
import type { Evaluate, Frame } from './frame.ts';
import { undefinedName } from './frame.ts';

/** Turns an expression into a function of the frame. Nothing is evaluated before its value is needed. */
export function compileExpressionNode(c: Compilation, node: ast.Expression): Evaluate {
  switch (node.type) {
    case 'Name':
      return compileName(c, node);
    case 'Const':
      return compileConst(c, node);
    case 'List': {
      const items = compileAll(c, node.items);
      return (frame) => items.map((item) => item(frame));
    }
    case 'Tuple': {
      const items = compileAll(c, node.items);
      return (frame) => Tuple.make(items.map((item) => item(frame)));
    }
    case 'Dict':
      return compileDict(c, node);
    case 'GetAttr':
      return compileAttribute(c, node);
    case 'GetItem':
      return compileItem(c, node);
    case 'Slice':
      return compileSlice(c, node);
    case 'Call':
      return compileCall(c, node);
    case 'Filter':
      return compileFilter(c, node, compileExpressionNode(c, node.subject!));
    case 'Test':
      return compileTest(c, node);
    case 'Unary':
      return compileUnary(c, node);
    case 'Binary': {
      const [left, right] = [compileExpressionNode(c, node.left), compileExpressionNode(c, node.right)];
      return located(c, node.pos, (frame: Frame) => operate(node.operator, left(frame), right(frame)));
    }
    case 'Logic':
      return compileLogic(c, node);
    case 'Concat':
      return compileConcat(c, node);
    case 'Compare':
      return compileCompare(c, node);
    case 'Conditional':
      return compileConditional(c, node);
  }
}

function compileAll(c: Compilation, nodes: readonly ast.Expression[]): Evaluate[] {
  return nodes.map((node) => compileExpressionNode(c, node));
}

function compileName(c: Compilation, { name, pos }: ast.Name): Evaluate {
  const position = positionOf(c, pos);
  const resolve = ({ render }: Frame): unknown => {
    const value = render.scope.resolve(name);
    return value === undefined ? (render.global(name) ?? undefinedName(name, position)) : value;
  };
  if (!c.assigned.has(name)) return resolve;
  return (frame) => {
    const value = frame.find(name);
    return value === undefined ? resolve(frame) : value;
  };
}

function compileConst(c: Compilation, node: ast.Const): Evaluate {
  const { value, raw } = node;
  if (raw === undefined) return () => value;
  if (!node.breaks) return ({ render }) => (render.rawStrings ? raw : value);
  const message = 'a backslash does not escape a quote in a playbook; use the other kind of quotes around this string';
  return ({ render }) => {
    if (render.rawStrings) throw c.source.syntaxError(message, node.pos);
    return value;
  };
}

/** Dicts made in templates are Maps while they are empty: they are there to be filled, with any keys. */
function compileDict(c: Compilation, node: ast.DictExpr): Evaluate {
  const items = node.items.map(({ key, value }) => ({
    key: compileExpressionNode(c, key),
    value: compileExpressionNode(c, value),
  }));
  if (items.length === 0) return () => new Map();
  return located(c, node.pos, (frame: Frame) => makeDict(items.map(({ key, value }) => [key(frame), value(frame)])));
}

function compileAttribute(c: Compilation, { object, name, pos }: ast.GetAttr): Evaluate {
  const evaluate = compileExpressionNode(c, object);
  const position = positionOf(c, pos);
  return located(c, pos, (frame: Frame) => {
    const value = evaluate(frame);
    const found = findAttribute(value, name);
    return found === undefined ? new Undefined(missingMessage(value, name), name, position) : found;
  });
}

function compileItem(c: Compilation, { object, key, pos }: ast.GetItem): Evaluate {
  const evaluate = compileExpressionNode(c, object);
  if (key.type === 'Slice') {
    const [start, stop, step] = [key.start, key.stop, key.step].map((part) => part && compileExpressionNode(c, part));
    return located(c, pos, (frame: Frame) => slice(evaluate(frame), start?.(frame), stop?.(frame), step?.(frame)));
  }
  const evaluateKey = compileExpressionNode(c, key);
  const position = positionOf(c, pos);
  return located(c, pos, (frame: Frame) => {
    const value = evaluate(frame);
    const wanted = evaluateKey(frame);
    const found = findItem(value, wanted);
    if (found !== undefined) return found;
    return new Undefined(missingMessage(value, wanted), isText(wanted) ? String(wanted) : undefined, position);
  });
}

function compileSlice(c: Compilation, { pos }: ast.Slice): never {
  throw c.source.syntaxError('a slice can only stand alone between brackets', pos);
}

function compileCall(c: Compilation, node: ast.Call): Evaluate {
  const { args, kwargs } = compileArguments(node, (argument) => compileExpressionNode(c, argument));
  const { callee } = node;
  if (callee.type !== 'GetAttr') {
    const evaluate = compileExpressionNode(c, callee);
    return located(c, node.pos, (frame: Frame) => frame.render.call(evaluate(frame), args(frame), kwargs(frame)));
  }
  const evaluate = compileExpressionNode(c, callee.object);
  const position = positionOf(c, callee.pos);
  return located(c, node.pos, (frame: Frame) => {
    const object = evaluate(frame);
    const method = findMethod(object, callee.name);
    if (method) return callMethod(object, callee.name, method, args(frame), kwargs(frame), frame.render);
    const attribute = findAttribute(object, callee.name);
    const found =
      attribute === undefined ? new Undefined(missingMessage(object, callee.name), callee.name, position) : attribute;
    return frame.render.call(found, args(frame), kwargs(frame));
  });
}

/** A filter applied to what `subject` gives. */
export function compileFilter(c: Compilation, node: ast.FilterExpr, subject: Evaluate): Evaluate {
  return compileInvocation(c, node, c.filter(node.name), subject);
}

function compileTest(c: Compilation, node: ast.TestExpr): Evaluate {
  const run = compileInvocation(c, node, c.test(node.name), compileExpressionNode(c, node.subject));
  return (frame) => run(frame);
}

function compileInvocation(
  c: Compilation,
  node: ast.FilterExpr | ast.TestExpr,
  target: Builtin,
  subject: Evaluate,
): Evaluate {
  const { args, kwargs } = compileArguments(node, (argument) => compileExpressionNode(c, argument));
  return located(c, node.pos, (frame: Frame) =>
    invoke(node.name, target, frame.render, subject(frame), args(frame), kwargs(frame)),
  );
}

function compileUnary(c: Compilation, { operator, operand, pos }: ast.Unary): Evaluate {
  const evaluate = compileExpressionNode(c, operand);
  if (operator === 'not') return located(c, pos, (frame: Frame) => !truthy(evaluate(frame)));
  const apply = operator === '-' ? negate : positive;
  return located(c, pos, (frame: Frame) => apply(evaluate(frame)));
}

function compileLogic(c: Compilation, { operator, left, right, pos }: ast.Logic): Evaluate {
  const [first, second] = [compileExpressionNode(c, left), compileExpressionNode(c, right)];
  const stopsAt = operator === 'or';
  return located(c, pos, (frame: Frame) => {
    const value = first(frame);
    return truthy(value) === stopsAt ? value : second(frame);
  });
}

function compileConcat(c: Compilation, { parts, pos }: ast.Concat): Evaluate {
  const evaluators = compileAll(c, parts);
  return located(c, pos, (frame: Frame) => {
    const values = evaluators.map((evaluate) => evaluate(frame));
    if (!frame.render.autoescape || !values.some((value) => value instanceof Markup))
      return values.map(pyString).join('');
    const texts = values.map((value) => (value instanceof Markup ? value.text : escapeHtml(pyString(value))));
    return new Markup(texts.join(''));
  });
}

function compareWith(operator: ast.CompareOperator, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    default:
      return ordered(operator, left, right);
  }
}

function compileCompare(c: Compilation, { first, rest, pos }: ast.Compare): Evaluate {
  const evaluate = compileExpressionNode(c, first);
  const steps = rest.map(({ operator, operand }) => ({ operator, operand: compileExpressionNode(c, operand) }));
  return located(c, pos, (frame: Frame) => {
    let left = evaluate(frame);
    for (const { operator, operand } of steps) {
      const right = operand(frame);
      if (!compareWith(operator, left, right)) return false;
      left = right;
    }
    return true;
  });
}

function compileConditional(c: Compilation, { test, yes: chosen, otherwise, pos }: ast.Conditional): Evaluate {
  const [decide, yes] = [compileExpressionNode(c, test), compileExpressionNode(c, chosen)];
  const no = otherwise && compileExpressionNode(c, otherwise);
  const position = positionOf(c, pos);
  return located(c, pos, (frame: Frame) => {
    if (truthy(decide(frame))) return yes(frame);
    if (no) return no(frame);
    const message = 'the inline if-expression evaluated to false and no else section was defined.';
    return new Absent(message, undefined, position);
  });
}
