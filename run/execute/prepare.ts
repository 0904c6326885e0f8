import type { core, ZodType } from 'zod';
import { LamplighterError, nearest, type Place } from '../errors.ts';
import { OMIT } from '../plan/magic.ts';
import { withoutOmitted } from '../plan/omit.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { adviceFor } from '../playbook/foreign-advice.ts';
import { contentPlaceOf, keyPlaceOf } from '../playbook/places.ts';
import { argumentNames, canonicalName, fieldsOf, isNotGiven } from '../playbook/schema.ts';
import type { TaskDefinition } from '../task.ts';
import type { RunState } from './run-state.ts';

/**
 * The module that a task names; a templated name is resolved now.
 * @throws LamplighterError UNKNOWN_MODULE, UNSUPPORTED_MODULE
 */
export async function moduleOf(run: RunState, task: PlanTask, scope: VariableScope): Promise<TaskDefinition> {
  const { node } = task;
  const name = String(run.templar.value(node.moduleName, scope, node.place));
  const definition = await run.modules.find(name);
  if (definition) return definition;
  if (run.modules.foreign(name))
    throw new LamplighterError(
      'UNSUPPORTED_MODULE',
      `the module "${name}" is Ansible's and Lamplighter does not have it`,
      { place: node.place, hint: adviceFor(name) },
    );
  if (node.pythonFile !== undefined)
    throw new LamplighterError('UNSUPPORTED_MODULE', `the module "${name}" (${node.pythonFile}) needs Python`, {
      place: node.place,
      hint: adviceFor(name),
    });
  const near = nearest(name, run.modules.names());
  throw new LamplighterError('UNKNOWN_MODULE', `couldn't resolve module/action '${name}'`, {
    place: node.place,
    hint: near ? `did you mean "${near}"?` : undefined,
  });
}

/**
 * A task's arguments, templated, with module_defaults below them, aliases resolved and every value read by its type.
 * @throws LamplighterError BAD_ARGUMENT, MISSING_ARGUMENT, UNKNOWN_ARGUMENT, UNSUPPORTED_ARGUMENT
 */
export function argumentsOf(
  run: RunState,
  task: PlanTask,
  definition: TaskDefinition,
  scope: VariableScope,
): Record<string, unknown> {
  const { node, keywords } = task;
  const { templar } = run;
  const written: Record<string, unknown> = {};
  const take = (values: unknown): void => {
    for (const [name, value] of Object.entries((values ?? {}) as Record<string, unknown>))
      if (value !== OMIT) written[canonicalName(definition, name)] = withoutOmitted(value);
  };
  // As in Ansible the defaults that stand nearest replace those further out, for each name of the module.
  for (const name of moduleNames(definition)) {
    const defaults = keywords.moduleDefaults.findLast((each) => each[name] !== undefined)?.[name];
    if (defaults !== undefined) take(templar.value(defaults, scope, node.place));
  }
  if (node.argsTemplate !== undefined) take(templar.value(node.argsTemplate, scope, node.place));
  for (const [name, value] of Object.entries(node.args)) {
    const place = contentPlaceOf(node.args, name) ?? node.place;
    // `set_fact` may make up its names.
    take({ [String(templar.value(name, scope, place))]: templar.value(value, scope, place) });
  }
  const fields = fieldsOf(definition.args);
  for (const [name, value] of Object.entries(written)) if (isNotGiven(fields, name, value)) delete written[name];
  return checkedArguments(definition, written, node.args, node.place);
}

/** Reads arguments by the module's schema; errors point at the argument's place in the playbook. */
function checkedArguments(
  definition: TaskDefinition,
  values: Record<string, unknown>,
  written: object,
  place: Place,
): Record<string, unknown> {
  const short = shortName(definition.name);
  for (const name of Object.keys(values)) {
    const reason = definition.unsupported?.[name];
    if (reason !== undefined)
      throw new LamplighterError('UNSUPPORTED_ARGUMENT', `${short}: the argument "${name}" is not supported`, {
        place: keyPlaceOf(written, name) ?? place,
        hint: reason,
      });
  }
  const read = (definition.args as ZodType<Record<string, unknown>>).safeParse(values);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0]!;
    const near = nearest(name, argumentNames(definition));
    const all = argumentNames(definition).sort().join(', ');
    const message = `Unsupported parameters for (${short}) module: ${name}. Supported parameters include: ${all}.`;
    throw new LamplighterError('UNKNOWN_ARGUMENT', message, {
      place: keyPlaceOf(written, name) ?? place,
      hint: near ? `did you mean "${near}"?` : undefined,
    });
  }
  const name = issue.path.length > 0 ? String(issue.path[0]) : undefined;
  const missing = name !== undefined && !Object.hasOwn(values, name);
  throw new LamplighterError(
    missing ? 'MISSING_ARGUMENT' : 'BAD_ARGUMENT',
    missing ? (definition.missing ?? `missing required arguments: ${name}`) : valueMessage(short, name, issue),
    { place: (name === undefined ? undefined : contentPlaceOf(written, name)) ?? place },
  );
}

/** What Ansible says of a value, where playbooks look for it: of a choice, and of several arguments together. */
function valueMessage(module: string, name: string | undefined, issue: core.$ZodIssue): string {
  if (name === undefined) return issue.message;
  const { choices, got } = ('params' in issue ? issue.params : undefined) ?? {};
  if (Array.isArray(choices) && issue.path.length === 1)
    return `value of ${name} must be one of: ${choices.join(', ')}, got: ${got}`;
  // A sentence of Ansible's own stands for itself.
  return issue.message.startsWith('expected') ? `${module}: "${name}": ${issue.message}` : issue.message;
}

/** `ansible.builtin.apt` -> `apt`. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function moduleNames(definition: TaskDefinition): string[] {
  return [shortName(definition.name), definition.name, ...(definition.aliases ?? [])];
}
