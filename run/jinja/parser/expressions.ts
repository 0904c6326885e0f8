import type * as ast from '../ast.ts';
import { checkLookup, checkNested, requireKnown } from './check-names.ts';
import type { KnownNames } from './names.ts';
import type { TokenStream } from './token-stream.ts';

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
const constants = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

/** Jinja2's expression grammar, over the tokens of one tag. */
export class ExpressionParser {
  private readonly stream: TokenStream;
  private readonly known: KnownNames;

  constructor(stream: TokenStream, known: KnownNames) {
    this.stream = stream;
    this.known = known;
  }

  /** An expression; without `conditional`, one that does not take a following `if` as its own. */
  expression(conditional = true): ast.Expression {
    return conditional ? this.conditional() : this.or();
  }

  /** One expression or, with commas, a tuple of them; `stop` names the words that end it (`for x in y if`). */
  tuple(options: { conditional?: boolean; stop?: readonly string[]; explicit?: boolean } = {}): ast.Expression {
    const { pos } = this.stream.current;
    const items: ast.Expression[] = [];
    let isTuple = false;
    while (!this.endsTuple(options.stop ?? [])) {
      items.push(this.expression(options.conditional ?? true));
      if (!this.stream.skipOperator(',')) break;
      isTuple = true;
    }
    if (!isTuple) {
      if (items.length > 0) return items[0]!;
      if (!options.explicit) throw this.stream.unexpected('an expression');
    }
    return { type: 'Tuple', items, pos };
  }

  private endsTuple(stop: readonly string[]): boolean {
    const { type, text } = this.stream.current;
    return type === 'end' || this.stream.isOperator(')') || (type === 'name' && stop.includes(text));
  }

  private conditional(): ast.Expression {
    let node = this.or();
    while (this.stream.isName('if')) {
      const { pos } = this.stream.next();
      const test = this.or();
      const otherwise = this.stream.skipName('else') ? this.conditional() : undefined;
      node = { type: 'Conditional', test, yes: node, otherwise, pos };
    }
    return node;
  }

  private or(): ast.Expression {
    let left = this.and();
    while (this.stream.isName('or')) {
      const { pos } = this.stream.next();
      left = { type: 'Logic', operator: 'or', left, right: this.and(), pos };
    }
    return left;
  }

  private and(): ast.Expression {
    let left = this.not();
    while (this.stream.isName('and')) {
      const { pos } = this.stream.next();
      left = { type: 'Logic', operator: 'and', left, right: this.not(), pos };
    }
    return left;
  }

  private not(): ast.Expression {
    if (!this.stream.isName('not')) return this.compare();
    const { pos } = this.stream.next();
    return { type: 'Unary', operator: 'not', operand: this.not(), pos };
  }

  private compare(): ast.Expression {
    const first = this.sum();
    const rest: { operator: ast.CompareOperator; operand: ast.Expression }[] = [];
    const { pos } = this.stream.current;
    for (let operator = this.comparison(); operator; operator = this.comparison()) {
      rest.push({ operator, operand: this.sum() });
    }
    return rest.length > 0 ? { type: 'Compare', first, rest, pos } : first;
  }

  private comparison(): ast.CompareOperator | undefined {
    const { type, text } = this.stream.current;
    if (type === 'operator' && comparisons.has(text)) return this.stream.next().text as ast.CompareOperator;
    if (this.stream.skipName('in')) return 'in';
    const next = this.stream.look();
    if (!this.stream.isName('not') || next.type !== 'name' || next.text !== 'in') return undefined;
    this.stream.next();
    this.stream.next();
    return 'not in';
  }

  private binary(operators: readonly string[], operand: () => ast.Expression): ast.Expression {
    let left = operand();
    while (this.stream.current.type === 'operator' && operators.includes(this.stream.current.text)) {
      const { text, pos } = this.stream.next();
      left = { type: 'Binary', operator: text as ast.BinaryOperator, left, right: operand(), pos };
    }
    return left;
  }

  private sum(): ast.Expression {
    return this.binary(['+', '-'], () => this.concat());
  }

  private concat(): ast.Expression {
    const first = this.product();
    if (!this.stream.isOperator('~')) return first;
    const { pos } = this.stream.current;
    const parts = [first];
    while (this.stream.skipOperator('~')) parts.push(this.product());
    return { type: 'Concat', parts, pos };
  }

  private product(): ast.Expression {
    return this.binary(['*', '/', '//', '%'], () => this.power());
  }

  private power(): ast.Expression {
    return this.binary(['**'], () => this.unary(true));
  }

  /** A filter applies to the sign too: `-1 | abs` is 1. */
  private unary(filtered: boolean): ast.Expression {
    const { type, text, pos } = this.stream.current;
    let node: ast.Expression;
    if (type === 'operator' && (text === '-' || text === '+')) {
      this.stream.next();
      node = { type: 'Unary', operator: text, operand: this.unary(false), pos };
    } else node = this.primary();
    node = this.postfix(node);
    return filtered ? this.filters(node) : node;
  }

  private primary(): ast.Expression {
    const token = this.stream.current;
    const { pos } = token;
    if (token.type === 'name') {
      this.stream.next();
      if (constants.has(token.text)) return { type: 'Const', value: constants.get(token.text), pos };
      return { type: 'Name', name: token.text, pos };
    }
    if (token.type === 'number') return { type: 'Const', value: this.stream.next().value, pos };
    if (token.type === 'string') return this.strings();
    if (this.stream.skipOperator('(')) {
      const node = this.tuple({ explicit: true });
      this.stream.expectOperator(')');
      return node;
    }
    if (this.stream.isOperator('[')) return this.list();
    if (this.stream.isOperator('{')) return this.dict();
    const shown = token.type === 'end' ? token.text : `'${token.text}'`;
    return this.stream.fail(token.type === 'end' ? `Expected an expression, got ${shown}` : `unexpected ${shown}`);
  }

  /** Neighbouring strings are one. */
  private strings(): ast.Const {
    const { pos } = this.stream.current;
    let value = '';
    let raw = '';
    let breaks = false;
    while (this.stream.current.type === 'string') {
      const token = this.stream.next();
      value += token.value as string;
      raw += token.raw!;
      breaks ||= token.raw!.includes(`\\${token.text[0]}`);
    }
    return raw === value ? { type: 'Const', value, pos } : { type: 'Const', value, raw, breaks, pos };
  }

  private list(): ast.ListExpr {
    const { pos } = this.stream.expectOperator('[');
    const items: ast.Expression[] = [];
    while (!this.stream.isOperator(']')) {
      if (items.length > 0) this.stream.expectOperator(',');
      if (this.stream.isOperator(']')) break;
      items.push(this.expression());
    }
    this.stream.expectOperator(']');
    return { type: 'List', items, pos };
  }

  private dict(): ast.DictExpr {
    const { pos } = this.stream.expectOperator('{');
    const items: { key: ast.Expression; value: ast.Expression }[] = [];
    while (!this.stream.isOperator('}')) {
      if (items.length > 0) this.stream.expectOperator(',');
      if (this.stream.isOperator('}')) break;
      const key = this.expression();
      this.stream.expectOperator(':');
      items.push({ key, value: this.expression() });
    }
    this.stream.expectOperator('}');
    return { type: 'Dict', items, pos };
  }

  private postfix(start: ast.Expression): ast.Expression {
    let node = start;
    for (;;) {
      if (this.stream.isOperator('.')) node = this.attribute(node);
      else if (this.stream.isOperator('[')) node = this.subscript(node);
      else if (this.stream.isOperator('(')) node = this.call(node);
      else return node;
    }
  }

  private filters(start: ast.Expression): ast.Expression {
    let node = start;
    for (;;) {
      if (this.stream.isOperator('|')) node = this.filter(node);
      else if (this.stream.isName('is')) node = this.test(node);
      else if (this.stream.isOperator('(')) node = this.call(node);
      else return node;
    }
  }

  private attribute(object: ast.Expression): ast.Expression {
    this.stream.expectOperator('.');
    const token = this.stream.next();
    if (token.type === 'name') return { type: 'GetAttr', object, name: token.text, pos: token.pos };
    if (token.type === 'number' && typeof token.value !== 'object' && Number.isInteger(token.value)) {
      return { type: 'GetItem', object, key: { type: 'Const', value: token.value, pos: token.pos }, pos: token.pos };
    }
    return this.stream.fail('expected name or number', token.pos);
  }

  private subscript(object: ast.Expression): ast.Expression {
    const { pos } = this.stream.expectOperator('[');
    const keys: (ast.Expression | ast.Slice)[] = [this.subscribed()];
    let isTuple = false;
    while (this.stream.skipOperator(',')) {
      isTuple = true;
      if (!this.stream.isOperator(']')) keys.push(this.subscribed());
    }
    this.stream.expectOperator(']');
    const key: ast.Expression = isTuple ? { type: 'Tuple', items: keys, pos } : keys[0]!;
    return { type: 'GetItem', object, key, pos };
  }

  private subscribed(): ast.Expression {
    const { pos } = this.stream.current;
    const part = (): ast.Expression | undefined =>
      this.stream.isOperator(':') || this.stream.isOperator(']') || this.stream.isOperator(',')
        ? undefined
        : this.expression();
    const start = part();
    if (!this.stream.skipOperator(':')) return start ?? this.stream.fail("expected an expression, got ']'");
    const stop = part();
    const step = this.stream.skipOperator(':') ? part() : undefined;
    return { type: 'Slice', start, stop, step, pos };
  }

  call(callee: ast.Expression): ast.Call {
    const { pos } = this.stream.current;
    const node: ast.Call = { type: 'Call', callee, ...this.arguments(), pos };
    checkLookup(this.stream, this.known, node);
    return node;
  }

  private arguments(): ast.Arguments {
    this.stream.expectOperator('(');
    const args: ast.Expression[] = [];
    const kwargs: { name: string; value: ast.Expression }[] = [];
    let spread: ast.Expression | undefined;
    let spreadKeywords: ast.Expression | undefined;
    let first = true;
    while (!this.stream.isOperator(')')) {
      if (!first) this.stream.expectOperator(',');
      if (this.stream.isOperator(')')) break;
      first = false;
      const { pos, type, text } = this.stream.current;
      const next = this.stream.look();
      const invalid = (wrong: unknown) => wrong && this.stream.fail('invalid syntax for function call expression', pos);
      if (this.stream.skipOperator('*')) {
        invalid(spread ?? spreadKeywords);
        spread = this.expression();
      } else if (this.stream.skipOperator('**')) {
        invalid(spreadKeywords);
        spreadKeywords = this.expression();
      } else if (type === 'name' && next.type === 'operator' && next.text === '=') {
        invalid(spreadKeywords);
        this.stream.next();
        this.stream.next();
        kwargs.push({ name: text, value: this.expression() });
      } else {
        invalid(spread ?? spreadKeywords ?? kwargs[0]);
        args.push(this.expression());
      }
    }
    this.stream.expectOperator(')');
    return { args, kwargs, spread, spreadKeywords };
  }

  private dottedName(what: string): string {
    let name = this.stream.expectName(what).text;
    while (this.stream.skipOperator('.')) name += `.${this.stream.expectName().text}`;
    return name;
  }

  private filter(subject: ast.Expression | undefined): ast.FilterExpr {
    this.stream.expectOperator('|');
    return this.filterName(subject);
  }

  /** A filter's name and arguments, as behind `|`. */
  filterName(subject: ast.Expression | undefined): ast.FilterExpr {
    const { pos } = this.stream.current;
    const name = this.dottedName("the name of a filter after '|'");
    requireKnown(this.stream, this.known, 'filter', name, pos);
    const given = this.stream.isOperator('(') ? this.arguments() : none;
    const node: ast.FilterExpr = { type: 'Filter', name, subject, ...given, pos };
    checkNested(this.stream, this.known, node);
    return node;
  }

  /** The filters of `{% filter a | b %}` and `{% set x | a %}`: the innermost has no subject. */
  filterChain(): ast.FilterExpr {
    let node = this.filterName(undefined);
    while (this.stream.isOperator('|')) node = this.filter(node);
    return node;
  }

  private test(subject: ast.Expression): ast.Expression {
    const { pos } = this.stream.expectWord('is');
    const negated = this.stream.skipName('not');
    const at = this.stream.current.pos;
    const name = this.dottedName("the name of a test after 'is'");
    requireKnown(this.stream, this.known, 'test', name, at);
    const node: ast.TestExpr = { type: 'Test', name, subject, ...this.testArguments(), pos: at };
    return negated ? { type: 'Unary', operator: 'not', operand: node, pos } : node;
  }

  private testArguments(): ast.Arguments {
    if (this.stream.isOperator('(')) return this.arguments();
    const { type, text } = this.stream.current;
    if (type === 'name' && text === 'is') this.stream.fail('You cannot chain multiple tests with is');
    const opens = type === 'operator' && (text === '[' || text === '{');
    const operand =
      type === 'string' ||
      type === 'number' ||
      opens ||
      (type === 'name' && !['else', 'or', 'and', 'if'].includes(text));
    if (!operand || this.isInOperator()) return none;
    return { ...none, args: [this.postfix(this.primary())] };
  }

  /** `x is defined in y` has no meaning in Jinja2, `x is defined not in y` neither; both end the test. */
  private isInOperator(): boolean {
    return this.stream.isName('not') && this.stream.look().text === 'in';
  }
}

const none: ast.Arguments = { args: [], kwargs: [], spread: undefined, spreadKeywords: undefined };
