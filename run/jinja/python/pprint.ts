import { pythonOrder } from '../values/compare.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict, isSequence, typeName } from '../values/kinds.ts';
import { Tuple } from '../values/types.ts';
import { pyRepr } from './repr.ts';

const width = 80;

/** Python's `pprint.pformat`: keys sorted, and one item a line where a line would be longer than 80 columns. */
export function prettyPrint(value: unknown): string {
  return format(value, 0, 1);
}

/** `indent` is where the value starts; `allowance` the room that closing brackets behind it take. */
function format(value: unknown, indent: number, allowance: number): string {
  const line = oneLine(value);
  if (line.length <= width - indent - allowance) return line;
  if (isDict(value)) {
    const entries = sorted(dictEntries(value));
    return enclosed('{', '}', entries, indent, allowance, ([key, item], at, room) => {
      const head = `${pyRepr(key)}: `;
      return head + format(item, at + head.length, room);
    });
  }
  if (isSequence(value) && value.length > 0) {
    const [open, close] = value instanceof Tuple ? ['(', value.length === 1 ? ',)' : ')'] : ['[', ']'];
    return enclosed(open!, close!, value, indent, allowance, format);
  }
  return line;
}

function enclosed<Item>(
  open: string,
  close: string,
  items: readonly Item[],
  indent: number,
  allowance: number,
  write: (item: Item, indent: number, allowance: number) => string,
): string {
  const inner = indent + 1;
  const parts = items.map((item, index) => write(item, inner, index === items.length - 1 ? allowance + 1 : 1));
  return open + parts.join(`,\n${' '.repeat(inner)}`) + close;
}

function sorted(entries: [unknown, unknown][]): [unknown, unknown][] {
  return entries.toSorted(([a], [b]) => orderOfKeys(a, b));
}

/** Keys without an order among each other go by the name of their type. */
function orderOfKeys(a: unknown, b: unknown): number {
  try {
    return pythonOrder(a, b);
  } catch {
    return typeName(a) < typeName(b) ? -1 : Number(typeName(a) > typeName(b));
  }
}

function oneLine(value: unknown): string {
  if (isDict(value)) {
    return `{${sorted(dictEntries(value))
      .map(([key, item]) => `${pyRepr(key)}: ${oneLine(item)}`)
      .join(', ')}}`;
  }
  if (!isSequence(value)) return pyRepr(value);
  const items = value.map(oneLine).join(', ');
  if (!(value instanceof Tuple)) return `[${items}]`;
  return value.length === 1 ? `(${items},)` : `(${items})`;
}
