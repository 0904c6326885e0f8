import { nearest } from '../../errors.ts';
import type { Expression } from '../../jinja/ast.ts';
import { assignedNames, walk } from '../../jinja/evaluate/names.ts';
import type { Template } from '../../jinja/template.ts';
import { isMapping, isTemplate } from '../../playbook/mapping.ts';
import { FORGIVING, type SeenTemplate, type UnknownName } from './unknown-names.ts';

type Mapping = Record<string, unknown>;

/** What Python's dict answers to besides its keys. */
const METHODS = new Set('clear copy fromkeys get items keys pop popitem setdefault update values'.split(' '));

/** Those that look for a key or make one. */
const KEYED = new Set('get pop popitem setdefault update'.split(' '));

/**
 * Paths into mappings whose keys are written down, with a key that no mapping of that name has and that is nearly one of
 * those: `{{ broker.prot }}` where every `broker` has `port`. One that is asked about (`is defined`, `default`, `in`) or that
 * anything else may define is left alone.
 * @param values everything that a variable of a name is given anywhere; undefined for what is not known
 */
export function unknownAttributes(
  templates: readonly SeenTemplate[],
  values: ReadonlyMap<string, readonly unknown[]>,
): UnknownName[] {
  const asked = new Set(templates.flatMap(({ template }) => pathsAskedAbout(template)));
  return templates.flatMap(({ template, place }) => {
    const own = assignedNames(template.ast);
    const found: UnknownName[] = [];
    for (const node of walk([template.ast.body, template.ast.expression])) {
      const path = pathOf(node as Expression);
      if (!path || path.length < 2 || own.has(path[0]!)) continue;
      if (asked.has(path[0]!) || asked.has(path.join('.'))) continue;
      const near = nearKey(path, values.get(path[0]!));
      if (near === undefined) continue;
      const { line, column } = template.position(node.pos);
      found.push({ name: path.join('.'), place: { file: place.file, line, column }, near });
    }
    return found;
  });
}

/** The key that the last one of a path is nearly, where the path leads to known mappings that lack it. */
function nearKey([name, ...keys]: string[], given: readonly unknown[] | undefined): string | undefined {
  let mappings = constantMappings(given);
  for (const [index, key] of keys.entries()) {
    if (!mappings) return undefined;
    const having = mappings.filter((each) => Object.hasOwn(each, key));
    if (index === keys.length - 1) {
      if (having.length > 0 || METHODS.has(key)) return undefined;
      const near = nearest(key, new Set(mappings.flatMap((each) => Object.keys(each))));
      return near && [name, ...keys.slice(0, -1), near].join('.');
    }
    mappings = constantMappings(having.map((each) => each[key]));
  }
  return undefined;
}

/** All of them, if all are mappings whose keys are written down. */
function constantMappings(values: readonly unknown[] | undefined): readonly Mapping[] | undefined {
  const isConstant = (value: unknown): value is Mapping =>
    isMapping(value) &&
    !(value instanceof Map) &&
    Object.keys(value).length > 0 &&
    !Object.keys(value).some(isTemplate);
  return values && values.length > 0 && values.every(isConstant) ? values : undefined;
}

/** `a.b['c']` -> a, b, c. */
function pathOf(node: Expression): string[] | undefined {
  if (node.type === 'Name') return [node.name];
  if (node.type === 'GetAttr') return join(node.object, node.name);
  if (node.type === 'GetItem' && node.key.type === 'Const' && typeof node.key.value === 'string')
    return join(node.object, node.key.value);
  return undefined;
}

function join(object: Expression, key: string): string[] | undefined {
  const path = pathOf(object);
  return path && [...path, key];
}

/** Paths of which a template can do without a value, and names whose keys it looks for or changes. */
function pathsAskedAbout({ ast }: Template): string[] {
  const asked: string[] = [];
  const add = (expression: Expression | undefined): void => {
    const path = expression && pathOf(expression);
    if (path) asked.push(path.join('.'));
  };
  for (const node of walk([ast.body, ast.expression])) {
    if ((node.type === 'Filter' || node.type === 'Test') && FORGIVING.has(node.name)) add(node.subject);
    if (node.type === 'Compare')
      for (const { operator, operand } of node.rest) if (operator.endsWith('in')) addRoot(operand);
    if (node.type === 'Call' && node.callee.type === 'GetAttr' && KEYED.has(node.callee.name))
      addRoot(node.callee.object);
  }
  return asked;

  function addRoot(expression: Expression): void {
    const path = pathOf(expression);
    if (path) asked.push(path[0]!);
  }
}
