import { LamplighterError } from '../errors.ts';
import { JinjaError } from '../jinja/errors.ts';
import type { Scope } from '../jinja/runtime.ts';
import { Undefined } from '../jinja/values/types.ts';
import { Placeholder } from './signals.ts';

/** One level of variables. Strongest first in a scope; `raw` values may hold templates, the others never do. */
export interface Layer {
  raw: boolean;
  /** The mapping behind it, for those who ask where a value was written. */
  readonly container?: Record<string, unknown>;
  get(name: string): unknown;
  names(): Iterable<string>;
}

/** Evaluates a raw value found in a layer; given by the templar, which in turn resolves names by the scope. */
export type Evaluate = (value: unknown, scope: Scope) => unknown;

/** A class, since each task of each host has a dozen: closures would cost more. */
class Values implements Layer {
  readonly raw: boolean;
  readonly container: Record<string, unknown>;

  constructor(values: Record<string, unknown>, raw: boolean) {
    this.container = values;
    this.raw = raw;
  }

  get(name: string): unknown {
    return Object.hasOwn(this.container, name) ? this.container[name] : undefined;
  }

  names(): Iterable<string> {
    return Object.keys(this.container);
  }
}

/** A layer over a plain mapping. */
export function layer(values: Record<string, unknown>, raw: boolean): Layer {
  return new Values(values, raw);
}

/**
 * The variables that one task sees on one host, by Ansible's precedence; each is templated when it is first asked for
 * and kept for the life of the scope.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_variables.html#understanding-variable-precedence
 */
export class VariableScope implements Scope {
  readonly layers: readonly Layer[];
  protected readonly evaluate: Evaluate;
  private readonly known = new Map<string, unknown>();
  private readonly underWay: string[] = [];

  constructor(layers: readonly Layer[], evaluate: Evaluate) {
    this.layers = layers;
    this.evaluate = evaluate;
  }

  /**
   * A variable for a template. One whose own template needs what is not defined counts as undefined itself and fails when
   * it is used, so that `is defined` and `default` see through it, as in Ansible.
   * @throws Pending, Unknown (signals), LamplighterError RECURSIVE_VARIABLE
   */
  resolve(name: string): unknown {
    try {
      return this.value(name);
    } catch (error) {
      if (!(error instanceof LamplighterError) || error.code !== 'UNDEFINED_VARIABLE') throw error;
      return new Undefined(error.message, error.cause instanceof JinjaError ? error.cause.variable : undefined);
    }
  }

  /** A variable for the runner itself. @throws as `resolve`, and LamplighterError UNDEFINED_VARIABLE */
  value(name: string): unknown {
    if (this.known.has(name)) return this.known.get(name);
    const value = this.find(name);
    this.known.set(name, value);
    return value;
  }

  /** The same variables with more on top (loop items, a task's own result). */
  with(values: Record<string, unknown>): VariableScope {
    return new VariableScope([layer(values, false), ...this.layers], this.evaluate);
  }

  /** Every name that some layer defines. */
  names(): Set<string> {
    const all = new Set<string>();
    for (const each of this.layers) for (const name of each.names()) all.add(name);
    return all;
  }

  private find(name: string): unknown {
    for (const each of this.layers) {
      const value = each.get(name);
      if (value === undefined) continue;
      if (value instanceof Placeholder) throw value.signal;
      return each.raw ? this.evaluated(name, value) : value;
    }
    return undefined;
  }

  private evaluated(name: string, value: unknown): unknown {
    if (this.underWay.includes(name)) {
      const cycle = [...this.underWay.slice(this.underWay.indexOf(name)), name].join(' -> ');
      throw new LamplighterError('RECURSIVE_VARIABLE', `recursive loop detected in template: ${cycle}`, {
        hint: 'a variable may not be defined by itself; use another name',
      });
    }
    this.underWay.push(name);
    try {
      return this.evaluate(value, this);
    } finally {
      this.underWay.pop();
    }
  }
}
