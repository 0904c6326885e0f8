import type * as ast from '../ast.ts';
import { lex, type Segment } from '../lexer.ts';
import { nearest } from '../nearest.ts';
import type { Syntax } from '../options.ts';
import type { Source } from '../source.ts';
import { ExpressionParser } from './expressions.ts';
import type { KnownNames } from './names.ts';
import { parseTarget } from './targets.ts';
import { TokenStream } from './token-stream.ts';

interface OpenTag {
  readonly name: string;
  readonly pos: number;
  readonly ends: readonly string[];
}

/** Parses a whole template. Throws a syntax `JinjaError`. */
export function parseTemplate(source: Source, syntax: Syntax, known: KnownNames): ast.Root {
  return new StatementParser(source, syntax, known).root();
}

type TagParser = (pos: number) => ast.Statement;

class StatementParser {
  private readonly source: Source;
  private readonly segments: readonly Segment[];
  private readonly known: KnownNames;
  private readonly open: OpenTag[] = [];
  private readonly blocks = new Set<string>();
  private at = 0;
  private stream: TokenStream;
  private expressions: ExpressionParser;
  private readonly syntax: Syntax;
  /** Made when the first tag is met: most templates are one expression. */
  private parsers: ReadonlyMap<string, TagParser> | undefined;

  constructor(source: Source, syntax: Syntax, known: KnownNames) {
    this.source = source;
    this.known = known;
    this.segments = lex(source, syntax);
    this.stream = new TokenStream(source, [{ type: 'end', text: 'end of template', pos: 0 }]);
    this.expressions = new ExpressionParser(this.stream, known);
    this.syntax = syntax;
  }

  private get tags(): ReadonlyMap<string, TagParser> {
    this.parsers ??= this.makeParsers();
    return this.parsers;
  }

  private makeParsers(): ReadonlyMap<string, TagParser> {
    const { syntax } = this;
    const tags: [string, TagParser][] = [
      ['for', (pos) => this.parseFor(pos)],
      ['if', (pos) => this.parseIf(pos)],
      ['macro', (pos) => this.parseMacro(pos)],
      ['call', (pos) => this.parseCallBlock(pos)],
      [
        'filter',
        (pos) => ({ type: 'FilterBlock', filter: this.expressions.filterChain(), ...this.bodyOf('filter'), pos }),
      ],
      ['with', (pos) => this.parseWith(pos)],
      ['set', (pos) => this.parseSet(pos)],
      ['block', (pos) => this.parseBlock(pos)],
      ['extends', (pos) => ({ type: 'Extends', template: this.expressions.expression(), pos })],
      ['include', (pos) => this.parseInclude(pos)],
      ['import', (pos) => this.parseImport(pos)],
      ['from', (pos) => this.parseFromImport(pos)],
      ['print', (pos) => ({ type: 'Output', expression: this.expressions.tuple(), pos })],
      [
        'autoescape',
        (pos) => ({ type: 'AutoEscape', enabled: this.expressions.expression(), ...this.bodyOf('autoescape'), pos }),
      ],
    ];
    if (syntax.extensions.includes('do')) {
      tags.push(['do', (pos) => ({ type: 'Do', expression: this.expressions.tuple(), pos })]);
    }
    if (syntax.extensions.includes('loopcontrols')) {
      tags.push(
        ['break', (pos) => this.loopControl('Break', pos)],
        ['continue', (pos) => this.loopControl('Continue', pos)],
      );
    }
    return new Map(tags);
  }

  root(): ast.Root {
    return { body: this.statements([]), expression: undefined };
  }

  /** Statements up to one of the tags `ends`, whose name is left as the current token. */
  private statements(ends: readonly string[]): ast.Statement[] {
    const body: ast.Statement[] = [];
    for (; this.at < this.segments.length; this.at++) {
      const segment = this.segments[this.at]!;
      if (segment.type === 'text') {
        body.push({ type: 'Text', text: segment.text, pos: segment.pos });
        continue;
      }
      this.enter(segment.tokens);
      if (segment.type === 'variable') {
        body.push({ type: 'Output', expression: this.expressions.tuple(), pos: segment.pos });
      } else {
        if (this.stream.current.type === 'name' && ends.includes(this.stream.current.text)) return body;
        body.push(this.tag(segment.pos));
      }
      this.stream.expectEnd();
    }
    if (ends.length > 0) this.failAtEnd();
    return body;
  }

  private enter(tokens: ConstructorParameters<typeof TokenStream>[1]): void {
    this.stream = new TokenStream(this.source, tokens);
    this.expressions = new ExpressionParser(this.stream, this.known);
  }

  private tag(pos: number): ast.Statement {
    const { type, text, pos: at } = this.stream.current;
    if (type !== 'name') this.stream.fail('tag name expected');
    const parse = this.tags.get(text);
    if (!parse) this.failUnknownTag(text, at);
    this.stream.next();
    return parse!(pos);
  }

  private failUnknownTag(name: string, pos: number): never {
    const innermost = this.open.at(-1);
    const near = nearest(name, [...this.tags.keys(), ...(innermost?.ends ?? [])]);
    const wanted = innermost
      ? ` Jinja was looking for the following tags: ${this.listed(innermost.ends)}.${this.innermost()}`
      : '';
    const hint = ['do', 'break', 'continue'].includes(name)
      ? `turn on the Jinja2 extension '${name === 'do' ? 'do' : 'loopcontrols'}'`
      : near && `did you mean '${near}'?`;
    this.stream.fail(`Encountered unknown tag '${name}'.${wanted}`, pos, hint);
  }

  private listed(ends: readonly string[]): string {
    return ends.map((end) => `'${end}'`).join(' or ');
  }

  private innermost(): string {
    return ` The innermost block that needs to be closed is '${this.open.at(-1)!.name}'.`;
  }

  private failAtEnd(): never {
    const { pos, ends } = this.open.at(-1)!;
    throw this.source.syntaxError(
      `Unexpected end of template. Jinja was looking for the following tags: ${this.listed(ends)}.${this.innermost()}`,
      pos,
    );
  }

  /** The body of a tag up to one of `ends`; the token behind that name becomes current. Returns which end it was. */
  private body(name: string, ends: readonly string[]): { body: ast.Statement[]; end: string } {
    this.stream.skipOperator(':');
    this.stream.expectEnd();
    const tag = this.segments[this.at]!;
    this.open.push({ name, pos: tag.pos, ends });
    this.at++;
    const body = this.statements(ends);
    this.open.pop();
    return { body, end: this.stream.next().text };
  }

  private bodyOf(name: string): { body: ast.Statement[] } {
    return { body: this.body(name, [`end${name}`]).body };
  }

  private parseFor(pos: number): ast.For {
    const target = parseTarget(this.stream, { tuple: true, stop: 'in' });
    this.stream.expectWord('in');
    const iterable = this.expressions.tuple({ conditional: false, stop: ['recursive', 'if'] });
    const condition = this.stream.skipName('if') ? this.expressions.expression() : undefined;
    const recursive = this.stream.skipName('recursive');
    const { body, end } = this.body('for', ['endfor', 'else']);
    const otherwise = end === 'else' ? this.bodyOf('for').body : [];
    return { type: 'For', target, iterable, condition, recursive, body, otherwise, pos };
  }

  private parseIf(pos: number): ast.If {
    const branches: { test: ast.Expression; body: ast.Statement[] }[] = [];
    for (;;) {
      const test = this.expressions.tuple({ conditional: false });
      const { body, end } = this.body('if', ['elif', 'else', 'endif']);
      branches.push({ test, body });
      if (end === 'elif') continue;
      return { type: 'If', branches, otherwise: end === 'else' ? this.bodyOf('if').body : [], pos };
    }
  }

  private parameters(): ast.Parameters['params'] {
    const params: { name: string; fallback: ast.Expression | undefined }[] = [];
    this.stream.expectOperator('(');
    while (!this.stream.isOperator(')')) {
      if (params.length > 0) this.stream.expectOperator(',');
      if (this.stream.isOperator(')')) break;
      const { text: name, pos } = this.stream.expectName();
      const fallback = this.stream.skipOperator('=') ? this.expressions.expression() : undefined;
      if (!fallback && params.at(-1)?.fallback) this.stream.fail('non-default argument follows default argument', pos);
      params.push({ name, fallback });
    }
    this.stream.expectOperator(')');
    return params;
  }

  private parseMacro(pos: number): ast.Macro {
    const name = this.stream.expectName().text;
    return { type: 'Macro', name, params: this.parameters(), ...this.bodyOf('macro'), pos };
  }

  private parseCallBlock(pos: number): ast.CallBlock {
    const params = this.stream.isOperator('(') ? this.parameters() : [];
    const call = this.expressions.expression();
    if (call.type !== 'Call') this.stream.fail('expected call', pos);
    return { type: 'CallBlock', params, call: call as ast.Call, ...this.bodyOf('call'), pos };
  }

  private parseWith(pos: number): ast.With {
    const bindings: { target: ast.Target; value: ast.Expression }[] = [];
    while (!this.stream.atEnd) {
      if (bindings.length > 0) this.stream.expectOperator(',');
      const target = parseTarget(this.stream, { tuple: false });
      this.stream.expectOperator('=');
      bindings.push({ target, value: this.expressions.expression() });
    }
    return { type: 'With', bindings, ...this.bodyOf('with'), pos };
  }

  private parseSet(pos: number): ast.SetStatement | ast.SetBlock {
    const target = parseTarget(this.stream, { tuple: true, namespace: true });
    if (this.stream.skipOperator('=')) return { type: 'Set', target, value: this.expressions.tuple(), pos };
    const filter = this.stream.skipOperator('|') ? this.expressions.filterChain() : undefined;
    return { type: 'SetBlock', target, filter, ...this.bodyOf('set'), pos };
  }

  private parseBlock(pos: number): ast.Block {
    const { text: name, pos: at } = this.stream.expectName();
    if (this.blocks.has(name)) this.stream.fail(`block '${name}' defined twice`, at);
    this.blocks.add(name);
    const scoped = this.stream.skipName('scoped');
    const required = this.stream.skipName('required');
    if (this.stream.isOperator('-')) {
      this.stream.fail('Block names in Jinja have to be valid Python identifiers and may not contain hyphens');
    }
    const { body } = this.bodyOf('block');
    if (required && body.some((node) => node.type !== 'Text' || node.text.trim() !== '')) {
      this.stream.fail('Required blocks can only contain comments or whitespace', pos);
    }
    this.stream.skipName(name);
    return { type: 'Block', name, scoped, required, body, pos };
  }

  private importContext(fallback: boolean): boolean {
    const { text } = this.stream.current;
    const next = this.stream.look();
    if ((text !== 'with' && text !== 'without') || next.type !== 'name' || next.text !== 'context') return fallback;
    this.stream.next();
    this.stream.next();
    return text === 'with';
  }

  private parseInclude(pos: number): ast.Include {
    const template = this.expressions.expression();
    const ignoreMissing = this.stream.isName('ignore') && this.stream.look().text === 'missing';
    if (ignoreMissing) {
      this.stream.next();
      this.stream.next();
    }
    return { type: 'Include', template, ignoreMissing, withContext: this.importContext(true), pos };
  }

  private parseImport(pos: number): ast.Import {
    const template = this.expressions.expression();
    this.stream.expectWord('as');
    const target = this.stream.expectName().text;
    return { type: 'Import', template, target, withContext: this.importContext(false), pos };
  }

  private parseFromImport(pos: number): ast.FromImport {
    const template = this.expressions.expression();
    this.stream.expectWord('import');
    const names: { name: string; alias: string }[] = [];
    let withContext = false;
    while (!this.stream.atEnd) {
      if (names.length > 0) this.stream.expectOperator(',');
      if (this.stream.atEnd) break;
      const { text: name, pos: at } = this.stream.expectName();
      if (name.startsWith('_')) this.stream.fail('names starting with an underline can not be imported', at);
      const alias = this.stream.skipName('as') ? this.stream.expectName().text : name;
      names.push({ name, alias });
      const word = this.stream.current.text;
      if ((word === 'with' || word === 'without') && this.stream.look().text === 'context') {
        withContext = this.importContext(false);
        break;
      }
    }
    if (names.length === 0) throw this.stream.unexpected('a name');
    return { type: 'FromImport', template, names, withContext, pos };
  }

  private loopControl(type: 'Break' | 'Continue', pos: number): ast.Statement {
    if (!this.open.some(({ name }) => name === 'for')) {
      this.stream.fail(`'${type.toLowerCase()}' outside of a loop`, pos);
    }
    return { type, pos };
  }
}
