import { DEFAULT_SYNTAX, type Syntax } from './options.ts';
import type { Source } from './source.ts';
import { expressionEnd, readToken, type Token } from './tokens.ts';

/** A stretch of a template: literal text, or the tokens between a pair of delimiters. */
export type Segment =
  | { readonly type: 'text'; readonly text: string; readonly pos: number }
  | { readonly type: 'variable' | 'block'; readonly tokens: readonly Token[]; readonly pos: number };

type Opening = 'comment' | 'block' | 'variable' | 'lineStatement' | 'lineComment';

interface Start {
  readonly type: Opening;
  readonly at: number;
  /** Where what is inside begins. */
  readonly inside: number;
  readonly sign: string;
}

/** What finds the start of a tag, and for each of its groups what begins there. */
interface Openings {
  readonly expression: RegExp;
  readonly types: readonly Opening[];
}

function openingsOf(syntax: Syntax): Openings {
  const delimiters: [Opening, string, string][] = [
    ['variable', syntax.variableStart, escapePattern(syntax.variableStart)],
    ['comment', syntax.commentStart, escapePattern(syntax.commentStart)],
    ['block', syntax.blockStart, escapePattern(syntax.blockStart)],
  ];
  const { lineStatementPrefix: statement, lineCommentPrefix: comment } = syntax;
  if (statement) delimiters.push(['lineStatement', statement, `(?<=^|\\n)[ \\t\\v]*${escapePattern(statement)}`]);
  if (comment) {
    delimiters.push(['lineComment', comment, `(?:(?<=^|\\n)|(?<=\\S))[^\\S\\n]*${escapePattern(comment)}`]);
  }
  // Of two that start alike the longer one is meant.
  delimiters.sort((a, b) => b[1].length - a[1].length);
  const expression = new RegExp(delimiters.map(([, , pattern]) => `(${pattern})`).join('|'), 'g');
  return { expression, types: delimiters.map(([type]) => type) };
}

/** Cuts a template into text and tags, with Jinja2's whitespace control. Throws a syntax `JinjaError`. */
export function lex(source: Source, syntax: Syntax): Segment[] {
  return new Lexer(source, syntax).segments();
}

class Lexer {
  private readonly source: Source;
  private readonly syntax: Syntax;
  private readonly text: string;
  private readonly openings: RegExp;
  private readonly types: readonly Opening[];
  private readonly out: Segment[] = [];
  private at = 0;
  /** Whether the next text loses its leading whitespace (`strip`) or only a newline (`trim`). */
  private after: 'keep' | 'strip' | 'trim' = 'keep';

  constructor(source: Source, syntax: Syntax) {
    this.source = source;
    this.syntax = syntax;
    this.text = source.text;
    ({ expression: this.openings, types: this.types } =
      syntax === DEFAULT_SYNTAX ? DEFAULT_OPENINGS : openingsOf(syntax));
  }

  segments(): Segment[] {
    for (let start = this.next(); start; start = this.next()) {
      this.addText(start);
      this.at = start.inside;
      if (start.type === 'comment') this.comment(start);
      else if (start.type === 'lineComment') this.lineComment();
      else if (start.type === 'lineStatement') this.lineStatement(start);
      else if (start.type === 'variable') this.tag(start, 'variable');
      else if (!this.raw(start)) this.tag(start, 'block');
    }
    this.addText(undefined);
    return this.out;
  }

  private next(): Start | undefined {
    this.openings.lastIndex = this.at;
    const match = this.openings.exec(this.text);
    if (!match) return undefined;
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const inside = match.index + match[0].length;
    const sign = this.text[inside] ?? '';
    const signed = sign === '-' || sign === '+';
    const type = this.types[index]!;
    return { type, at: match.index, inside: inside + (signed ? 1 : 0), sign: signed ? sign : '' };
  }

  /** Adds the text up to a tag (or to the end), less the whitespace that the tags on both sides take away. */
  private addText(start: Start | undefined): void {
    const from = this.at;
    let text = this.text.slice(from, start?.at ?? this.text.length);
    let pos = from;
    if (this.after === 'strip') {
      const kept = text.trimStart();
      pos += text.length - kept.length;
      text = kept;
    } else if (this.after === 'trim' && text.startsWith('\n')) {
      text = text.slice(1);
      pos++;
    }
    this.after = 'keep';
    if (start?.sign === '-') text = text.trimEnd();
    else if (start && start.sign !== '+' && this.syntax.lstripBlocks && start.type !== 'variable') {
      const lineStart = text.lastIndexOf('\n') + 1;
      const opensLine = lineStart > 0 || from === 0 || this.text[from - 1] === '\n' || this.text[pos - 1] === '\n';
      if (opensLine && /^[^\S\n]*$/.test(text.slice(lineStart))) text = text.slice(0, lineStart);
    }
    if (text !== '') {
      const ended = this.syntax.newlineSequence === '\n' ? text : text.replaceAll('\n', this.syntax.newlineSequence);
      this.out.push({ type: 'text', text: ended, pos });
    }
  }

  private comment(start: Start): void {
    const end = this.text.indexOf(this.syntax.commentEnd, this.at);
    if (end < 0) throw this.source.syntaxError('Missing end of comment tag', start.at);
    this.close(end > start.inside - 1 ? (this.text[end - 1] ?? '') : '', end + this.syntax.commentEnd.length);
  }

  private lineComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private lineStatement(start: Start): void {
    const { tokens, end } = this.tokens((at, depth) => {
      if (depth > 0) return 0;
      const match = /[^\S\n]*(?:\n|$)/y;
      match.lastIndex = at;
      return match.test(this.text) ? Math.max(match.lastIndex - at, 1) : 0;
    }, 'line statement');
    this.out.push({ type: 'block', tokens, pos: start.at });
    this.at = Math.min(end, this.text.length);
  }

  /** What the sign in front of a closing delimiter does to the text behind it. */
  private close(sign: string, at: number, trims = this.syntax.trimBlocks): void {
    this.at = at;
    this.after = sign === '-' ? 'strip' : sign !== '+' && trims ? 'trim' : 'keep';
  }

  private tag(start: Start, type: 'variable' | 'block'): void {
    const closing = type === 'variable' ? this.syntax.variableEnd : this.syntax.blockEnd;
    const what = type === 'variable' ? 'print statement' : 'statement block';
    const { tokens, end, sign } = this.tokens((at, depth) => {
      const closes = (offset: number) => this.text.startsWith(closing, at + offset);
      if (depth === 0 && closes(0)) return closing.length;
      const signed = this.text[at] === '-' || (type === 'block' && this.text[at] === '+');
      return signed && closes(1) ? closing.length + 1 : 0;
    }, what);
    this.out.push({ type, tokens, pos: start.at });
    this.close(sign, end, type === 'block' && this.syntax.trimBlocks);
  }

  private tokens(
    ends: (at: number, depth: number) => number,
    what: string,
  ): { tokens: Token[]; end: number; sign: string } {
    const tokens: Token[] = [];
    const open: string[] = [];
    let at = this.at;
    for (;;) {
      const width = ends(at, open.length);
      if (width > 0) {
        tokens.push({ type: 'end', text: `end of ${what}`, pos: at });
        return { tokens, end: at + width, sign: this.text[at] ?? '' };
      }
      if (at >= this.text.length) {
        throw this.source.syntaxError(`unexpected end of template, expected 'end of ${what}'.`, at);
      }
      const blank = expressionEnd(this.text, at, what === 'line statement' && open.length === 0);
      if (blank > at) {
        at = blank;
        continue;
      }
      const token = readToken(this.source, at);
      this.balance(open, token);
      tokens.push(token.token);
      at = token.end;
    }
  }

  private balance(open: string[], { token }: { token: Token }): void {
    if (token.type !== 'operator') return;
    if ('([{'.includes(token.text)) open.push(token.text === '(' ? ')' : token.text === '[' ? ']' : '}');
    else if (')]}'.includes(token.text)) {
      const expected = open.pop();
      if (expected === token.text) return;
      throw this.source.syntaxError(
        expected ? `unexpected '${token.text}', expected '${expected}'` : `unexpected '${token.text}'`,
        token.pos,
      );
    }
  }

  /** `{% raw %}` up to `{% endraw %}`, whatever is between. */
  private raw(start: Start): boolean {
    const { blockStart, blockEnd, lstripBlocks } = this.syntax;
    const end = escapePattern(blockEnd);
    const opening = new RegExp(`\\s*raw\\s*(-?)${end}`, 'y');
    opening.lastIndex = this.at;
    const opened = opening.exec(this.text);
    if (!opened) return false;
    const from = opening.lastIndex;
    const closing = new RegExp(`${escapePattern(blockStart)}([-+]?)\\s*endraw\\s*([-+]?)${end}`, 'g');
    closing.lastIndex = from;
    const closed = closing.exec(this.text);
    if (!closed) throw this.source.syntaxError('Missing end of raw directive', start.at);
    let text = this.text.slice(from, closed.index);
    if (opened[1] === '-') text = text.trimStart();
    if (closed[1] === '-') text = text.trimEnd();
    else if (closed[1] !== '+' && lstripBlocks) text = text.replace(/(^|\n)[^\S\n]+$/, '$1');
    if (text !== '') this.out.push({ type: 'text', text, pos: from });
    this.close(closed[2] ?? '', closing.lastIndex);
    return true;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

const DEFAULT_OPENINGS = openingsOf(DEFAULT_SYNTAX);
