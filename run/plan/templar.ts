import path from 'node:path';
import { LamplighterError, nearest, type Place } from '../errors.ts';
import { JinjaError } from '../jinja/errors.ts';
import type { Environment } from '../jinja/runtime.ts';
import { compileExpression, compileTemplate, type Template } from '../jinja/template.ts';
import { truthy } from '../jinja/values/truth.ts';
import type { Condition, Raw } from '../playbook/model.ts';
import { contentPlaceOf } from '../playbook/places.ts';
import { isDecrypted } from '../playbook/source.ts';
import { UnsafeText, VaultText } from '../playbook/yaml-values.ts';
import type { Evaluate, VariableScope } from './scope.ts';

const MARKERS = /\{[{%#]/;

/**
 * Evaluates what a playbook says: strings with templates, conditions, whole structures. Compiles each text once for the
 * run; knows nothing of hosts: those come as scopes.
 */
export class Templar {
  private readonly templates = new Map<string, Template>();
  private readonly expressions = new Map<string, Template>();
  /** How scopes made of this templar's values evaluate them. */
  readonly evaluate: Evaluate = (value, scope) => this.value(value, scope as VariableScope);
  /** The services (lookups, includes) that templates may call, for one scope; includes are looked for in `directory` first. */
  readonly environmentOf: (scope: VariableScope, directory?: string, taskDir?: string) => Environment;

  constructor(environmentOf: Templar['environmentOf']) {
    this.environmentOf = environmentOf;
  }

  /**
   * The value with every template in it rendered; a template that is one `{{ expression }}` keeps its type.
   * @throws LamplighterError UNDEFINED_VARIABLE, TEMPLATE_ERROR, TEMPLATE_SYNTAX; signals of the scope
   */
  value(value: Raw, scope: VariableScope, place?: Place): unknown {
    if (typeof value === 'string') return MARKERS.test(value) ? this.render(value, scope, place) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof UnsafeText) return value.text;
    if (value instanceof VaultText) {
      const text = value.reveal();
      return MARKERS.test(text) ? this.render(text, scope, place, 'hidden') : text;
    }
    if (Array.isArray(value))
      return isPlainText(value)
        ? value
        : value.map((each, i) => this.value(each, scope, contentPlaceOf(value, i) ?? place));
    if (value instanceof Map)
      return new Map([...value].map(([key, each]) => [this.value(key, scope, place), this.value(each, scope, place)]));
    if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return value;
    const result: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) {
      const name = MARKERS.test(key) ? String(this.render(key, scope, place)) : key;
      result[name] = this.value(each, scope, contentPlaceOf(value, key) ?? place);
    }
    return result;
  }

  /** The value of a bare expression, as in `when`. */
  expression(text: string, scope: VariableScope, place?: Place): unknown {
    return this.guarded(scope, place, () => {
      return this.compiledExpression(text).render(scope, this.environmentFor(scope, place));
    });
  }

  /** Python's truth of a condition; one written with braces is rendered first, as Ansible does. */
  condition(condition: Condition, scope: VariableScope): boolean {
    const { expression, place } = condition;
    if (typeof expression === 'boolean') return expression;
    if (!MARKERS.test(expression)) return truthy(this.expression(expression, scope, place));
    const rendered = this.value(expression, scope, place);
    return typeof rendered === 'string' ? truthy(this.expression(rendered, scope, place)) : truthy(rendered);
  }

  /** The first condition of a list that does not hold, or undefined when all hold. */
  firstFalse(conditions: readonly Condition[], scope: VariableScope): Condition | undefined {
    return conditions.find((condition) => !this.condition(condition, scope));
  }

  /** The compiled form of a bare expression, for those who walk its tree. */
  compiledExpression(text: string): Template {
    let compiled = this.expressions.get(text);
    if (!compiled) {
      compiled = compileExpression(text);
      this.expressions.set(text, compiled);
    }
    return compiled;
  }

  /** The compiled form of a text with templates in it. */
  compiledText(text: string): Template {
    let compiled = this.templates.get(text);
    if (!compiled) {
      compiled = compileTemplate(text);
      this.templates.set(text, compiled);
    }
    return compiled;
  }

  private render(text: string, scope: VariableScope, place: Place | undefined, hidden?: 'hidden'): unknown {
    const render = (): unknown => this.compiledText(text).render(scope, this.environmentFor(scope, place));
    return this.guarded(scope, place, render, hidden ? undefined : text);
  }

  /** Lookups also look beside the file that a task is written in. */
  private environmentFor(scope: VariableScope, place: Place | undefined): Environment {
    return this.environmentOf(scope, undefined, place && path.dirname(place.file));
  }

  private guarded<T>(scope: VariableScope, place: Place | undefined, evaluate: () => T, text?: string): T {
    try {
      return evaluate();
    } catch (error) {
      throw error instanceof JinjaError ? templateError(error, place, scope, text) : error;
    }
  }
}

/** A template's error as ours, at its place in the playbook, with the nearest known variable for an undefined one. */
export function templateError(
  error: JinjaError,
  place: Place | undefined,
  scope?: VariableScope,
  text?: string,
): LamplighterError {
  const code =
    error.kind === 'syntax' ? 'TEMPLATE_SYNTAX' : error.kind === 'undefined' ? 'UNDEFINED_VARIABLE' : 'TEMPLATE_ERROR';
  let hint = error.hint;
  if (!hint && error.kind === 'undefined' && error.variable && scope) {
    const near = nearest(error.variable, scope.names());
    if (near) hint = `did you mean "${near}"?`;
  }
  // The result of a task shows the task's place; what went wrong in a template file needs that file's.
  const inFile = error.file !== undefined && error.file !== place?.file;
  const message = inFile
    ? `${error.message}, at ${path.relative('', error.file!)}:${error.line}:${error.column}`
    : error.message;
  const at = errorPlace(error, place);
  // In a file of its own the line says it all; in a playbook the expression is what a person looks for.
  const shown = inFile || text === undefined ? undefined : shownExpression(text, place);
  if (shown !== undefined) hint = [`in ${shown}${shownPlace(at)}`, hint].filter(Boolean).join('\n');
  return new LamplighterError(code, message, { place: at, hint, cause: error });
}

const MOST_SHOWN = 100;

/** The text in one line. What was decrypted, or may have been, is shown word for word or not at all: no other form is masked. */
function shownExpression(text: string, place: Place | undefined): string | undefined {
  const line = text.replace(/\s+/g, ' ').trim();
  const shown = line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN)}…` : line;
  const mayBeSecret = place === undefined || isDecrypted(place);
  return mayBeSecret && shown !== text.trim() ? undefined : shown;
}

function shownPlace(place: Place | undefined): string {
  return place === undefined ? '' : `, ${path.relative('', place.file)}:${place.line}`;
}

function errorPlace(error: JinjaError, place: Place | undefined): Place | undefined {
  if (error.file) return { file: error.file, line: error.line, column: error.column };
  if (!place || error.line <= 1) return place;
  return { file: place.file, line: place.line + error.line - 1, column: error.column };
}

/** Long lists of plain texts (package names) need no copy. */
function isPlainText(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string' && !MARKERS.test(value));
}
