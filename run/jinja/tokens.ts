import { isPythonError } from './errors.ts';
import { numberLiteral } from './python/literal.ts';
import { decodeEscapes } from './python/string-escapes.ts';
import type { Source } from './source.ts';

/** `end` closes the tokens of every tag; a `string` keeps what was written in `raw`. */
export interface Token {
  readonly type: 'name' | 'number' | 'string' | 'operator' | 'end';
  readonly text: string;
  readonly pos: number;
  readonly value?: unknown;
  readonly raw?: string;
}

const name = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const float = /(?<!\.)(?:\d+_)*\d+(?:\.(?:\d+_)*\d+[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+|[eE][+-]?(?:\d+_)*\d+)/y;
const integer = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const string = /'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"/y;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,;]/y;
const blank = /\s+/y;
const lineBlank = /[^\S\n]+/y;

/** Where the whitespace at `at` ends. */
export function expressionEnd(text: string, at: number, withinLine: boolean): number {
  const pattern = withinLine ? lineBlank : blank;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The token of an expression that starts at `at`. Throws a syntax `JinjaError` when none does. */
export function readToken(source: Source, at: number): { token: Token; end: number } {
  const { text } = source;
  const found = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  try {
    const number = found(float) ?? found(integer);
    if (number) return made({ type: 'number', text: number[0], pos: at, value: numberLiteral(number[0]) }, number[0]);
    const word = found(name);
    if (word) return made({ type: 'name', text: word[0], pos: at }, word[0]);
    const quoted = found(string);
    if (quoted) {
      const raw = (quoted[1] ?? quoted[2] ?? '').replace(/\r\n?/g, '\n');
      return made({ type: 'string', text: quoted[0], pos: at, value: decodeEscapes(raw), raw }, quoted[0]);
    }
  } catch (error) {
    if (isPythonError(error, 'ValueError')) throw source.syntaxError(error.message, at);
    throw error;
  }
  const mark = found(operator);
  if (mark) return made({ type: 'operator', text: mark[0], pos: at }, mark[0]);
  const character = String.fromCodePoint(text.codePointAt(at)!);
  if (character === '"' || character === "'") throw source.syntaxError('this string is never closed', at);
  throw source.syntaxError(`unexpected char '${character}' at ${at}`, at, HABITS[character]);
}

/** Signs that other languages have, and what Jinja has in their place. */
const HABITS: Record<string, string> = {
  '&': "for both, write 'and'",
  '!': "for the opposite, write 'not'",
  '?': "write 'A if CONDITION else B'",
  $: 'a variable is named without "$"',
};

function made(token: Token, text: string): { token: Token; end: number } {
  return { token, end: token.pos + text.length };
}
