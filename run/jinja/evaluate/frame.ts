import type { Position } from '../errors.ts';
import type { Runtime, Scope } from '../runtime.ts';
import type { Source } from '../source.ts';
import { Undefined } from '../values/types.ts';
import type { Out } from './out.ts';

/** Local variables: of the template, of a loop's round, of a macro's call. */
export class Frame {
  readonly render: Render;
  readonly parent: Frame | undefined;
  private values: Map<string, unknown> | undefined;

  constructor(render: Render, parent: Frame | undefined) {
    this.render = render;
    this.parent = parent;
  }

  set(name: string, value: unknown): void {
    this.values ??= new Map();
    this.values.set(name, value);
  }

  /** The value of a local variable of this frame or one around it, `undefined` when there is none. */
  find(name: string): unknown {
    for (let frame: Frame | undefined = this; frame; frame = frame.parent) {
      const value = frame.values?.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  entries(): Iterable<[string, unknown]> {
    return this.values ?? [];
  }
}

/** What a compiled part of a template did: went on, or met a `break` or a `continue`. */
export type Signal = 0 | 1 | 2;
export const goOn = 0;
export const broke = 1;
export const continued = 2;

export type Evaluate = (frame: Frame) => unknown;
export type Execute = (frame: Frame, out: Out) => Signal;

/** A `{% block %}` and the template it comes from. */
export interface BlockCode {
  readonly name: string;
  readonly scoped: boolean;
  readonly required: boolean;
  readonly execute: Execute;
  readonly position: () => Position;
}

/** A compiled template. */
export interface Code {
  readonly source: Source;
  readonly execute: Execute;
  readonly blocks: readonly BlockCode[];
}

/** One rendering of one template, with those it extends. */
export interface Render extends Runtime {
  readonly scope: Scope;
  /** Whether strings inside `{{ }}` keep their backslashes. */
  readonly rawStrings: boolean;
  autoescape: boolean;
  /** All definitions of each block, the one to show first. */
  readonly blocks: Map<string, BlockCode[]>;
  /** The template's own variables, which blocks and importing templates see. */
  top: Frame;
  /** Set by `{% extends %}`: what will be rendered in this template's place. */
  extended: Code | undefined;
  /** Text that stops being text when Ansible takes it for a list, a dict or a boolean. */
  concat(text: string): unknown;
  global(name: string): unknown;
  load(name: unknown, from: Source): Code | undefined;
  /** A rendering of an included or imported template; `around` is where its variables come from. */
  nested(scope: Scope): Render;
}

/** A scope made of the variables visible at a place in a template. */
export function scopeOf(frame: Frame): Scope {
  const { scope } = frame.render;
  return {
    resolve: (name) => frame.find(name) ?? scope.resolve(name),
    names: () => scope.names?.() ?? [],
  };
}

export function undefinedName(name: string, position: () => Position): Undefined {
  return new Undefined(`'${name}' is undefined`, name, position);
}
