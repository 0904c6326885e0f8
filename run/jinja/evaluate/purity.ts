import type { Root } from '../ast.ts';
import { walk } from './names.ts';

const impureFilters = new Set(
  'random shuffle fileglob realpath relpath expanduser expandvars strftime password_hash vault map'.split(' '),
);
const impureTests = new Set(
  'exists link_exists file is_file directory is_dir link is_link mount is_mount same_file is_same_file'.split(' '),
);
const pureGlobals = new Set(['range', 'dict', 'namespace', 'cycler', 'joiner']);
const otherTemplates = new Set(['Include', 'Import', 'FromImport', 'Extends']);

/** Whether a template's result may differ from one rendering to the next although its variables do not. */
export function isImpure(root: Root): boolean {
  for (const node of walk(root)) {
    if (otherTemplates.has(node.type)) return true;
    if (node.type === 'Filter' && impureFilters.has(short(node.name))) return true;
    if (node.type === 'Test' && impureTests.has(short(node.name))) return true;
    if (node.type === 'Call' && node.callee.type === 'Name' && !pureGlobals.has(node.callee.name)) return true;
  }
  return false;
}

function short(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
