import type * as ast from '../ast.ts';
import { iterate } from '../values/iterate.ts';
import { truthy } from '../values/truth.ts';
import { Markup } from '../values/types.ts';
import { assign } from './assign.ts';
import { compileBlock, compileExtends } from './blocks.ts';
import { type Compilation, located } from './compiler.ts';
import { compileExpressionNode, compileFilter } from './expressions.ts';
import { broke, continued, type Evaluate, type Execute, Frame, goOn } from './frame.ts';
import { compileFromImport, compileImport, compileInclude } from './imports.ts';
import { Loop } from './loop.ts';
import { compileMacro, MacroValue } from './macro.ts';
import { mentions, walk } from './names.ts';
import { Out, outputText } from './out.ts';

/** Turns statements into one function that writes their text. */
export function compileBody(c: Compilation, body: readonly ast.Statement[]): Execute {
  const parts = body.map((node) => compileStatement(c, node));
  const [only] = parts;
  if (parts.length === 1) return only!;
  return (frame, out) => {
    for (const part of parts) {
      const signal = part(frame, out);
      if (signal !== goOn) return signal;
    }
    return goOn;
  };
}

function compileStatement(c: Compilation, node: ast.Statement): Execute {
  switch (node.type) {
    case 'Text':
      return (_frame, out) => {
        out.write(node.text);
        return goOn;
      };
    case 'Output':
      return compileOutput(c, node);
    case 'For':
      return compileFor(c, node);
    case 'If':
      return compileIf(c, node);
    case 'Macro': {
      const code = compileMacro(c, node, node.name, compileBody(c, node.body));
      return (frame) => {
        frame.set(node.name, new MacroValue(code, frame));
        return goOn;
      };
    }
    case 'CallBlock':
      return compileCallBlock(c, node);
    case 'FilterBlock': {
      const render = compileCaptured(c, node.body, node.filter);
      return (frame, out) => {
        out.write(outputText(render(frame)));
        return goOn;
      };
    }
    case 'With':
      return compileWith(c, node);
    case 'Set':
      return compileSet(c, node);
    case 'SetBlock': {
      const render = compileCaptured(c, node.body, node.filter);
      return (frame) => {
        assign(frame, node.target, render(frame));
        return goOn;
      };
    }
    case 'Block':
      return compileBlock(c, node, compileBody(c, node.body));
    case 'Extends':
      return compileExtends(c, node);
    case 'Include':
      return compileInclude(c, node);
    case 'Import':
      return compileImport(c, node);
    case 'FromImport':
      return compileFromImport(c, node);
    case 'Do': {
      const evaluate = compileExpressionNode(c, node.expression);
      return (frame) => {
        evaluate(frame);
        return goOn;
      };
    }
    case 'AutoEscape':
      return compileAutoEscape(c, node);
    case 'Break':
      return () => broke;
    case 'Continue':
      return () => continued;
  }
}

function compileOutput(c: Compilation, node: ast.Output): Execute {
  const evaluate = compileExpressionNode(c, node.expression);
  return located(c, node.expression.pos, (frame: Frame, out: Out) => {
    if (out.muted) return goOn;
    const value = evaluate(frame);
    out.text += typeof value === 'string' ? value : outputText(value);
    return goOn;
  });
}

function compileFor(c: Compilation, node: ast.For): Execute {
  const iterable = compileExpressionNode(c, node.iterable);
  const condition = node.condition && compileExpressionNode(c, node.condition);
  const body = compileBody(c, node.body);
  const otherwise = compileBody(c, node.otherwise);
  const needsLoop = node.recursive || mentions(node.body, 'loop') || mayHideLoop(node.body);

  const chosen = (frame: Frame, items: readonly unknown[]): readonly unknown[] => {
    if (!condition) return items;
    return items.filter((item) => {
      const inner = new Frame(frame.render, frame);
      assign(inner, node.target, item);
      return truthy(condition(inner));
    });
  };
  const run = (frame: Frame, out: Out, source: unknown[], depth0: number): void => {
    const items = chosen(frame, source.slice());
    const recurse = node.recursive
      ? (inner: unknown[], depth: number) => {
          const captured = new Out();
          run(frame, captured, inner, depth);
          return frame.render.concat(captured.text);
        }
      : undefined;
    const loop = needsLoop ? new Loop(items, depth0, recurse) : undefined;
    for (let index = 0; index < items.length; index++) {
      const inner = new Frame(frame.render, frame);
      if (loop) {
        loop.index0 = index;
        inner.set('loop', loop);
      }
      assign(inner, node.target, items[index]);
      if (body(inner, out) === broke) return;
    }
    if (items.length === 0) otherwise(new Frame(frame.render, frame), out);
  };
  return located(c, node.iterable.pos, (frame: Frame, out: Out) => {
    run(frame, out, iterate(iterable(frame)), 0);
    return goOn;
  });
}

/** Scoped blocks that other templates define see `loop` without its name being written in the loop's body. */
function mayHideLoop(body: readonly ast.Statement[]): boolean {
  for (const node of walk(body)) if (node.type === 'Block' && node.scoped) return true;
  return false;
}

function compileIf(c: Compilation, node: ast.If): Execute {
  const branches = node.branches.map(({ test, body }) => {
    const decide = compileExpressionNode(c, test);
    return { test: located(c, test.pos, (frame: Frame) => truthy(decide(frame))), body: compileBody(c, body) };
  });
  const otherwise = compileBody(c, node.otherwise);
  return (frame, out) => {
    for (const { test, body } of branches) if (test(frame)) return body(frame, out);
    return otherwise(frame, out);
  };
}

function compileCallBlock(c: Compilation, node: ast.CallBlock): Execute {
  const code = compileMacro(c, node, null, compileBody(c, node.body));
  const caller = '%caller';
  const call = compileExpressionNode(
    { ...c, assigned: { has: (name) => name === caller || c.assigned.has(name) } },
    {
      ...node.call,
      kwargs: [...node.call.kwargs, { name: 'caller', value: { type: 'Name', name: caller, pos: node.pos } }],
    },
  );
  return (frame, out) => {
    const inner = new Frame(frame.render, frame);
    inner.set(caller, new MacroValue(code, frame));
    out.write(outputText(call(inner)));
    return goOn;
  };
}

/** A block's text as a value, sent through filters when there are any. */
function compileCaptured(c: Compilation, body: readonly ast.Statement[], filter: ast.FilterExpr | undefined): Evaluate {
  const execute = compileBody(c, body);
  const capture: Evaluate = (frame) => {
    const captured = new Out();
    execute(new Frame(frame.render, frame), captured);
    return frame.render.autoescape ? new Markup(captured.text) : frame.render.concat(captured.text);
  };
  return filter ? compileChain(c, filter, capture) : capture;
}

function compileChain(c: Compilation, filter: ast.FilterExpr, innermost: Evaluate): Evaluate {
  const { subject } = filter;
  return compileFilter(c, filter, subject?.type === 'Filter' ? compileChain(c, subject, innermost) : innermost);
}

function compileWith(c: Compilation, node: ast.With): Execute {
  const bindings = node.bindings.map(({ target, value }) => ({ target, value: compileExpressionNode(c, value) }));
  const body = compileBody(c, node.body);
  return (frame, out) => {
    const inner = new Frame(frame.render, frame);
    for (const { target, value } of bindings) assign(inner, target, value(frame));
    return body(inner, out);
  };
}

function compileSet(c: Compilation, node: ast.SetStatement): Execute {
  const value = compileExpressionNode(c, node.value);
  return located(c, node.pos, (frame: Frame) => {
    assign(frame, node.target, value(frame));
    return goOn;
  });
}

function compileAutoEscape(c: Compilation, node: ast.AutoEscape): Execute {
  const enabled = compileExpressionNode(c, node.enabled);
  const body = compileBody(c, node.body);
  return (frame, out) => {
    const before = frame.render.autoescape;
    frame.render.autoescape = truthy(enabled(frame));
    try {
      return body(new Frame(frame.render, frame), out);
    } finally {
      frame.render.autoescape = before;
    }
  };
}
