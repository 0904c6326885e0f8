import { typeError } from '../errors.ts';
import { equal } from '../values/compare.ts';
import { iterate } from '../values/iterate.ts';
import { type Caller, type Keywords, NativeFunction, PyObject, Tuple, Undefined } from '../values/types.ts';

const unset = Symbol('unset');

/** Jinja2's `loop` variable. */
export class Loop extends PyObject {
  readonly typeName = 'LoopContext';
  index0 = 0;
  private readonly items: readonly unknown[];
  private readonly depth0: number;
  private readonly recurse: ((items: unknown[], depth0: number) => unknown) | undefined;
  private last: unknown = unset;

  constructor(
    items: readonly unknown[],
    depth0: number,
    recurse: ((items: unknown[], depth0: number) => unknown) | undefined,
  ) {
    super();
    this.items = items;
    this.depth0 = depth0;
    this.recurse = recurse;
  }

  override repr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.items.length}>`;
  }

  override attribute(name: string): unknown {
    const { index0, items } = this;
    switch (name) {
      case 'index':
        return index0 + 1;
      case 'index0':
        return index0;
      case 'revindex':
        return items.length - index0;
      case 'revindex0':
        return items.length - index0 - 1;
      case 'first':
        return index0 === 0;
      case 'last':
        return index0 === items.length - 1;
      case 'length':
        return items.length;
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return index0 > 0 ? items[index0 - 1] : new Undefined('there is no previous item');
      case 'nextitem':
        return index0 + 1 < items.length ? items[index0 + 1] : new Undefined('there is no next item');
      case 'cycle':
        return new NativeFunction('cycle', (args) => this.cycle(args));
      case 'changed':
        return new NativeFunction('changed', (args) => this.changed(Tuple.make(args)));
      default:
        return undefined;
    }
  }

  private cycle(args: unknown[]): unknown {
    if (args.length === 0) throw typeError('no items for cycling given');
    return args[this.index0 % args.length];
  }

  private changed(value: unknown): boolean {
    if (this.last !== unset && equal(this.last, value)) return false;
    this.last = value;
    return true;
  }

  override get callable(): boolean {
    return true;
  }

  override call(_caller: Caller, args: unknown[], _kwargs: Keywords): unknown {
    if (!this.recurse) {
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    }
    return this.recurse(iterate(args[0]), this.depth0 + 1);
  }
}
