import type { Target } from '../ast.ts';
import { JinjaError, typeError, valueError } from '../errors.ts';
import { iterate } from '../values/iterate.ts';
import { typeName } from '../values/kinds.ts';
import { PyObject } from '../values/types.ts';
import type { Frame } from './frame.ts';

/** Gives the variables of `target` their values. */
export function assign(frame: Frame, target: Target, value: unknown): void {
  if (target.type === 'NameTarget') {
    frame.set(target.name, value);
    return;
  }
  if (target.type === 'NamespaceTarget') {
    const namespace = frame.find(target.name) ?? frame.render.scope.resolve(target.name);
    if (namespace instanceof PyObject && namespace.setAttribute(target.attribute, value)) return;
    throw new JinjaError('runtime', 'cannot assign attribute on non-namespace object', {
      pythonType: 'TemplateRuntimeError',
    });
  }
  const items = iterateForUnpacking(value);
  const wanted = target.items.length;
  if (items.length > wanted) throw valueError(`too many values to unpack (expected ${wanted})`);
  if (items.length < wanted) {
    throw valueError(`not enough values to unpack (expected ${wanted}, got ${items.length})`);
  }
  for (const [index, inner] of target.items.entries()) assign(frame, inner, items[index]);
}

function iterateForUnpacking(value: unknown): unknown[] {
  if (value === null || typeof value === 'number')
    throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  return iterate(value);
}
