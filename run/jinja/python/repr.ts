import { dictEntries } from '../values/dict.ts';
import { isDict } from '../values/kinds.ts';
import { Absent, DictView, Float, Markup, PyObject, Tuple, Undefined } from '../values/types.ts';

/** Python's `str(value)`. Throws for an undefined value. */
export function pyString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyObject) return value.str();
  if (value instanceof Absent) return '';
  return pyRepr(value);
}

/** Python's `repr(value)`. Throws when something undefined is inside. */
export function pyRepr(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatRepr(value);
    case 'function':
      return `<function ${value.name || '<lambda>'}>`;
    default:
      return value === null || value === undefined ? 'None' : objectRepr(value);
  }
}

function objectRepr(value: object): string {
  if (value instanceof Tuple) return value.length === 1 ? `(${pyRepr(value[0])},)` : `(${listed(value)})`;
  if (value instanceof DictView) return `${value.viewName}([${listed(value)}])`;
  if (Array.isArray(value)) return `[${listed(value)}]`;
  if (value instanceof Float) return floatRepr(value.value);
  if (value instanceof Markup) return `Markup(${quoted(value.text)})`;
  if (value instanceof Absent) return 'Undefined';
  if (value instanceof Undefined) throw value.error();
  if (value instanceof PyObject) return value.repr();
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${listed([...value])}}`;
  if (value instanceof Uint8Array) return bytesRepr(value);
  if (!isDict(value)) return `<${value.constructor?.name ?? 'object'} object>`;
  const items = dictEntries(value).map(([key, item]) => `${pyRepr(key)}: ${pyRepr(item)}`);
  return `{${items.join(', ')}}`;
}

function listed(items: unknown[]): string {
  let out = '';
  for (let index = 0; index < items.length; index++) out += (index ? ', ' : '') + pyRepr(items[index]);
  return out;
}

/** Python's shortest text of a float, which switches to an exponent at other places than JS. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const negative = mantissa.startsWith('-');
  const digits = mantissa.replace(/[-.]/g, '');
  const text =
    exponent < 0
      ? `0.${'0'.repeat(-exponent - 1)}${digits}`
      : `${digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')}.${digits.slice(exponent + 1) || '0'}`;
  return negative ? `-${text}` : text;
}

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** What Python's `str.isprintable` refuses: controls, surrogates, unassigned, separators other than the space. */
const unprintable = /[\p{C}\p{Z}\\](?<! )/gu;

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = text;
  if (/[^\x20-\x5b\x5d-\x7e]/.test(text)) {
    body = text.replace(unprintable, (character) => escapes[character] ?? escapeCodePoint(character.codePointAt(0)!));
  }
  if (quote === "'" && body.includes("'")) body = body.replaceAll("'", "\\'");
  return quote + body + quote;
}

function escapeCodePoint(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function bytesRepr(bytes: Uint8Array): string {
  let body = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (escapes[character]) body += escapes[character];
    else body += byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  const quote = body.includes("'") && !body.includes('"') ? '"' : "'";
  return `b${quote}${quote === "'" ? body.replaceAll("'", "\\'") : body}${quote}`;
}
