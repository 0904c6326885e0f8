import { typeError } from '../errors.ts';
import { pythonOrder } from '../values/compare.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict, isFloat, isInt, isText, typeName } from '../values/kinds.ts';
import { Float, PyObject, Undefined } from '../values/types.ts';
import { floatRepr } from './repr.ts';

export interface JsonOptions {
  /** Blanks, or the text, of one level. */
  readonly indent?: number | string;
  readonly sortKeys?: boolean;
  readonly itemSeparator?: string;
  readonly keySeparator?: string;
  readonly ensureAscii?: boolean;
  readonly allowNan?: boolean;
}

/** Python's `json.dumps`, with Ansible's way to write dates. */
export function dumpJson(value: unknown, options: JsonOptions = {}): string {
  const { indent } = options;
  const unit = typeof indent === 'number' ? ' '.repeat(indent) : indent;
  return new JsonWriter(options, unit).write(value, '');
}

class JsonWriter {
  private readonly options: JsonOptions;
  private readonly unit: string | undefined;
  private readonly item: string;
  private readonly key: string;

  constructor(options: JsonOptions, unit: string | undefined) {
    this.options = options;
    this.unit = unit;
    this.item = options.itemSeparator ?? (unit === undefined ? ', ' : ',');
    this.key = options.keySeparator ?? ': ';
  }

  write(value: unknown, indent: string): string {
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'boolean') return String(value);
    if (isText(value)) return this.text(String(value));
    if (isInt(value)) return String(value);
    if (isFloat(value)) return this.float(value instanceof Float ? value.value : value);
    if (value instanceof Undefined) throw value.error();
    if (Array.isArray(value)) return this.enclosed('[', ']', value, indent, (item, inner) => this.write(item, inner));
    if (isDict(value)) return this.object(value, indent);
    if (value instanceof PyObject) {
      const text = value.operate('json', undefined, false);
      if (typeof text === 'string') return this.text(text);
    }
    throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
  }

  private object(value: Parameters<typeof dictEntries>[0], indent: string): string {
    let entries = dictEntries(value);
    if (this.options.sortKeys) entries = entries.toSorted(([a], [b]) => pythonOrder(a, b));
    return this.enclosed(
      '{',
      '}',
      entries,
      indent,
      ([key, item], inner) => `${this.name(key)}${this.key}${this.write(item, inner)}`,
    );
  }

  private enclosed<Item>(
    open: string,
    close: string,
    items: Item[],
    indent: string,
    write: (item: Item, inner: string) => string,
  ): string {
    if (items.length === 0) return open + close;
    if (this.unit === undefined) return open + items.map((item) => write(item, '')).join(this.item) + close;
    const inner = indent + this.unit;
    const lines = items.map((item) => `\n${inner}${write(item, inner)}`);
    return `${open}${lines.join(this.item)}\n${indent}${close}`;
  }

  private name(key: unknown): string {
    if (isText(key)) return this.text(String(key));
    if (key === null) return '"null"';
    if (typeof key === 'boolean' || isInt(key)) return `"${key}"`;
    if (isFloat(key)) return `"${this.float(key instanceof Float ? key.value : key)}"`;
    throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
  }

  private float(value: number): string {
    if (Number.isFinite(value)) return floatRepr(value);
    return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
  }

  private text(text: string): string {
    const quoted = JSON.stringify(text);
    if (this.options.ensureAscii === false) return quoted;
    return quoted.replace(/[\x7f-\uffff]/g, (unit) => {
      const code = unit.charCodeAt(0);
      return code === 0x7f ? unit : `\\u${code.toString(16).padStart(4, '0')}`;
    });
  }
}
