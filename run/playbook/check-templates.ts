import type { Place } from '../errors.ts';
import { JinjaError } from '../jinja/errors.ts';
import { compileExpression, compileTemplate } from '../jinja/template.ts';
import type { LoadContext } from './context.ts';
import { failure } from './fail.ts';
import { isTemplate } from './mapping.ts';
import type { Condition, SharedKeywords, TaskNode } from './model.ts';
import { contentPlaceOf } from './places.ts';
import { SourceText, sourceLineOf } from './source.ts';

/** Who hears of templates and of mistakes in them. */
export type Listener = Pick<LoadContext, 'report' | 'seeTemplate'>;

/** For a task that may be skipped: a filter, test or lookup of a collection that is not here is a warning then. */
export function lenient({ report, warn, seeTemplate }: LoadContext): Listener {
  return {
    ...(seeTemplate ? { seeTemplate } : {}),
    report: (error) => {
      if (!/^no (?:filter|test|lookup) named '[^']*'$/.test(error.message)) return report(error);
      warn(`${error.message}: a host that comes to this task fails`, error.place, 'TEMPLATE_SYNTAX');
    },
  };
}

/** Arguments that are expressions, without braces. */
const EXPRESSIONS: Record<string, string[]> = { assert: ['that'], debug: ['var'] };

/** Compiles everything in a task that is a template or an expression. @throws LamplighterError TEMPLATE_SYNTAX */
export function checkTaskTemplates(task: TaskNode, to: Listener): void {
  const expressions = EXPRESSIONS[task.module] ?? [];
  for (const [name, value] of Object.entries(task.args)) {
    if (isPlain(value) && !expressions.includes(name)) continue;
    const place = contentPlaceOf(task.args, name) ?? task.place;
    if (expressions.includes(name)) checkExpressions(value, place, to);
    else checkTemplates(value, place, to);
  }
  checkTemplates(task.argsTemplate, task.place, to);
  for (const value of [task.retries, task.delay, task.async, task.poll, task.notify])
    checkTemplates(value, task.place, to);
  if (task.loop) {
    checkTemplates(task.loop.value, task.loop.place, to);
    checkTemplates(task.loop.control.label, task.loop.place, to);
    checkTemplates(task.loop.control.pause, task.loop.place, to);
  }
  for (const conditions of [task.until, task.changedWhen, task.failedWhen]) checkConditions(conditions, to);
  checkSharedTemplates(task, task.place, to);
}

/** The same for the keywords of a play, a block, an import or a role. */
export function checkSharedTemplates(node: SharedKeywords, place: Place, to: Listener): void {
  for (const [field, value] of Object.entries(node)) {
    if (field === 'when') checkConditions(node.when, to);
    else if (SHARED_FIELDS.has(field)) checkTemplates(value, place, to);
  }
}

const SHARED_FIELDS = new Set(
  `name tags vars environment become becomeUser becomeMethod becomeFlags becomeExe noLog ignoreErrors ignoreUnreachable
  checkMode diff anyErrorsFatal runOnce delegateTo delegateFacts throttle timeout connection remoteUser port moduleDefaults`.split(
    /\s+/,
  ),
);

/** Compiles every template in a value, deeply. @throws LamplighterError TEMPLATE_SYNTAX at the template's place */
export function checkTemplates(value: unknown, place: Place, to: Listener): void {
  if (typeof value === 'string') {
    if (isTemplate(value)) compiled(value, place, compileTemplate, to);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      if (!isPlain(item)) checkTemplates(item, contentPlaceOf(value, index) ?? place, to);
  } else if (value instanceof Map) {
    for (const [key, item] of value) checkTemplates(item, contentPlaceOf(value, key) ?? place, to);
  } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) {
      checkTemplates(key, place, to);
      if (!isPlain(item)) checkTemplates(item, contentPlaceOf(value, key) ?? place, to);
    }
  }
}

/** Whether nothing can be wrong with a value; its place need not be found then. */
function isPlain(value: unknown): boolean {
  return typeof value === 'string' ? !isTemplate(value) : typeof value !== 'object' || value === null;
}

/** Warns, as Ansible does, of conditions that hold braces: they are expressions already. */
export function warnOfBraces(conditions: readonly Condition[] | undefined, warn: LoadContext['warn']): void {
  for (const { expression, place } of conditions ?? [])
    if (isTemplate(expression))
      warn(
        `conditional statements should not include jinja2 templating delimiters such as {{ }} or {% %}. Found: ${expression}`,
        place,
        'BRACES_IN_CONDITION',
      );
}

function checkConditions(conditions: readonly Condition[] | undefined, to: Listener): void {
  for (const { expression, place } of conditions ?? [])
    if (typeof expression === 'string') checkExpression(expression, place, to);
}

function checkExpressions(value: unknown, place: Place, to: Listener): void {
  if (typeof value === 'string') checkExpression(value, place, to);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkExpressions(item, contentPlaceOf(value, index) ?? place, to);
}

/** A condition that (against the rules) holds a template is one, as far as its syntax goes. */
function checkExpression(text: string, place: Place, to: Listener): void {
  compiled(text, place, isTemplate(text) ? compileTemplate : compileExpression, to);
}

function compiled(text: string, place: Place, compile: typeof compileTemplate, to: Listener): void {
  try {
    const template = compile(text, { file: place.file, line: place.line, column: place.column });
    to.seeTemplate?.(template, place);
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
    const at: Place = error.line > 0 ? { file: place.file, line: error.line, column: error.column } : place;
    const onFirstLine = at.line === place.line;
    to.report(
      failure('TEMPLATE_SYNTAX', error.message, onFirstLine ? near(place, at) : at, { hint: error.hint, cause: error }),
    );
  }
}

/** The same place with the source text of `known`. */
function near(known: Place, at: Place): Place {
  const line = sourceLineOf(known);
  if (line === undefined) return at;
  return new SourceText(at.file, '\n'.repeat(at.line - 1) + line).place(at.line, at.column);
}
