import { correction, type Place } from '../../errors.ts';
import type { Inventory } from '../../inventory/model.ts';
import type { Expression } from '../../jinja/ast.ts';
import { walk } from '../../jinja/evaluate/names.ts';
import type { LocatedFinding } from './finding.ts';
import type { SeenTemplate } from './unknown-names.ts';

/** Warns of groups and hosts that templates name outright (`groups['lamps']`), when there is none such and nearly one. */
export function unknownReferences(templates: readonly SeenTemplate[], inventory: Inventory): LocatedFinding[] {
  const known: Record<string, ReadonlyMap<string, unknown>> = { groups: inventory.groups, hostvars: inventory.hosts };
  const findings: LocatedFinding[] = [];
  for (const { template, place } of templates) {
    if (!template.names.has('groups') && !template.names.has('hostvars')) continue;
    for (const node of walk([template.ast.body, template.ast.expression])) {
      const reference = referenceOf(node as Expression);
      const names = reference && known[reference.of];
      if (!names || names.has(reference.name)) continue;
      const right = correction(reference.name, names.keys())?.right;
      if (right === undefined) continue;
      const { line, column } = template.position(reference.pos);
      const at: Place = { file: place.file, line, column };
      const what = reference.of === 'groups' ? 'group' : 'host';
      findings.push({
        level: 'warning',
        rule: 'host-pattern',
        message: `there is no ${what} "${reference.name}"; did you mean "${right}"?`,
        hosts: [],
        places: [at],
      });
    }
  }
  return findings;
}

/** `groups['x']`, `groups.x`, `hostvars['x']`. */
function referenceOf(node: Expression): { of: string; name: string; pos: number } | undefined {
  if (node.type !== 'GetItem' && node.type !== 'GetAttr') return undefined;
  if (node.object.type !== 'Name') return undefined;
  const of = node.object.name;
  if (of !== 'groups' && of !== 'hostvars') return undefined;
  if (node.type === 'GetAttr') return { of, name: node.name, pos: node.pos };
  const { key } = node;
  return key.type === 'Const' && typeof key.value === 'string' ? { of, name: key.value, pos: key.pos } : undefined;
}
