import type { NameTarget, Target } from '../ast.ts';
import type { TokenStream } from './token-stream.ts';

const reserved = new Set([
  'true',
  'True',
  'false',
  'False',
  'none',
  'None',
  'and',
  'or',
  'not',
  'if',
  'else',
  'in',
  'is',
]);

export interface TargetOptions {
  tuple: boolean;
  namespace?: boolean;
  /** The word that ends the target. */
  stop?: string;
}

/** What `for`, `set` and `with` assign to: a name, names in a tuple, or (`set`) a namespace's attribute. */
export function parseTarget(stream: TokenStream, options: TargetOptions): Target {
  const { pos } = stream.current;
  if (options.namespace && stream.look().type === 'operator' && stream.look().text === '.') {
    const name = stream.expectName().text;
    stream.expectOperator('.');
    return { type: 'NamespaceTarget', name, attribute: stream.expectName().text, pos };
  }
  const first = single(stream, options);
  if (!options.tuple || !stream.isOperator(',')) return first;
  const items = [first];
  while (stream.skipOperator(',')) {
    if (stream.isOperator('=') || stream.isOperator(')') || (options.stop && stream.isName(options.stop))) break;
    items.push(single(stream, options));
  }
  return { type: 'TupleTarget', items, pos };
}

function single(stream: TokenStream, options: TargetOptions): Target {
  if (!stream.skipOperator('(')) return nameTarget(stream);
  const inner = parseTarget(stream, { ...options, tuple: true });
  stream.expectOperator(')');
  return inner;
}

function nameTarget(stream: TokenStream): NameTarget {
  const { text: name, pos } = stream.expectName();
  if (reserved.has(name)) stream.fail(`can't assign to '${name}'`, pos);
  return { type: 'NameTarget', name, pos };
}
