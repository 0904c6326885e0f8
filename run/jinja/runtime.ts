import type { LookupContext } from './lookups/context.ts';
import type { Caller, Keywords } from './values/types.ts';

/**
 * What names resolve to. `resolve` returns `undefined` when a name is not defined, and may throw anything: what it
 * throws passes through the evaluator untouched. A name is resolved only when it is really evaluated.
 */
export interface Scope {
  resolve(name: string): unknown;
  /** All names, for `lookup('varnames')`. */
  names?(): Iterable<string>;
}

/** Services of the host. */
export interface Environment {
  /** Takes the place of the built-in lookups. */
  lookup?(plugin: string, terms: unknown[], options: Record<string, unknown>, wantList: boolean): unknown;
  /** What the built-in lookups need. Without it lookups that touch files or variables are refused. */
  lookups?: LookupContext;
  /** For include, import and extends: a template's text, `undefined` when there is none of that name. */
  loadTemplate?(name: string, from: string | undefined): { source: string; file: string } | undefined;
  now?(): Date;
  strictUndefined?: true;
}

/** The running template, as filters, tests, globals and lookups see it. */
export interface Runtime extends Caller {
  readonly env: Environment;
  readonly scope: Scope;
  readonly autoescape: boolean;
  filter(name: string, value: unknown, args: unknown[], kwargs: Keywords): unknown;
  test(name: string, value: unknown, args: unknown[], kwargs: Keywords): boolean;
  isTest(name: string): boolean;
  /** Renders another template's text with the same variables and more. */
  renderText(source: string, options: TextOptions): string;
}

export interface TextOptions {
  file?: string;
  variables?: Keywords;
  variableStart?: string;
  variableEnd?: string;
  commentStart?: string;
  commentEnd?: string;
}
