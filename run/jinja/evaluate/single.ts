import type { Expression } from '../ast.ts';
import { pyString } from '../python/repr.ts';
import { truthy } from '../values/truth.ts';
import { Undefined } from '../values/types.ts';
import type { Compilation } from './compiler.ts';
import { compileExpressionNode } from './expressions.ts';
import type { Evaluate } from './frame.ts';

/** Text that stays text although it looks like data, because a filter that makes text made it. */
export class FixedText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Ansible's setting STRING_TYPE_FILTERS. */
const textFilters = new Set(['string', 'to_json', 'to_nice_json', 'to_yaml', 'to_nice_yaml', 'ppretty', 'json']);

/** The expression of a template that is one `{{ }}`: as any other, but text that must stay text comes as `FixedText`. */
export function compileSingle(c: Compilation, node: Expression): Evaluate {
  if (node.type === 'Conditional' && node.otherwise) {
    const [test, then, otherwise] = [
      compileExpressionNode(c, node.test),
      compileSingle(c, node.yes),
      compileSingle(c, node.otherwise),
    ];
    return (frame) => (truthy(test(frame)) ? then(frame) : otherwise(frame));
  }
  const evaluate = compileExpressionNode(c, node);
  if (node.type !== 'Filter' || !textFilters.has(node.name.replace(/^ansible\.builtin\./, ''))) return evaluate;
  return (frame) => {
    const value = evaluate(frame);
    return value instanceof Undefined ? value : new FixedText(pyString(value));
  };
}
