import type { Root } from '../ast.ts';
import type { Source } from '../source.ts';
import { expressionEnd, readToken, type Token } from '../tokens.ts';
import { ExpressionParser } from './expressions.ts';
import type { KnownNames } from './names.ts';
import { TokenStream } from './token-stream.ts';

/** Parses an expression that stands alone, as in `when:`. Throws a syntax `JinjaError`. */
export function parseBareExpression(source: Source, known: KnownNames): Root {
  const tokens: Token[] = [];
  let at = expressionEnd(source.text, 0, false);
  while (at < source.text.length) {
    const { token, end } = readToken(source, at);
    tokens.push(token);
    at = expressionEnd(source.text, end, false);
  }
  tokens.push({ type: 'end', text: 'end of expression', pos: source.text.length });
  const stream = new TokenStream(source, tokens);
  const first = tokens[0]!;
  if (first.text === '{' && source.text.startsWith('{{', first.pos)) {
    stream.fail('this is an expression already: write it without {{ }}', first.pos);
  }
  const expression = new ExpressionParser(stream, known).tuple();
  stream.expectEnd();
  return { body: [], expression };
}
