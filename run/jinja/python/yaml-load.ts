import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { valueError } from '../errors.ts';
import { makeDict } from '../values/dict.ts';
import { makeFloat, makeInt } from './arithmetic.ts';

const yes = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const no = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const integer =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/;
const float =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.[\d][\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** What PyYAML makes of a plain scalar (YAML 1.1). Dates stay text, as templates have no use for them. */
export function resolvePlain(text: string): unknown {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (yes.test(text)) return true;
  if (no.test(text)) return false;
  if (integer.test(text)) return integerOf(text.replaceAll('_', ''));
  if (float.test(text)) return floatOf(text.replaceAll('_', '').toLowerCase());
  return text;
}

function integerOf(text: string): unknown {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  let value: bigint;
  if (digits.includes(':')) value = digits.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
  else if (/^0[0-7]+$/.test(digits)) value = BigInt(`0o${digits.slice(1)}`);
  else value = BigInt(digits);
  return makeInt(negative ? -value : value);
}

function floatOf(text: string): unknown {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  if (digits.includes(':'))
    return makeFloat(sign * digits.split(':').reduce((total, part) => total * 60 + Number(part), 0));
  return makeFloat(sign * Number(digits));
}

/** Reads one YAML document as PyYAML's safe loader does. Throws a `ValueError` with line and column. */
export function loadYaml(text: string): unknown {
  const documents = parse(text);
  if (documents.length > 1) throw valueError('expected a single document in the stream, but found another document');
  return documents[0] ?? null;
}

/** Reads all documents of a stream. */
export function loadYamlAll(text: string): unknown[] {
  return parse(text);
}

function parse(text: string): unknown[] {
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter, schema: 'failsafe', uniqueKeys: false, merge: false });
  const documents = Array.isArray(parsed) ? parsed : [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw valueError(error.message, error);
    return document.contents === null ? null : new Converter(document).convert(document.contents as Node);
  });
}

class Converter {
  private readonly document: Document;
  private readonly known = new Map<Node, unknown>();

  constructor(document: Document) {
    this.document = document;
  }

  convert(node: Node | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (!target) throw valueError(`found undefined alias '${node.source}'`);
      return this.known.get(target) ?? this.convert(target);
    }
    const value = this.valueOf(node);
    this.known.set(node, value);
    return value;
  }

  private valueOf(node: Node): unknown {
    if (isSeq(node)) return node.items.map((item) => this.convert(item as Node | null));
    if (isMap(node)) return this.mapping(node.items as { key: Node | null; value: Node | null }[]);
    if (!isScalar(node)) return null;
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    return node.type === 'PLAIN' && !node.tag?.endsWith(':str') ? resolvePlain(text) : text;
  }

  private mapping(items: { key: Node | null; value: Node | null }[]): unknown {
    const entries: [unknown, unknown][] = [];
    for (const { key, value } of items) {
      const name = this.convert(key);
      if (name === '<<') entries.unshift(...this.merged(this.convert(value)));
      else entries.push([Array.isArray(name) ? String(name) : name, this.convert(value)]);
    }
    return makeDict(entries);
  }

  private merged(value: unknown): [unknown, unknown][] {
    const sources = Array.isArray(value) ? [...value].reverse() : [value];
    return sources.flatMap((source) => (source instanceof Map ? [...source] : Object.entries(source as object)));
  }
}
