import type { Source } from '../source.ts';
import type { Token } from '../tokens.ts';

/** The tokens of one tag, read from left to right. */
export class TokenStream {
  readonly source: Source;
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    this.source = source;
    this.tokens = tokens;
  }

  get current(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)]!;
  }

  look(): Token {
    return this.tokens[Math.min(this.at + 1, this.tokens.length - 1)]!;
  }

  get atEnd(): boolean {
    return this.current.type === 'end';
  }

  next(): Token {
    const token = this.current;
    if (token.type !== 'end') this.at++;
    return token;
  }

  isOperator(text: string): boolean {
    return this.current.type === 'operator' && this.current.text === text;
  }

  isName(text: string): boolean {
    return this.current.type === 'name' && this.current.text === text;
  }

  /** Moves on if the current token is this operator. */
  skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.at++;
    return true;
  }

  skipName(text: string): boolean {
    if (!this.isName(text)) return false;
    this.at++;
    return true;
  }

  expectOperator(text: string): Token {
    if (!this.isOperator(text)) throw this.unexpected(`'${text}'`);
    return this.next();
  }

  expectWord(text: string): Token {
    if (!this.isName(text)) throw this.unexpected(`'${text}'`);
    return this.next();
  }

  expectName(what = 'a name'): Token {
    if (this.current.type !== 'name') throw this.unexpected(what);
    return this.next();
  }

  expectEnd(): void {
    if (!this.atEnd) throw this.unexpected(this.tokens.at(-1)!.text);
  }

  unexpected(expected: string): Error {
    const { type, text, pos } = this.current;
    const hint = text === '=' ? "to compare, write '=='" : text === '|' ? "for a choice of two, write 'or'" : undefined;
    return this.source.syntaxError(`expected ${expected}, got ${type === 'end' ? text : `'${text}'`}`, pos, hint);
  }

  fail(message: string, pos = this.current.pos, hint?: string): never {
    throw this.source.syntaxError(message, pos, hint);
  }
}
