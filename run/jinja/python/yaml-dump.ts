import { typeError } from '../errors.ts';
import { pythonOrder } from '../values/compare.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict, isFloat, isInt, isSequence, isText, typeName } from '../values/kinds.ts';
import { Float, PyObject, Undefined } from '../values/types.ts';
import { floatRepr } from './repr.ts';
import { resolvePlain } from './yaml-load.ts';
import { analyze, chooseStyle, type ScalarContext, writeScalar } from './yaml-scalar.ts';

export interface YamlOptions {
  readonly indent?: number;
  readonly width?: number;
  readonly sortKeys?: boolean;
  /** Which collections are written in brackets: none, all, or those that hold scalars only. */
  readonly flow?: 'none' | 'all' | 'leaves';
  readonly explicitStart?: boolean;
  readonly explicitEnd?: boolean;
  readonly allowUnicode?: boolean;
  /** `'`, `"`, `|` or `>` for all scalars. */
  readonly style?: string | undefined;
}

type Node =
  | { readonly kind: 'scalar'; readonly text: string; readonly isText: boolean; readonly tag: string }
  | { readonly kind: 'sequence'; readonly items: Node[]; readonly flow: boolean; readonly tag: string }
  | { readonly kind: 'mapping'; readonly items: [Node, Node][]; readonly flow: boolean; readonly tag: string };

/** What PyYAML's dumper writes, as Ansible calls it. */
export function dumpYaml(value: unknown, options: YamlOptions = {}): string {
  return new YamlWriter(options).document(value);
}

class YamlWriter {
  private readonly options: YamlOptions;
  private readonly step: number;
  private readonly width: number;
  private out = '';
  private column = 0;
  private line = 0;
  private indent = -1;
  private flowLevel = 0;
  /** Whether nothing but indentation and `-`, `?`, `:` stands on the line so far. */
  private indention = true;
  private whitespace = true;

  constructor(options: YamlOptions) {
    this.options = options;
    const step = options.indent ?? 2;
    this.step = step > 1 && step < 10 ? step : 2;
    const width = options.width ?? 80;
    this.width = width > this.step * 2 ? width : 80;
  }

  document(value: unknown): string {
    const root = this.represent(value);
    if (this.options.explicitStart) this.indicator('---', true);
    this.node(root, { root: true });
    if (this.options.explicitEnd) {
      this.newLine();
      this.write('...');
    }
    return this.out.endsWith('\n') ? this.out : `${this.out}\n`;
  }

  private represent(value: unknown): Node {
    if (value === null || value === undefined) return { kind: 'scalar', text: 'null', isText: false, tag: 'null' };
    if (typeof value === 'boolean') return { kind: 'scalar', text: String(value), isText: false, tag: 'bool' };
    if (isText(value)) return { kind: 'scalar', text: String(value), isText: true, tag: 'str' };
    if (isInt(value)) return { kind: 'scalar', text: String(value), isText: false, tag: 'int' };
    if (isFloat(value)) return { kind: 'scalar', text: floatText(value), isText: false, tag: 'float' };
    if (value instanceof Undefined) throw value.error();
    if (isSequence(value) || Array.isArray(value)) return this.sequence(value);
    if (isDict(value)) return this.mapping(dictEntries(value), 'map');
    if (value instanceof Set)
      return this.mapping(
        [...value].map((item) => [item, null]),
        'set',
      );
    if (value instanceof PyObject) {
      const text = value.operate('json', undefined, false);
      if (typeof text === 'string') return { kind: 'scalar', text: value.str(), isText: false, tag: 'timestamp' };
    }
    throw typeError(`cannot represent an object of type ${typeName(value)}`);
  }

  private isFlow(children: Node[]): boolean {
    const { flow = 'none' } = this.options;
    if (flow !== 'leaves') return flow === 'all';
    return children.every((child) => child.kind === 'scalar' && !this.options.style);
  }

  private sequence(values: unknown[]): Node {
    const items = values.map((item) => this.represent(item));
    return { kind: 'sequence', items, flow: this.isFlow(items), tag: 'seq' };
  }

  private mapping(entries: [unknown, unknown][], tag: string): Node {
    const sorted = this.options.sortKeys === false ? entries : sortedEntries(entries);
    const items = sorted.map(([key, value]): [Node, Node] => [this.represent(key), this.represent(value)]);
    return { kind: 'mapping', items, flow: this.isFlow(items.flat()), tag };
  }

  private write(text: string): void {
    this.out += text;
    const newline = text.lastIndexOf('\n');
    this.column = newline < 0 ? this.column + text.length : text.length - newline - 1;
    this.line += newline < 0 ? 0 : text.split('\n').length - 1;
  }

  private newLine(): void {
    if (this.column > 0 || this.out === '') if (this.out !== '') this.write('\n');
  }

  private indicator(text: string, needsBlank: boolean, whitespace = false, indention = false): void {
    this.write(this.whitespace || !needsBlank ? text : ` ${text}`);
    this.whitespace = whitespace;
    this.indention = this.indention && indention;
  }

  private writeIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) {
      this.write('\n');
    }
    if (this.column < indent) this.write(' '.repeat(indent - this.column));
    this.whitespace = true;
    this.indention = true;
  }

  private node(node: Node, context: ScalarContext & { mapping?: boolean }): void {
    if (node.kind === 'scalar') {
      this.scalar(node, context);
      return;
    }
    if (node.tag === 'set') this.indicator('!!set', true);
    const inBrackets = this.flowLevel > 0 || node.flow || node.items.length === 0;
    if (node.kind === 'sequence') inBrackets ? this.flowSequence(node.items) : this.blockSequence(node.items, context);
    else inBrackets ? this.flowMapping(node.items) : this.blockMapping(node.items);
  }

  private increase(flow: boolean, indentless = false): number {
    const before = this.indent;
    if (this.indent < 0) this.indent = flow ? this.step : 0;
    else if (!indentless) this.indent += this.step;
    return before;
  }

  private flowSequence(items: Node[]): void {
    this.indicator('[', true, true);
    const before = this.increase(true);
    this.flowLevel++;
    for (const [index, item] of items.entries()) {
      if (index > 0) this.indicator(',', false);
      if (this.column > this.width) this.writeIndent();
      this.node(item, {});
    }
    this.flowLevel--;
    this.indent = before;
    this.indicator(']', false);
  }

  private flowMapping(items: [Node, Node][]): void {
    this.indicator('{', true, true);
    const before = this.increase(true);
    this.flowLevel++;
    for (const [index, [key, value]] of items.entries()) {
      if (index > 0) this.indicator(',', false);
      if (this.column > this.width) this.writeIndent();
      if (this.isSimpleKey(key)) {
        this.node(key, { simpleKey: true });
        this.indicator(':', false);
      } else {
        this.indicator('?', true);
        this.node(key, {});
        if (this.column > this.width) this.writeIndent();
        this.indicator(':', true);
      }
      this.node(value, {});
    }
    this.flowLevel--;
    this.indent = before;
    this.indicator('}', false);
  }

  private blockSequence(items: Node[], context: { mapping?: boolean }): void {
    const indentless = context.mapping === true && !this.indention;
    const before = this.increase(false, indentless);
    for (const item of items) {
      this.writeIndent();
      this.indicator('-', true, false, true);
      this.node(item, {});
    }
    this.indent = before;
  }

  private blockMapping(items: [Node, Node][]): void {
    const before = this.increase(false);
    for (const [key, value] of items) {
      this.writeIndent();
      if (this.isSimpleKey(key)) {
        this.node(key, { simpleKey: true, mapping: true });
        this.indicator(':', false);
      } else {
        this.indicator('?', true, false, true);
        this.node(key, { mapping: true });
        this.writeIndent();
        this.indicator(':', true, false, true);
      }
      this.node(value, { mapping: true });
    }
    this.indent = before;
  }

  private isSimpleKey(key: Node): boolean {
    if (key.kind !== 'scalar') return key.items.length === 0;
    return key.text.length < 128 && !analyze(key.text, this.options.allowUnicode ?? true).multiline;
  }

  private scalar(node: Node & { kind: 'scalar' }, context: ScalarContext): void {
    const unicode = this.options.allowUnicode ?? true;
    const analysis = analyze(node.text, unicode);
    const plainMeansSame = node.isText
      ? typeof resolvePlain(node.text) === 'string' && !looksLikeDate(node.text)
      : true;
    const inFlow = this.flowLevel > 0;
    const style = chooseStyle(analysis, { ...context, inFlow, plainMeansSame, wanted: this.options.style });
    if (!node.isText && style !== '' && this.options.style) this.indicator('!', true);
    const indented = context.root ? -1 : this.indent;
    const before = this.indent;
    const blockIndent = this.flowLevel > 0 || indented >= 0 ? this.indent + this.step : this.step;
    this.indent = before < 0 ? this.step : blockIndent;
    writeScalar(style, node.text, {
      split: !context.simpleKey,
      width: this.width,
      step: this.step,
      unicode,
      isRoot: context.root === true,
      column: () => this.column,
      write: (text) => {
        this.write(text);
        this.whitespace = false;
        this.indention = false;
      },
      indicator: (text, needsBlank) => this.indicator(text, needsBlank),
      space: () => {
        if (!this.whitespace) this.write(' ');
      },
      writeIndent: () => this.writeIndent(),
      lineBreak: (text = '\n') => {
        this.write(text);
        this.whitespace = true;
        this.indention = true;
      },
    });
    this.indent = before;
  }
}

function floatText(value: number | Float): string {
  const number = value instanceof Float ? value.value : value;
  if (Number.isNaN(number)) return '.nan';
  if (!Number.isFinite(number)) return number < 0 ? '-.inf' : '.inf';
  const text = floatRepr(number);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

/** Keys without an order among each other stay as they are. */
function sortedEntries(entries: [unknown, unknown][]): [unknown, unknown][] {
  try {
    return entries.toSorted(([a], [b]) => pythonOrder(a, b));
  } catch {
    return entries;
  }
}

function looksLikeDate(text: string): boolean {
  return /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?|=|<<)$/.test(
    text,
  );
}
