import { type Builtin, invoke } from '../builtin.ts';
import { JinjaError, typeError } from '../errors.ts';
import { findFilter } from '../filters/registry.ts';
import { findGlobal } from '../globals/globals.ts';
import type { TemplateOptions } from '../options.ts';
import { literalEval } from '../python/literal.ts';
import { pyString } from '../python/repr.ts';
import type { Environment, Scope, TextOptions } from '../runtime.ts';
import type { Source } from '../source.ts';
import { findTest } from '../tests/registry.ts';
import { typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, noKeywords, PyObject, Undefined } from '../values/types.ts';
import { type BlockCode, type Code, Frame, type Render } from './frame.ts';
import { restoreNewlines } from './out.ts';
import { runTemplate } from './run.ts';

export interface RenderSettings {
  readonly rawStrings: boolean;
  /** Whether text that looks like a list, a dict or a boolean becomes one. */
  readonly convertData: boolean;
  readonly compile: (source: string, options: TemplateOptions) => Code;
  readonly options: TemplateOptions;
}

/** One rendering of one template. */
export class Rendering implements Render {
  readonly env: Environment;
  readonly scope: Scope;
  readonly rawStrings: boolean;
  autoescape = false;
  extended: Code | undefined;
  private readonly settings: RenderSettings;
  private definitions: Map<string, BlockCode[]> | undefined;
  private frame: Frame | undefined;

  constructor(scope: Scope, env: Environment, settings: RenderSettings) {
    this.scope = scope;
    this.env = env;
    this.settings = settings;
    this.rawStrings = settings.rawStrings;
  }

  get top(): Frame {
    this.frame ??= new Frame(this, undefined);
    return this.frame;
  }

  get blocks(): Map<string, BlockCode[]> {
    this.definitions ??= new Map();
    return this.definitions;
  }

  concat(text: string): unknown {
    return this.settings.convertData ? convertText(text) : text;
  }

  global(name: string): unknown {
    return findGlobal(name);
  }

  load(name: unknown, from: Source): Code | undefined {
    if (!this.env.loadTemplate) {
      throw new JinjaError('runtime', 'other templates cannot be included here: no loader is given');
    }
    const found = this.env.loadTemplate(pyString(name), from.file);
    return found && this.compile(found.source, { file: found.file });
  }

  private compile(source: string, place: TemplateOptions): Code {
    const { file: _file, line: _line, column: _column, ...syntax } = this.settings.options;
    return this.settings.compile(source, { ...syntax, ...place });
  }

  nested(scope: Scope): Render {
    const render = new Rendering(scope, this.env, { ...this.settings, rawStrings: false });
    render.autoescape = this.autoescape;
    return render;
  }

  renderText(text: string, options: TextOptions): string {
    const { variables = noKeywords, ...place } = options;
    const scope: Scope = {
      resolve: (name) => (Object.hasOwn(variables, name) ? variables[name] : this.scope.resolve(name)),
    };
    const settings = { ...this.settings, rawStrings: false, convertData: false };
    const rendered = runTemplate(new Rendering(scope, this.env, settings), this.compile(text, place)).text;
    return restoreNewlines(text, rendered);
  }

  call(callee: unknown, args: unknown[], kwargs: Keywords): unknown {
    if (callee instanceof PyObject && callee.callable) return callee.call(this, args, kwargs);
    if (callee instanceof Undefined) throw callee.error();
    if (typeof callee === 'function') return callee(...args, ...(kwargs === noKeywords ? [] : [kwargs]));
    throw typeError(`'${typeName(callee)}' object is not callable`);
  }

  filter(name: string, value: unknown, args: unknown[], kwargs: Keywords): unknown {
    return invoke(name, this.known(findFilter(name), 'filter', name), this, value, args, kwargs);
  }

  test(name: string, value: unknown, args: unknown[], kwargs: Keywords): boolean {
    return truthy(invoke(name, this.known(findTest(name), 'test', name), this, value, args, kwargs));
  }

  isTest(name: string): boolean {
    return findTest(name) !== undefined;
  }

  private known(found: Builtin | undefined, kind: string, name: string): Builtin {
    if (found) return found;
    throw new JinjaError('runtime', `no ${kind} named '${name}'`, { pythonType: 'TemplateRuntimeError' });
  }
}

/** What Ansible 2.14 makes of a template's text: lists, dicts and booleans out of text that looks like them. */
export function convertText(text: string): unknown {
  const looksLikeData = text.startsWith('{') || text.startsWith('[') || text === 'True' || text === 'False';
  if (!looksLikeData) return text;
  try {
    return literalEval(text);
  } catch (error) {
    if (error instanceof JinjaError) return text;
    throw error;
  }
}
