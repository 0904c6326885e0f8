import type { Parameters, Statement } from '../ast.ts';
import { typeError } from '../errors.ts';
import { pyRepr } from '../python/repr.ts';
import { makeDict } from '../values/dict.ts';
import { type Caller, type Keywords, Markup, PyObject, Tuple, Undefined } from '../values/types.ts';
import { type Compilation, positionOf } from './compiler.ts';
import { compileExpressionNode } from './expressions.ts';
import { type Evaluate, type Execute, Frame } from './frame.ts';
import { mentions } from './names.ts';
import { Out } from './out.ts';

/** What all macros made from one `{% macro %}` or `{% call %}` have in common. */
export interface MacroCode {
  readonly name: string | null;
  readonly params: readonly { readonly name: string; readonly fallback: Evaluate | undefined }[];
  readonly execute: Execute;
  readonly usesCaller: boolean;
  readonly usesVarargs: boolean;
  readonly usesKwargs: boolean;
}

export function compileMacro(
  c: Compilation,
  node: Parameters & { readonly pos: number; readonly body: readonly Statement[] },
  name: string | null,
  execute: Execute,
): MacroCode {
  const declared = new Set(node.params.map((param) => param.name));
  const uses = (special: string) => !declared.has(special) && mentions(node, special);
  const params = node.params.map(({ name: param, fallback }) => ({
    name: param,
    fallback: fallback && compileExpressionNode(c, fallback),
  }));
  if (declared.has('caller') && !node.params.find((param) => param.name === 'caller')!.fallback) {
    positionOf(c, node.pos);
    throw c.source.syntaxError(
      'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      node.pos,
    );
  }
  return {
    name,
    params,
    execute,
    usesCaller: declared.has('caller') || uses('caller'),
    usesVarargs: uses('varargs'),
    usesKwargs: uses('kwargs'),
  };
}

/** A macro at run time: its code and the variables around it. */
export class MacroValue extends PyObject {
  readonly typeName = 'Macro';
  private readonly code: MacroCode;
  private readonly around: Frame;

  constructor(code: MacroCode, around: Frame) {
    super();
    this.code = code;
    this.around = around;
  }

  override repr(): string {
    return `<Macro ${this.code.name === null ? 'anonymous' : pyRepr(this.code.name)}>`;
  }

  override attribute(name: string): unknown {
    switch (name) {
      case 'name':
        return this.code.name;
      case 'arguments':
        return Tuple.make(this.code.params.map((param) => param.name));
      case 'catch_kwargs':
        return this.code.usesKwargs;
      case 'catch_varargs':
        return this.code.usesVarargs;
      case 'caller':
        return this.code.usesCaller;
      default:
        return undefined;
    }
  }

  override get callable(): boolean {
    return true;
  }

  override call(_caller: Caller, args: unknown[], kwargs: Keywords): unknown {
    const { render } = this.around;
    const frame = new Frame(render, this.around);
    this.bind(frame, args, { ...kwargs });
    const out = new Out();
    this.code.execute(frame, out);
    return render.autoescape ? new Markup(out.text) : render.concat(out.text);
  }

  private bind(frame: Frame, args: unknown[], kwargs: Keywords): void {
    const { params, usesCaller, usesKwargs, usesVarargs } = this.code;
    if (usesCaller && !params.some(({ name }) => name === 'caller')) {
      frame.set('caller', take(kwargs, 'caller') ?? new Undefined('No caller defined', 'caller'));
    }
    for (const [index, { name, fallback }] of params.entries()) {
      const given = index < args.length ? args[index] : take(kwargs, name);
      frame.set(name, given ?? (given === null ? null : this.fallback(frame, name, fallback)));
    }
    if (usesKwargs) frame.set('kwargs', makeDict(Object.entries(kwargs)));
    else if (Object.keys(kwargs).length > 0) this.refuseKeyword(Object.keys(kwargs)[0]!);
    if (usesVarargs) frame.set('varargs', Tuple.make(args.slice(params.length)));
    else if (args.length > params.length) {
      throw typeError(`macro ${pyRepr(this.code.name)} takes not more than ${params.length} argument(s)`);
    }
  }

  private fallback(frame: Frame, name: string, evaluate: Evaluate | undefined): unknown {
    return evaluate ? evaluate(frame) : new Undefined(`parameter ${pyRepr(name)} was not provided`, name);
  }

  private refuseKeyword(name: string): never {
    if (name === 'caller') {
      throw typeError(
        `macro ${pyRepr(this.code.name)} was invoked with two values for the special caller argument. This is most likely a bug.`,
      );
    }
    throw typeError(`macro ${pyRepr(this.code.name)} takes no keyword argument ${pyRepr(name)}`);
  }
}

function take(kwargs: Keywords, name: string): unknown {
  const value = Object.hasOwn(kwargs, name) ? kwargs[name] : undefined;
  delete kwargs[name];
  return value;
}
