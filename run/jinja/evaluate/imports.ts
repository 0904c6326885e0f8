import type * as ast from '../ast.ts';
import { isSequence } from '../values/kinds.ts';
import { Markup, PyObject, Undefined } from '../values/types.ts';
import { notFound } from './blocks.ts';
import { type Compilation, located, positionOf } from './compiler.ts';
import { compileExpressionNode } from './expressions.ts';
import { type Code, type Execute, type Frame, goOn, scopeOf } from './frame.ts';
import type { Out } from './out.ts';
import { runTemplate } from './run.ts';

/** The first template that exists of a name or of a list of names. */
function find(frame: Frame, c: Compilation, wanted: unknown): Code | undefined {
  for (const name of isSequence(wanted) ? wanted : [wanted]) {
    const code = frame.render.load(name, c.source);
    if (code) return code;
  }
  return undefined;
}

const nothing = { resolve: () => undefined };

export function compileInclude(c: Compilation, node: ast.Include): Execute {
  const template = compileExpressionNode(c, node.template);
  return located(c, node.pos, (frame: Frame, out: Out) => {
    const wanted = template(frame);
    const code = find(frame, c, wanted);
    if (!code) {
      if (node.ignoreMissing) return goOn;
      throw notFound(wanted);
    }
    const render = frame.render.nested(node.withContext ? scopeOf(frame) : nothing);
    out.write(runTemplate(render, code).text);
    return goOn;
  });
}

/** An imported template: its macros and variables as attributes, its text as text. */
class TemplateModule extends PyObject {
  readonly typeName = 'TemplateModule';
  private readonly exports: ReadonlyMap<string, unknown>;
  private readonly text: string;

  constructor(exports: ReadonlyMap<string, unknown>, text: string) {
    super();
    this.exports = exports;
    this.text = text;
  }

  override str(): string {
    return this.text;
  }

  override attribute(name: string): unknown {
    if (name === '__html__') return new Markup(this.text);
    return this.exports.get(name);
  }
}

function load(frame: Frame, c: Compilation, wanted: unknown, withContext: boolean): TemplateModule {
  const code = find(frame, c, wanted);
  if (!code) throw notFound(wanted);
  const render = frame.render.nested(withContext ? scopeOf(frame) : nothing);
  const { text } = runTemplate(render, code);
  const exports = [...render.top.entries()].filter(([name]) => !name.startsWith('_') && name !== 'self');
  return new TemplateModule(new Map(exports), text);
}

export function compileImport(c: Compilation, node: ast.Import): Execute {
  const template = compileExpressionNode(c, node.template);
  return located(c, node.pos, (frame: Frame) => {
    frame.set(node.target, load(frame, c, template(frame), node.withContext));
    return goOn;
  });
}

export function compileFromImport(c: Compilation, node: ast.FromImport): Execute {
  const template = compileExpressionNode(c, node.template);
  const position = positionOf(c, node.pos);
  return located(c, node.pos, (frame: Frame) => {
    const wanted = template(frame);
    const module = load(frame, c, wanted, node.withContext);
    for (const { name, alias } of node.names) {
      const message = `the template ${String(wanted)} does not export the requested name '${name}'`;
      const found = module.attribute(name);
      frame.set(alias, found === undefined ? new Undefined(message, name, position) : found);
    }
    return goOn;
  });
}
