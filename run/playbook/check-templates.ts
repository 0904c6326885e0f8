import type { Place } from '../errors.ts';
import { JinjaError } from '../jinja/errors.ts';
import { compileExpression, compileTemplate } from '../jinja/template.ts';
import { failure } from './fail.ts';
import { isTemplate } from './mapping.ts';
import type { Condition, SharedKeywords, TaskNode } from './model.ts';
import { contentPlaceOf } from './places.ts';
import { SourceText, sourceLineOf } from './source.ts';

/** Arguments that are expressions, without braces. */
const EXPRESSIONS: Record<string, string[]> = { assert: ['that'], debug: ['var'] };

/** Compiles everything in a task that is a template or an expression. @throws LamplighterError TEMPLATE_SYNTAX */
export function checkTaskTemplates(task: TaskNode): void {
  const expressions = EXPRESSIONS[task.module] ?? [];
  for (const [name, value] of Object.entries(task.args)) {
    const place = contentPlaceOf(task.args, name) ?? task.place;
    if (expressions.includes(name)) checkExpressions(value, place);
    else checkTemplates(value, place);
  }
  checkTemplates(task.argsTemplate, task.place);
  for (const value of [task.retries, task.delay, task.async, task.poll, task.notify]) checkTemplates(value, task.place);
  if (task.loop) {
    checkTemplates(task.loop.value, task.loop.place);
    checkTemplates(task.loop.control.label, task.loop.place);
    checkTemplates(task.loop.control.pause, task.loop.place);
  }
  for (const conditions of [task.until, task.changedWhen, task.failedWhen]) checkConditions(conditions);
  checkSharedTemplates(task, task.place);
}

/** The same for the keywords of a play, a block, an import or a role. */
export function checkSharedTemplates(node: SharedKeywords, place: Place): void {
  for (const [field, value] of Object.entries(node)) {
    if (field === 'when') checkConditions(node.when);
    else if (SHARED_FIELDS.has(field)) checkTemplates(value, place);
  }
}

const SHARED_FIELDS = new Set(
  `name tags vars environment become becomeUser becomeMethod becomeFlags becomeExe noLog ignoreErrors ignoreUnreachable
  checkMode diff anyErrorsFatal runOnce delegateTo delegateFacts throttle timeout connection remoteUser port moduleDefaults`.split(
    /\s+/,
  ),
);

/** Compiles every template in a value, deeply. @throws LamplighterError TEMPLATE_SYNTAX at the template's place */
export function checkTemplates(value: unknown, place: Place): void {
  if (typeof value === 'string') {
    if (isTemplate(value)) compiled(value, place, compileTemplate);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkTemplates(item, contentPlaceOf(value, index) ?? place);
  } else if (value instanceof Map) {
    for (const [key, item] of value) checkTemplates(item, contentPlaceOf(value, key) ?? place);
  } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) {
      checkTemplates(key, place);
      checkTemplates(item, contentPlaceOf(value, key) ?? place);
    }
  }
}

/** Warns, as Ansible does, of conditions that hold braces: they are expressions already. */
export function warnOfBraces(
  conditions: readonly Condition[] | undefined,
  warn: (message: string, place: Place) => void,
): void {
  for (const { expression, place } of conditions ?? [])
    if (isTemplate(expression))
      warn(
        `conditional statements should not include jinja2 templating delimiters such as {{ }} or {% %}. Found: ${expression}`,
        place,
      );
}

function checkConditions(conditions: readonly Condition[] | undefined): void {
  for (const { expression, place } of conditions ?? [])
    if (typeof expression === 'string') checkExpression(expression, place);
}

function checkExpressions(value: unknown, place: Place): void {
  if (typeof value === 'string') checkExpression(value, place);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkExpressions(item, contentPlaceOf(value, index) ?? place);
}

/** A condition that (against the rules) holds a template is one, as far as its syntax goes. */
function checkExpression(text: string, place: Place): void {
  compiled(text, place, isTemplate(text) ? compileTemplate : compileExpression);
}

function compiled(text: string, place: Place, compile: typeof compileTemplate): void {
  try {
    compile(text, { file: place.file, line: place.line, column: place.column });
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
    const at: Place = error.line > 0 ? { file: place.file, line: error.line, column: error.column } : place;
    const onFirstLine = at.line === place.line;
    throw failure('TEMPLATE_SYNTAX', error.message, onFirstLine ? near(place, at) : at, {
      hint: error.hint,
      cause: error,
    });
  }
}

/** The same place with the source text of `known`. */
function near(known: Place, at: Place): Place {
  const line = sourceLineOf(known);
  if (line === undefined) return at;
  return new SourceText(at.file, '\n'.repeat(at.line - 1) + line).place(at.line, at.column);
}
