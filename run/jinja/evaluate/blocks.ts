import type * as ast from '../ast.ts';
import { JinjaError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { type Caller, type Keywords, Markup, PyObject, Undefined } from '../values/types.ts';
import { type Compilation, located, positionOf } from './compiler.ts';
import { compileExpressionNode } from './expressions.ts';
import { type BlockCode, type Execute, Frame, goOn, type Render } from './frame.ts';
import { Out } from './out.ts';

/** A `{% block %}`: defined here, shown as the last template that defines it says. */
export function compileBlock(c: Compilation, node: ast.Block, execute: Execute): Execute {
  const position = positionOf(c, node.pos);
  c.blocks.push({ name: node.name, scoped: node.scoped, required: node.required, execute, position });
  return located(c, node.pos, (frame: Frame, out: Out) => {
    if (out.muted) return goOn;
    const [code] = frame.render.blocks.get(node.name)!;
    if (code!.required) throw new JinjaError('runtime', `Required block '${node.name}' not found`);
    return showBlock(code!, node.scoped ? frame : frame.render.top, out);
  });
}

function showBlock(code: BlockCode, around: Frame, out: Out): ReturnType<Execute> {
  const frame = new Frame(around.render, around);
  frame.set('super', new Parent(code, around));
  code.execute(frame, out);
  return goOn;
}

/** `super()`: what the template extended has in a block's place. */
class Parent extends PyObject {
  readonly typeName = 'BlockReference';
  private readonly code: BlockCode;
  private readonly around: Frame;

  constructor(code: BlockCode, around: Frame) {
    super();
    this.code = code;
    this.around = around;
  }

  private next(): BlockCode | undefined {
    const chain = this.around.render.blocks.get(this.code.name)!;
    return chain[chain.indexOf(this.code) + 1];
  }

  override attribute(name: string): unknown {
    const next = this.next();
    return name === 'super' && next ? new Parent(next, this.around) : undefined;
  }

  override get callable(): boolean {
    return true;
  }

  override call(): unknown {
    const next = this.next();
    if (!next) throw new Undefined(`there is no parent block called '${this.code.name}'.`, 'super').error();
    return captured(next, this.around);
  }
}

function captured(code: BlockCode, around: Frame): unknown {
  const out = new Out();
  showBlock(code, around, out);
  return around.render.autoescape ? new Markup(out.text) : around.render.concat(out.text);
}

/** `self`: the template's blocks as functions. */
export class Self extends PyObject {
  readonly typeName = 'TemplateReference';
  private readonly render: Render;

  constructor(render: Render) {
    super();
    this.render = render;
  }

  override attribute(name: string): unknown {
    const code = this.render.blocks.get(name)?.[0];
    return code && new BlockFunction(code, this.render.top);
  }
}

class BlockFunction extends PyObject {
  readonly typeName = 'BlockReference';
  private readonly code: BlockCode;
  private readonly around: Frame;

  constructor(code: BlockCode, around: Frame) {
    super();
    this.code = code;
    this.around = around;
  }

  override get callable(): boolean {
    return true;
  }

  override call(_caller: Caller, _args: unknown[], _kwargs: Keywords): unknown {
    return captured(this.code, this.around);
  }
}

/** `{% extends %}`: from here on only definitions count; the other template is rendered when this one is through. */
export function compileExtends(c: Compilation, node: ast.Extends): Execute {
  const template = compileExpressionNode(c, node.template);
  return located(c, node.pos, (frame: Frame, out: Out) => {
    const { render } = frame;
    if (render.extended)
      throw new JinjaError('runtime', 'extended multiple times', { pythonType: 'TemplateRuntimeError' });
    const name = template(frame);
    const code = render.load(name, c.source);
    if (!code) throw notFound(name);
    render.extended = code;
    out.muted = true;
    return goOn;
  });
}

export function notFound(name: unknown): JinjaError {
  return new JinjaError('runtime', `the template ${pyString(name)} was not found`, { pythonType: 'TemplateNotFound' });
}
