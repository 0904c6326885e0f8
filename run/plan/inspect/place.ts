import type { Place } from '../../errors.ts';
import { contentPlaceOf, keyPlaceOf } from '../../playbook/places.ts';
import { canonicalName } from '../../playbook/schema.ts';
import type { TaskDefinition } from '../../task.ts';
import type { PlanTask } from '../program.ts';
import type { VariableScope } from '../scope.ts';

interface Definition {
  value: unknown;
  container: Record<string, unknown>;
}

const ONLY = /^\s*\{\{\s*([A-Za-z_]\w*)\s*\}\}\s*$/;
/** A variable of another host, named by a variable. */
const OF_HOST = /^\s*\{\{\s*hostvars\[(\w+)\]\.(\w+)/;
/** A list that a role puts together: variables first, then those of a list. */
const SUM = /^\s*\{\{\s*\[([\w,\s]+)\]\s*\+\s*(\w+)\s*\}\}\s*$/;
const MOST_HOPS = 12;

/**
 * Where a person wrote the value of an argument: in the task or, followed through the variables that it is made of, in the
 * inventory, the variables of the play or the defaults of a role. A text that a role puts together of one variable leads
 * on to that one; a text of the inventory's own is where it stands. `ofKey`: where the path's last key stands, not its value.
 */
export function placeOfArgument(
  task: PlanTask,
  definition: TaskDefinition,
  own: VariableScope,
  scopeOf: (host: string) => VariableScope | undefined,
  hostPlace: Place | undefined,
  path: readonly (string | number)[],
  ofKey = false,
): Place {
  const [argument, ...rest] = path;
  const written = Object.keys(task.node.args).find((name) => canonicalName(definition, name) === argument);
  if (written === undefined) return task.node.place;
  let place = contentPlaceOf(task.node.args, written) ?? task.node.place;
  let value: unknown = task.node.args[written];
  let ofRole = true;
  let scope = own;
  const roles = new Set<unknown>(task.keywords.roles.flatMap((role) => [role.defaults, role.vars]));
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    while (rest.length > 0 && typeof value === 'object' && value !== null && rest[0]! in value) {
      const key = rest.shift()!;
      const isKey = ofKey && rest.length === 0;
      place = (isKey ? keyPlaceOf(value, String(key)) : contentPlaceOf(value, key)) ?? place;
      value = (value as Record<string | number, unknown>)[key];
    }
    const elsewhere: string[] | null = typeof value === 'string' ? OF_HOST.exec(value) : null;
    if (elsewhere !== null) scope = scopeOf(String(scope.resolve(elsewhere[1]!))) ?? scope;
    const name: string | undefined =
      elsewhere?.[2] ??
      (typeof value === 'string' ? (partOf(value, rest) ?? variableOf(value, ofRole, scope)) : undefined);
    const found: Definition | undefined = name === undefined ? undefined : definitionOf(scope, name);
    if (name === undefined || found === undefined) return place;
    ofRole = roles.has(found.container);
    place = contentPlaceOf(found.container, name) ?? (ofRole ? place : (hostPlace ?? place));
    ({ value } = found);
  }
  return place;
}

/** The variable that an element of a sum of lists comes from; `way` then leads on from there. */
function partOf(text: string, way: (string | number)[]): string | undefined {
  const [, first, others] = SUM.exec(text) ?? [];
  const index = way[0];
  if (first === undefined || typeof index !== 'number') return undefined;
  const names = first.split(',').map((name) => name.trim());
  way.shift();
  if (index < names.length) return names[index];
  way.unshift(index - names.length);
  return others;
}

/** The variable to follow: the only one of the text, or (in what a role writes) the only one that is defined. */
function variableOf(text: string, ofRole: boolean, scope: VariableScope): string | undefined {
  const only = ONLY.exec(text)?.[1];
  if (only !== undefined || !ofRole) return only;
  const names = [...text.matchAll(/\{\{(.*?)\}\}/gs)].flatMap(
    ([, inside]) => inside!.match(/(?<![.\w'"])[A-Za-z_]\w*/g) ?? [],
  );
  const known = [...new Set(names)].filter((name) => definitionOf(scope, name) !== undefined);
  return known.length === 1 ? known[0] : undefined;
}

/** The strongest definition of a variable that a person wrote. */
function definitionOf(scope: VariableScope, name: string): Definition | undefined {
  const layer = scope.layers.find((each) => each.raw && each.get(name) !== undefined);
  return layer?.container && { value: layer.get(name), container: layer.container };
}
