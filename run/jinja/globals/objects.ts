import { typeError } from '../errors.ts';
import { pairs } from '../python/methods-dict.ts';
import { pyRepr } from '../python/repr.ts';
import { makeDict } from '../values/dict.ts';
import { type Caller, type Keywords, NativeFunction, PyObject } from '../values/types.ts';

/** Jinja2's `namespace()`: the one object whose attributes `{% set %}` can change. */
export class Namespace extends PyObject {
  readonly typeName = 'Namespace';
  private readonly values: Map<string, unknown>;

  constructor(args: unknown[], kwargs: Keywords) {
    super();
    const given = args.flatMap((arg) => pairs(arg)) as [string, unknown][];
    this.values = new Map([...given, ...Object.entries(kwargs)]);
  }

  override repr(): string {
    return `<Namespace ${pyRepr(makeDict(this.values))}>`;
  }
  override attribute(name: string): unknown {
    return this.values.get(name);
  }
  override item(key: unknown): unknown {
    return this.values.get(String(key));
  }
  override setAttribute(name: string, value: unknown): boolean {
    this.values.set(name, value);
    return true;
  }
}

/** Jinja2's `cycler()`. */
export class Cycler extends PyObject {
  readonly typeName = 'Cycler';
  private readonly items: unknown[];
  private at = 0;

  constructor(items: unknown[]) {
    super();
    if (items.length === 0) throw typeError('at least one item has to be provided');
    this.items = items;
  }

  override attribute(name: string): unknown {
    if (name === 'current') return this.items[this.at];
    if (name === 'reset') {
      return new NativeFunction('reset', () => {
        this.at = 0;
        return null;
      });
    }
    return name === 'next' || name === '__next__' ? new NativeFunction('next', () => this.next()) : undefined;
  }

  private next(): unknown {
    const item = this.items[this.at];
    this.at = (this.at + 1) % this.items.length;
    return item;
  }
}

/** Jinja2's `joiner()`: nothing the first time it is called, then the separator. */
export class Joiner extends PyObject {
  readonly typeName = 'Joiner';
  private readonly separator: unknown;
  private used = false;

  constructor(separator: unknown) {
    super();
    this.separator = separator;
  }

  override get callable(): boolean {
    return true;
  }
  override call(_caller: Caller, _args: unknown[], _kwargs: Keywords): unknown {
    if (this.used) return this.separator;
    this.used = true;
    return '';
  }
}
