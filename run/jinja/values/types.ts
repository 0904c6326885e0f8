import { JinjaError, type Position } from '../errors.ts';

/** A Python float whose value is integral (`1.0`); every other float is a plain non-integral number. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  valueOf(): number {
    return this.value;
  }
}

/** A Python tuple. */
export class Tuple extends Array<unknown> {
  /** The names of the items, for a named tuple. */
  names: readonly string[] | undefined;
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  static make(items: Iterable<unknown>): Tuple {
    const tuple = new Tuple();
    for (const item of items) tuple.push(item);
    return tuple;
  }
}

/** What `dict.keys()`, `.values()` and `.items()` give: iterable, but without an order one can index. */
export class DictView extends Array<unknown> {
  viewName = 'dict_items';
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
  static make(viewName: string, items: Iterable<unknown>): DictView {
    const view = new DictView();
    view.viewName = viewName;
    for (const item of items) view.push(item);
    return view;
  }
}

/** Text that is known to be safe HTML. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/**
 * A mapping whose values are made when they are asked for, for hosts with expensive data (`hostvars`, `ansible_facts`).
 * `get` returns `undefined` for a key that is not there and may throw; such throws pass through the evaluator.
 */
export abstract class LazyMapping {
  abstract get(key: string): unknown;
  abstract keys(): Iterable<string>;
  has(key: string): boolean {
    for (const candidate of this.keys()) if (candidate === key) return true;
    return false;
  }
}

/**
 * A name, key or attribute without a value. Ansible's kind: attributes of it are itself, so that `default` and
 * `is defined` see through whole paths; any use of it throws, naming the first thing that was missing.
 */
export class Undefined {
  readonly message: string;
  readonly variable: string | undefined;
  private readonly locate: (() => Position) | undefined;
  constructor(message: string, variable?: string, locate?: () => Position) {
    this.message = message;
    this.variable = variable;
    this.locate = locate;
  }
  error(): JinjaError {
    return new JinjaError('undefined', this.message, { variable: this.variable, position: this.locate?.() });
  }
}

/** What an inline `if` without `else` gives when its condition is false: nothing, which prints, counts and tests as empty. */
export class Absent extends Undefined {}

/** What an operation may need from the running template. */
export interface Caller {
  call(callee: unknown, args: unknown[], kwargs: Keywords): unknown;
}

export type Keywords = Record<string, unknown>;
export const noKeywords: Keywords = Object.freeze(Object.create(null));

/** A Python object with behaviour of its own: a macro, a `cycler`, a `datetime`. Subclasses override what they support. */
export abstract class PyObject {
  abstract readonly typeName: string;
  repr(): string {
    return `<${this.typeName} object>`;
  }
  str(): string {
    return this.repr();
  }
  truthy(): boolean {
    return true;
  }
  /** `undefined` when there is no such attribute. */
  attribute(_name: string): unknown {
    return undefined;
  }
  item(_key: unknown): unknown {
    return undefined;
  }
  setAttribute(_name: string, _value: unknown): boolean {
    return false;
  }
  equals(other: unknown): boolean {
    return this === other;
  }
  /** Negative, zero or positive; `undefined` when the two have no order. */
  compare(_other: unknown): number | undefined {
    return undefined;
  }
  /** The result of `this <operator> other` (the other way round when `swapped`); `undefined` when not supported. */
  operate(_operator: string, _other: unknown, _swapped: boolean): unknown {
    return undefined;
  }
  iterate(): Iterable<unknown> | undefined {
    return undefined;
  }
  get callable(): boolean {
    return false;
  }
  call(_caller: Caller, _args: unknown[], _kwargs: Keywords): unknown {
    throw new JinjaError('runtime', `'${this.typeName}' object is not callable`, { pythonType: 'TypeError' });
  }
}

/** A Python function made by us. */
export class NativeFunction extends PyObject {
  readonly typeName: string = 'function';
  readonly name: string;
  private readonly implementation: (args: unknown[], kwargs: Keywords, caller: Caller) => unknown;
  constructor(name: string, implementation: (args: unknown[], kwargs: Keywords, caller: Caller) => unknown) {
    super();
    this.name = name;
    this.implementation = implementation;
  }
  override repr(): string {
    return `<function ${this.name}>`;
  }
  override get callable(): boolean {
    return true;
  }
  override call(caller: Caller, args: unknown[], kwargs: Keywords): unknown {
    return this.implementation(args, kwargs, caller);
  }
}
