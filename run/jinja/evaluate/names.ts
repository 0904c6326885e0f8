import type { Expression, Root, Statement, Target } from '../ast.ts';

/** Anything of an AST: nodes, lists of nodes, and what they hold. */
type Tree = unknown;

function children(tree: Tree): Tree[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Array.isArray(tree) ? tree : Object.values(tree);
}

function isNode(tree: Tree): tree is Expression | Statement | Target {
  return typeof tree === 'object' && tree !== null && 'type' in tree && 'pos' in tree;
}

/** Every node of a tree, outer ones first. */
export function* walk(tree: Tree): Generator<Expression | Statement | Target> {
  if (isNode(tree)) yield tree;
  for (const child of children(tree)) yield* walk(child);
}

/** Whether a name is read anywhere in a tree. */
export function mentions(tree: Tree, name: string): boolean {
  for (const node of walk(tree)) if (node.type === 'Name' && node.name === name) return true;
  return false;
}

/** The names that a template gives values itself, anywhere. */
export function assignedNames(root: Root): Set<string> {
  const names = new Set<string>();
  for (const node of walk(root.body)) {
    if (node.type === 'NameTarget') names.add(node.name);
    else if (node.type === 'For') names.add('loop');
    else if (node.type === 'Block') names.add('super').add('self');
    else if (node.type === 'Extends') names.add('self');
    else if (node.type === 'Import') names.add(node.target);
    else if (node.type === 'FromImport') for (const { alias } of node.names) names.add(alias);
    else if (node.type === 'Macro' || node.type === 'CallBlock') {
      for (const special of ['caller', 'varargs', 'kwargs']) names.add(special);
      for (const param of node.params) names.add(param.name);
      if (node.type === 'Macro') names.add(node.name);
    }
  }
  return names;
}

const calledGlobals = new Set([
  ...['range', 'dict', 'lipsum', 'cycler', 'joiner', 'namespace', 'lookup', 'query', 'q', 'now', 'undef'],
]);

/**
 * The names that come from outside: read at some place where the template has not surely given them a value itself.
 * Jinja2's and Ansible's global functions are left out where they are called.
 */
export function freeNames(root: Root): Set<string> {
  const free = new Set<string>();
  const visit = (tree: Tree, known: Set<string>): void => {
    if (!isNode(tree)) {
      for (const child of children(tree)) visit(child, known);
      return;
    }
    visitNode(tree, known);
  };
  const visitNode = (node: Expression | Statement | Target, known: Set<string>): void => {
    switch (node.type) {
      case 'Name':
        if (!known.has(node.name)) free.add(node.name);
        return;
      case 'NamespaceTarget':
        if (!known.has(node.name)) free.add(node.name);
        return;
      case 'NameTarget':
        known.add(node.name);
        return;
      case 'Call':
        if (node.callee.type !== 'Name' || known.has(node.callee.name) || !calledGlobals.has(node.callee.name)) {
          visit(node.callee, known);
        }
        visit([node.args, node.kwargs, node.spread, node.spreadKeywords], known);
        return;
      case 'For': {
        visit(node.iterable, known);
        const inside = new Set(known);
        visit(node.target, inside);
        visit(node.condition, inside);
        inside.add('loop');
        visit(node.body, inside);
        visit(node.otherwise, new Set(known));
        return;
      }
      case 'If':
        for (const { test, body } of node.branches) {
          visit(test, known);
          visit(body, new Set(known));
        }
        visit(node.otherwise, new Set(known));
        return;
      case 'Macro':
      case 'CallBlock': {
        if (node.type === 'CallBlock') visit(node.call, known);
        else known.add(node.name);
        const inside = new Set([...known, 'caller', 'varargs', 'kwargs']);
        for (const { name, fallback } of node.params) {
          visit(fallback, inside);
          inside.add(name);
        }
        visit(node.body, inside);
        return;
      }
      case 'With': {
        const inside = new Set(known);
        for (const { value } of node.bindings) visit(value, known);
        for (const { target } of node.bindings) visit(target, inside);
        visit(node.body, inside);
        return;
      }
      case 'Set':
        visit(node.value, known);
        visit(node.target, known);
        return;
      case 'SetBlock':
        visit(node.filter, known);
        visit(node.body, new Set(known));
        visit(node.target, known);
        return;
      case 'Block':
        visit(node.body, new Set([...known, 'self', 'super']));
        return;
      case 'FilterBlock':
      case 'AutoEscape':
        for (const child of children(node)) visit(child, new Set(known));
        return;
      case 'Import':
        visit(node.template, known);
        known.add(node.target);
        return;
      case 'FromImport':
        visit(node.template, known);
        for (const { alias } of node.names) known.add(alias);
        return;
      default:
        for (const child of children(node)) visit(child, known);
    }
  };
  visit(root.expression, new Set());
  visit(root.body, new Set(usesBlocks(root) ? ['self'] : []));
  return free;
}

/** Whether a template defines blocks or extends another. */
export function usesBlocks(root: Root): boolean {
  for (const node of walk(root.body)) if (node.type === 'Block' || node.type === 'Extends') return true;
  return false;
}
