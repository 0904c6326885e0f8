import { nearest, type Place } from '../../errors.ts';
import type { Expression, Name } from '../../jinja/ast.ts';
import { walk } from '../../jinja/evaluate/names.ts';
import { knownGlobals, type Template } from '../../jinja/template.ts';

export interface SeenTemplate {
  template: Template;
  place: Place;
}

/** Names that are there without anybody defining them. Source: the special variables of Ansible 2.14, and what modules return. */
const GIVEN = new Set(
  `item omit vars environment groups group_names hostvars inventory_hostname inventory_hostname_short inventory_dir
  inventory_file play_hosts playbook_dir role_name role_names role_path role_uuid services packages self caller varargs
  kwargs loop template_host template_path template_fullpath template_run_date template_uid template_destpath
  discovered_interpreter_python module_setup gather_subset true false none True False None`.split(/\s+/),
);
const GIVEN_FAMILY = /^(?:ansible_|getent_)/;

/** Filters and tests that make something of an undefined value. */
export const FORGIVING = new Set(['default', 'd', 'defined', 'undefined', 'mandatory']);

/** A name that a template reads and nothing defines. */
export interface UnknownName {
  name: string;
  place: Place;
  /** What is defined and was probably meant. */
  near: string | undefined;
}

/**
 * Names that templates read and nothing can define: not the inventory, files of variables, vars, registered results, facts
 * or loops. A name that anything asks about (`is defined`, `default`) is meant to come from outside.
 */
export function unknownNames(templates: readonly SeenTemplate[], defined: ReadonlySet<string>): UnknownName[] {
  const optional = new Set(templates.flatMap(({ template }) => askedAbout(template)));
  const globals = knownGlobals();
  const isKnown = (name: string): boolean =>
    defined.has(name) || optional.has(name) || GIVEN.has(name) || GIVEN_FAMILY.test(name) || globals.has(name);
  return templates.flatMap(({ template, place }) =>
    [...template.names]
      .filter((name) => !isKnown(name))
      .map((name) => ({ name, place: placeOfName(template, name, place), near: nearest(name, defined) })),
  );
}

function placeOfName(template: Template, name: string, place: Place): Place {
  for (const node of walk([template.ast.body, template.ast.expression]))
    if (node.type === 'Name' && node.name === name) {
      const { line, column } = template.position(node.pos);
      return { file: place.file, line, column };
    }
  return place;
}

function askedAbout({ ast }: Template): string[] {
  const names: string[] = [];
  for (const node of walk([ast.body, ast.expression]))
    if ((node.type === 'Filter' || node.type === 'Test') && FORGIVING.has(node.name) && node.subject) {
      const root = rootOf(node.subject);
      if (root) names.push(root.name);
    }
  return names;
}

/** The variable behind `a.b[0].c`. */
function rootOf(expression: Expression): Name | undefined {
  if (expression.type === 'Name') return expression;
  return expression.type === 'GetAttr' || expression.type === 'GetItem' ? rootOf(expression.object) : undefined;
}
