import type { ZodType } from 'zod';
import { correction, nearest, type Place } from '../errors.ts';
import { toPlain } from '../jinja/values/plain.ts';
import type { TaskDefinition } from '../task.ts';
import type { WarningCode } from './context.ts';
import { didYouMean, failure, type Report } from './fail.ts';
import type { Here } from './here.ts';
import { holdsTemplate } from './mapping.ts';
import type { Raw, TaskNode } from './model.ts';
import { contentPlaceOf, keyPlaceOf } from './places.ts';
import { argumentNames, canonicalName, type Fields, fieldsOf, isNotGiven } from './schema.ts';
import { mayBeLacking } from './shared.ts';
import { UnsafeText, VaultText } from './yaml-values.ts';

/**
 * Checks what can be known of a task's arguments before any host is: their names, the values that hold no template, and
 * that none is missing.
 * @throws LamplighterError UNKNOWN_ARGUMENT, UNSUPPORTED_ARGUMENT, BAD_ARGUMENT, MISSING_ARGUMENT
 */
export function checkArguments(task: TaskNode, definition: TaskDefinition, here: Here): void {
  const fields = fieldsOf(definition.args);
  if (!fields) return;
  const report = listener(task, here);
  const given = checkNames(task, definition, fields, here, report);
  const values: Record<string, unknown> = {};
  let complete = task.argsTemplate === undefined && given.size === Object.keys(task.args).length;
  for (const [argument, written] of given) {
    const value = task.args[written];
    if (isNotGiven(fields, argument, value)) continue;
    if (isLate(value) || holdsTemplate(written)) {
      complete = false;
      continue;
    }
    values[argument] = plain(value);
    const field = fields.shape[argument];
    const checked = field?.safeParse(values[argument]);
    if (checked) checkValue(task, argument, written, checked, report);
    if (checked?.success === false) complete = false;
  }
  if (task.argsTemplate !== undefined || hasDefaults(task, definition, here)) return;
  if (checkMissing(task, definition, fields, given, report)) return;
  // With every value at hand, what the schema says of several arguments together can be checked as well.
  if (complete) checkValue(task, undefined, undefined, definition.args.safeParse(values), report, given);
}

/** Whoever looks at the failure of a task may want it: tests of wrong arguments do. Then a mistake is a warning. */
function listener({ ignoreErrors, failedWhen }: TaskNode, { context: { report, warn } }: Here): Report {
  if ((ignoreErrors === undefined || ignoreErrors === false) && failedWhen === undefined) return report;
  return ({ message, hint, place, code }) => {
    const fails = 'a host that comes to this task fails';
    warn(`${message}: ${fails}${hint === undefined ? '' : `; ${hint}`}`, place, code as WarningCode);
  };
}

/** The names that are known -> as written. */
function checkNames(
  task: TaskNode,
  definition: TaskDefinition,
  fields: Fields,
  here: Here,
  report: Report,
): Map<string, string> {
  const { warn } = here.context;
  const given = new Map<string, string>();
  for (const name of Object.keys(task.args)) {
    const place = keyPlaceOf(task.args, name) ?? task.place;
    const argument = canonicalName(definition, name);
    const reason = definition.unsupported?.[name] ?? definition.unsupported?.[argument];
    if (reason !== undefined) {
      const message = `${task.module}: the argument "${name}" is not supported`;
      // Roles for many systems give such arguments to the others.
      if (here.lenient === true || mayBeLacking(task))
        warn(`${message}: a host that comes to this task fails; ${reason}`, place, 'UNSUPPORTED_ARGUMENT');
      else report(failure('UNSUPPORTED_ARGUMENT', message, place, { hint: reason }));
    } else if (!Object.hasOwn(fields.shape, argument) && !fields.open) {
      const known = argumentNames(definition);
      report(
        failure(
          'UNKNOWN_ARGUMENT',
          `${task.module} has no argument "${name}"${didYouMean(nearest(name, known))}`,
          place,
          {
            correction: correction(name, known),
          },
        ),
      );
    } else given.set(argument, name);
  }
  return given;
}

/** Whether an argument is missing. One that is misspelt may be the one: it is told once, as misspelt. */
function checkMissing(
  task: TaskNode,
  definition: TaskDefinition,
  fields: Fields,
  given: Map<string, string>,
  report: Report,
): boolean {
  if ((definition.args as { def?: { options?: unknown } }).def?.options) return false;
  if (given.size < Object.keys(task.args).length) return true;
  const missing = Object.entries(fields.shape).filter(
    ([argument, field]) => !given.has(argument) && !field.safeParse(undefined).success,
  );
  for (const [argument] of missing)
    report(failure('MISSING_ARGUMENT', `${task.module} needs the argument "${argument}"`, task.place));
  return missing.length > 0;
}

type Checked = ReturnType<ZodType['safeParse']>;

function checkValue(
  task: TaskNode,
  argument: string | undefined,
  written: string | undefined,
  checked: Checked,
  report: Report,
  given?: Map<string, string>,
): void {
  if (checked.success) return;
  // A misspelt key is why another one is missing.
  const issue = checked.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? checked.error.issues[0]!;
  const path = argument === undefined ? issue.path : [argument, ...issue.path];
  const [first, ...rest] = path;
  const name = written ?? (first === undefined ? undefined : given?.get(String(first)));
  const misspelt = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const place = (name === undefined ? undefined : placeIn(task.args, [name, ...rest], misspelt)) ?? task.place;
  const of = name === undefined ? '' : ` "${[name, ...rest].join('.')}":`;
  report(failure('BAD_ARGUMENT', `${task.module}:${of} ${issue.message}`, place));
}

/** The place of the innermost value on a path that still has one, or of a key in that. */
function placeIn(container: unknown, path: readonly PropertyKey[], ofKey?: string): Place | undefined {
  let place: Place | undefined;
  let at = container;
  for (const key of path) {
    place = contentPlaceOf(at, key) ?? place;
    at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  }
  const isObject = typeof at === 'object' && at !== null;
  return (ofKey !== undefined && isObject ? keyPlaceOf(at as object, ofKey) : undefined) ?? place;
}

/** Whether module_defaults may add arguments. */
function hasDefaults(task: TaskNode, definition: TaskDefinition, here: Here): boolean {
  const short = definition.name.slice(definition.name.lastIndexOf('.') + 1);
  const names = [task.moduleName, definition.name, short, ...(definition.aliases ?? [])];
  const all = [...here.moduleDefaults, ...(task.moduleDefaults ?? [])];
  return all.some((defaults) => names.some((name) => Object.hasOwn(defaults, name)));
}

function isLate(value: Raw): boolean {
  if (value instanceof VaultText) return true;
  if (Array.isArray(value)) return value.some(isLate);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.values(value).some(isLate) || holdsTemplate(value);
  return holdsTemplate(value);
}

function plain(value: unknown): unknown {
  if (value instanceof UnsafeText) return value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value instanceof Buffer ? value : toPlain(value);
}
