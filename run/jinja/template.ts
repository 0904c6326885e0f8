import type { Root } from './ast.ts';
import type { Position } from './errors.ts';
import type { Compilation } from './evaluate/compiler.ts';
import { compileExpressionNode } from './evaluate/expressions.ts';
import type { BlockCode, Code, Evaluate } from './evaluate/frame.ts';
import { assignedNames, freeNames, usesBlocks } from './evaluate/names.ts';
import { outputText, restoreNewlines, trailingNewlines } from './evaluate/out.ts';
import { isImpure } from './evaluate/purity.ts';
import { convertText, Rendering, type RenderSettings } from './evaluate/rendering.ts';
import { runTemplate } from './evaluate/run.ts';
import { compileSingle, FixedText } from './evaluate/single.ts';
import { compileBody } from './evaluate/statements.ts';
import { filterNames, findFilter } from './filters/registry.ts';
import { globalNames } from './globals/globals.ts';
import { applyHeader } from './header.ts';
import { findLookup, lookupNames } from './lookups/registry.ts';
import { nearest } from './nearest.ts';
import { syntaxOf, type TemplateOptions } from './options.ts';
import { parseBareExpression } from './parser/bare-expression.ts';
import type { KnownNames } from './parser/names.ts';
import { parseTemplate } from './parser/statements.ts';
import type { Environment, Scope } from './runtime.ts';
import { Source } from './source.ts';
import { findTest, testNames } from './tests/registry.ts';
import { isDict, isNumber } from './values/kinds.ts';
import { copyData } from './values/plain.ts';
import { Absent, Tuple, Undefined } from './values/types.ts';

/** A compiled template, to be rendered any number of times. */
export interface Template {
  /**
   * What Ansible 2.14 makes of the template in a playbook: a number or boolean that is the whole template stays one;
   * all else becomes text, and text that looks like a list, a dict or a boolean becomes that. None becomes `''`.
   */
  render(scope: Scope, env: Environment): unknown;
  /** The text, as in a template file. */
  renderString(scope: Scope, env: Environment): string;
  /** As `render`, but the value of a template that is one `{{ }}` is returned as it is, whatever its type. */
  renderNative(scope: Scope, env: Environment): unknown;
  /** The names that come from outside, wherever they are read. */
  readonly names: ReadonlySet<string>;
  readonly ast: Root;
  /** Whether every rendering gives the same: no names from outside, nothing random, no clock, no files. */
  readonly isConstant: boolean;
  /** The place of an AST node's `pos`. */
  position(pos: number): Position;
}

const known: KnownNames = {
  filter: (name) => findFilter(name) !== undefined,
  test: (name) => findTest(name) !== undefined,
  lookup: (name) => findLookup(name) !== undefined,
  suggest: (kind, name) => {
    const names = kind === 'filter' ? filterNames : kind === 'test' ? testNames : lookupNames;
    const collection = name.slice(0, name.lastIndexOf('.') + 1);
    return nearest(name, collection === '' ? names : names.filter((other) => other.startsWith(collection)));
  },
};

export function knownGlobals(): ReadonlySet<string> {
  return new Set(globalNames);
}

export function knownLookups(): ReadonlySet<string> {
  return new Set(lookupNames);
}

/**
 * Compiles a template.
 *
 * @example compileTemplate('{{ port }}').render({ resolve: () => 1883 }, {}) // 1883
 * @throws JinjaError of kind `syntax`, with its place
 */
export function compileTemplate(source: string, options: TemplateOptions = {}): Template {
  if (isPlainText(source, options)) return new PlainText(source, options);
  const { text, options: actual, place } = applyHeader(source, options);
  const where = new Source(text.replace(/\r\n?/g, '\n'), place);
  const root = parse(where, actual);
  return new CompiledTemplate(where, actual, root);
}

/**
 * Compiles a bare expression, as in `when:`. `render` and `renderNative` return its value as it is.
 *
 * @throws JinjaError of kind `syntax`, with its place
 */
export function compileExpression(source: string, options: TemplateOptions = {}): Template {
  const where = new Source(source, options);
  return new CompiledExpression(where, options, parseBareExpression(where, known));
}

function parse(where: Source, options: TemplateOptions): Root {
  const syntax = syntaxOf(options);
  const ended = !syntax.keepTrailingNewline && where.text.endsWith('\n');
  const text = ended ? new Source(where.text.slice(0, -1), where.start) : where;
  return parseTemplate(text, syntax, known);
}

function isPlainText(source: string, options: TemplateOptions): boolean {
  if (options.lineStatementPrefix || options.lineCommentPrefix || source.startsWith('#jinja2:')) return false;
  const { blockStart, variableStart, commentStart } = syntaxOf(options);
  return !source.includes(blockStart) && !source.includes(variableStart) && !source.includes(commentStart);
}

/** Text without a single tag. */
class PlainText implements Template {
  readonly names: ReadonlySet<string> = new Set();
  readonly isConstant = true;
  readonly ast: Root;
  private readonly text: string;
  private readonly source: Source;

  constructor(text: string, options: TemplateOptions) {
    this.text = text;
    this.source = new Source(text, options);
    this.ast = { body: text === '' ? [] : [{ type: 'Text', text, pos: 0 }], expression: undefined };
  }

  render(): string {
    return this.text;
  }
  renderString(): string {
    return this.text;
  }
  renderNative(): string {
    return this.text;
  }
  position(pos: number): Position {
    return this.source.position(pos);
  }
}

abstract class Compiled {
  readonly ast: Root;
  protected readonly source: Source;
  protected readonly options: TemplateOptions;
  private namesOnce: ReadonlySet<string> | undefined;
  private constantOnce: boolean | undefined;

  constructor(source: Source, options: TemplateOptions, root: Root) {
    this.source = source;
    this.options = options;
    this.ast = root;
  }

  get names(): ReadonlySet<string> {
    this.namesOnce ??= freeNames(this.ast);
    return this.namesOnce;
  }

  get isConstant(): boolean {
    this.constantOnce ??= this.names.size === 0 && !isImpure(this.ast);
    return this.constantOnce;
  }

  position(pos: number): Position {
    return this.source.position(pos);
  }

  protected settings(rawStrings: boolean, convertData: boolean): RenderSettings {
    return {
      rawStrings: this.options.escapeBackslashes ?? rawStrings,
      convertData,
      compile: compileIncluded,
      options: this.options,
    };
  }
}

function compileIncluded(source: string, options: TemplateOptions): Code {
  const where = new Source(source.replace(/\r\n?/g, '\n'), options);
  return compileRoot(where, parse(where, options), anyName);
}

/** Templates that others extend or that extend others see names which none of them gives a value by itself. */
const anyName = { has: () => true };

function compilation(source: Source, root: Root, blocks: BlockCode[], assigned = localNames(root)): Compilation {
  return { source, assigned, blocks, filter: (name) => findFilter(name)!, test: (name) => findTest(name)! };
}

function localNames(root: Root): Compilation['assigned'] {
  return usesBlocks(root) ? anyName : assignedNames(root);
}

function compileRoot(source: Source, root: Root, assigned = localNames(root)): Code {
  const blocks: BlockCode[] = [];
  const execute = compileBody(compilation(source, root, blocks, assigned), root.body);
  return { source, execute, blocks };
}

class CompiledTemplate extends Compiled implements Template {
  private readonly code: Code;
  /** The value of the only `{{ }}`, when the template is nothing else. */
  private readonly single: Evaluate | undefined;
  private readonly loneName: boolean = false;
  private readonly forScalars: RenderSettings;
  private readonly forText: RenderSettings;

  constructor(source: Source, options: TemplateOptions, root: Root) {
    super(source, options, root);
    this.code = compileRoot(source, root);
    const [only, ...rest] = root.body;
    if (only?.type === 'Output' && rest.length === 0) {
      this.single = compileSingle(compilation(source, root, []), only.expression);
      this.loneName = only.expression.type === 'Name' && trailingNewlines(source.text) <= 1;
    }
    this.forScalars = this.settings(true, true);
    this.forText = this.settings(false, false);
  }

  render(scope: Scope, env: Environment): unknown {
    if (this.single) return this.renderSingle(scope, env);
    return this.ended(convertText(this.text(scope, env, this.forScalars)));
  }

  private renderSingle(scope: Scope, env: Environment): unknown {
    const value = this.value(scope, env);
    // Ansible looks a lone variable up before it templates it, and so keeps what is no text anyway.
    if (this.loneName && (value === null || isNumber(value))) return value;
    if (value instanceof FixedText) return this.ended(value.text);
    if ((Array.isArray(value) && !(value instanceof Tuple)) || isDict(value)) {
      const copy = copyData(value);
      if (copy !== undefined) return copy;
    }
    return this.ended(convertText(outputText(value)));
  }

  private value(scope: Scope, env: Environment): unknown {
    const value = this.single!(new Rendering(scope, env, this.forScalars).top);
    if (value instanceof Undefined && !(value instanceof Absent)) throw value.error();
    return value;
  }

  renderString(scope: Scope, env: Environment): string {
    return this.ended(this.text(scope, env, this.forText)) as string;
  }

  renderNative(scope: Scope, env: Environment): unknown {
    if (!this.single) return this.render(scope, env);
    const value = this.value(scope, env);
    return value instanceof FixedText ? value.text : value;
  }

  private text(scope: Scope, env: Environment, settings: RenderSettings): string {
    return runTemplate(new Rendering(scope, env, settings), this.code).text;
  }

  private ended(result: unknown): unknown {
    if (typeof result !== 'string') return result;
    return restoreNewlines(this.source.text, result, this.options.newlineSequence);
  }
}

class CompiledExpression extends Compiled implements Template {
  private readonly evaluate: Evaluate;
  private readonly plain: RenderSettings;

  constructor(source: Source, options: TemplateOptions, root: Root) {
    super(source, options, root);
    this.evaluate = compileExpressionNode(compilation(source, root, []), root.expression!);
    this.plain = this.settings(false, true);
  }

  render(scope: Scope, env: Environment): unknown {
    const value = this.evaluate(new Rendering(scope, env, this.plain).top);
    if (value instanceof Undefined) throw value.error();
    return value;
  }

  renderNative(scope: Scope, env: Environment): unknown {
    return this.render(scope, env);
  }

  renderString(scope: Scope, env: Environment): string {
    return outputText(this.render(scope, env));
  }
}
