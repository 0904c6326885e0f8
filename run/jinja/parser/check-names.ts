import type * as ast from '../ast.ts';
import type { KnownNames } from './names.ts';
import type { TokenStream } from './token-stream.ts';

type Kind = 'filter' | 'test' | 'lookup';

/** Refuses an unknown filter, test or lookup, naming the nearest known one. */
export function requireKnown(stream: TokenStream, known: KnownNames, kind: Kind, name: string, pos: number): void {
  if (known[kind](name)) return;
  const near = known.suggest(kind, name);
  stream.fail(`no ${kind} named '${name}'${near === undefined ? '' : `, did you mean '${near}'?`}`, pos);
}

/** Where a filter takes the name of another filter or of a test: the argument's index. */
const namesFilter: Record<string, number> = { map: 0 };
const namesTest: Record<string, number> = { select: 0, reject: 0, selectattr: 1, rejectattr: 1 };

/** The names inside `map('…')`, `select('…')` and the like, when they are written out. */
export function checkNested(stream: TokenStream, known: KnownNames, node: ast.FilterExpr): void {
  const name = node.name.replace(/^ansible\.builtin\./, '');
  for (const [kind, table] of [['filter', namesFilter] as const, ['test', namesTest] as const]) {
    const index = Object.hasOwn(table, name) ? table[name]! : undefined;
    const inner = index === undefined ? undefined : node.args[index];
    if (inner?.type === 'Const' && typeof inner.value === 'string') {
      requireKnown(stream, known, kind, inner.value, inner.pos);
    }
  }
}

const lookupGlobals = ['lookup', 'query', 'q'];

export function checkLookup(stream: TokenStream, known: KnownNames, node: ast.Call): void {
  if (node.callee.type !== 'Name' || !lookupGlobals.includes(node.callee.name)) return;
  const plugin = node.args[0];
  if (plugin?.type === 'Const' && typeof plugin.value === 'string') {
    requireKnown(stream, known, 'lookup', plugin.value, plugin.pos);
  }
}
