import type { Arguments, Expression } from '../ast.ts';
import type { Builtin } from '../builtin.ts';
import { JinjaError, type Position } from '../errors.ts';
import type { Source } from '../source.ts';
import { dictEntries } from '../values/dict.ts';
import { iterate } from '../values/iterate.ts';
import { isDict, isText, typeName } from '../values/kinds.ts';
import { type Keywords, noKeywords } from '../values/types.ts';
import type { BlockCode, Evaluate, Frame } from './frame.ts';

/** What compiling a template's nodes needs to know and to note. */
export interface Compilation {
  readonly source: Source;
  /** Names that the template itself gives a value somewhere; all others come from the scope. */
  readonly assigned: { has(name: string): boolean };
  readonly blocks: BlockCode[];
  filter(name: string): Builtin;
  test(name: string): Builtin;
}

export function positionOf({ source }: Compilation, pos: number): () => Position {
  return () => source.position(pos);
}

/** Gives errors of ours that have no place yet the place of the node they came from. */
export function located<Args extends unknown[], Result>(
  { source }: Compilation,
  pos: number,
  run: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      if (error instanceof JinjaError && error.line === 0) error.place(source.position(pos));
      throw error;
    }
  };
}

export interface CompiledArguments {
  readonly args: (frame: Frame) => unknown[];
  readonly kwargs: (frame: Frame) => Keywords;
}

const noArguments: unknown[] = [];

/** Compiles a call's arguments; `expression` compiles each. */
export function compileArguments(node: Arguments, expression: (node: Expression) => Evaluate): CompiledArguments {
  const positional = node.args.map(expression);
  const spread = node.spread && expression(node.spread);
  const named = node.kwargs.map(({ name, value }) => ({ name, value: expression(value) }));
  const spreadKeywords = node.spreadKeywords && expression(node.spreadKeywords);
  return { args: positionalArguments(positional, spread), kwargs: keywordArguments(named, spreadKeywords) };
}

function positionalArguments(positional: Evaluate[], spread: Evaluate | undefined): CompiledArguments['args'] {
  const [first, second] = positional;
  if (spread) return (frame) => [...positional.map((evaluate) => evaluate(frame)), ...iterate(spread(frame))];
  if (!first) return () => noArguments.slice();
  if (positional.length === 1) return (frame) => [first(frame)];
  if (positional.length === 2) return (frame) => [first(frame), second!(frame)];
  return (frame) => positional.map((evaluate) => evaluate(frame));
}

function keywordArguments(
  named: { name: string; value: Evaluate }[],
  spread: Evaluate | undefined,
): CompiledArguments['kwargs'] {
  if (named.length === 0 && !spread) return () => noKeywords;
  return (frame) => {
    const kwargs: Keywords = Object.create(null);
    for (const { name, value } of named) kwargs[name] = value(frame);
    const extra = spread?.(frame);
    if (extra === undefined) return kwargs;
    if (!isDict(extra)) throw notMapping(extra);
    for (const [key, value] of dictEntries(extra)) {
      if (!isText(key)) throw new JinjaError('runtime', 'keywords must be strings', { pythonType: 'TypeError' });
      kwargs[String(key)] = value;
    }
    return kwargs;
  };
}

function notMapping(value: unknown): JinjaError {
  return new JinjaError('runtime', `argument after ** must be a mapping, not ${typeName(value)}`, {
    pythonType: 'TypeError',
  });
}
