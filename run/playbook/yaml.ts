import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { LamplighterError, Place } from '../errors.ts';
import { makeDict } from '../jinja/values/dict.ts';
import { failure, type Report, raise } from './fail.ts';
import { type Mark, markPlaces } from './places.ts';
import { SourceText } from './source.ts';
import { checkSyntax, nonScalarKey } from './yaml-errors.ts';
import { boolScalar, floatScalar, intScalar, jsonScalar, plainScalar } from './yaml-scalars.ts';
import { UnsafeText, VaultText } from './yaml-values.ts';

/** What decrypts `!vault` values and hears of the secrets that a decrypted file holds. */
export interface YamlVault {
  decryptText(ciphertext: string, place: Place | undefined): string;
}

/**
 * Reads one YAML (or JSON) document as Ansible does: PyYAML's YAML 1.1 with `!vault` and `!unsafe`. Mappings are plain
 * objects when all their keys are strings that JS keeps in order, otherwise Maps; integral floats are `Float`. Every list and
 * mapping knows its places (places.ts). An empty text is null.
 * @throws LamplighterError YAML_SYNTAX, YAML_DUPLICATE_KEY, YAML_UNQUOTED_BRACES
 */
export function readYaml(text: string, file: string, options: { vault?: YamlVault | undefined } = {}): unknown {
  return readYamlSource(new SourceText(file, text), options.vault);
}

/** `report` hears of mistakes after which reading can go on: keys that are there twice, templates without quotes. */
export function readYamlSource(source: SourceText, vault: YamlVault | undefined, report: Report = raise): unknown {
  // A byte order mark would shift every offset; replacing it keeps them.
  const text = source.text.startsWith('\uFEFF') ? ` ${source.text.slice(1)}` : source.text;
  const isJson = /^\s*[[{]/.test(text) && parsesAsJson(text);
  // JSON may be indented with tabs, which YAML refuses.
  const body = isJson ? text.replaceAll('\t', ' ') : text;
  const document = parseDocument(body, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    prettyErrors: false,
  });
  checkSyntax(document, source);
  return new Reader(document, { source, vault, isJson, report }).read(document.contents);
}

function parsesAsJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type Entry = [key: unknown, value: unknown, mark: Mark];

class Reader {
  private readonly document: Document;
  private readonly source: SourceText;
  private readonly vault: YamlVault | undefined;
  private readonly isJson: boolean;
  private readonly report: Report;
  private readonly anchored = new Map<Node, unknown>();
  private readonly open = new Set<Node>();

  constructor(
    document: Document,
    how: { source: SourceText; vault: YamlVault | undefined; isJson: boolean; report: Report },
  ) {
    this.document = document;
    this.source = how.source;
    this.vault = how.vault;
    this.isJson = how.isJson;
    this.report = how.report;
  }

  read(node: unknown): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.alias(node);
    if (isScalar(node)) return this.scalar(node);
    if (isMap(node)) return this.anchor(node, () => this.mapping(node));
    if (isSeq(node)) return this.anchor(node, () => this.sequence(node));
    throw this.error('cannot read this node', node as Node);
  }

  private anchor(node: Node, make: () => unknown): unknown {
    if (!node.anchor && !this.open.size) return make();
    const known = this.anchored.get(node);
    if (known !== undefined) return known;
    if (node.anchor) this.open.add(node);
    const value = make();
    if (node.anchor) {
      this.open.delete(node);
      this.anchored.set(node, value);
    }
    return value;
  }

  private target(alias: Alias): Node {
    const target = alias.resolve(this.document) as Node | undefined;
    if (!target)
      throw this.error(
        `there is no anchor "&${alias.source}" before this alias`,
        alias,
        'a value that begins with "*" is an alias of YAML: quote it if it is a text',
      );
    if (this.open.has(target)) throw this.error(`the anchor "&${alias.source}" contains itself`, alias);
    return target;
  }

  private alias(alias: Alias): unknown {
    return this.read(this.target(alias));
  }

  private sequence(node: YAMLSeq): unknown {
    this.refuseTag(node, ['tag:yaml.org,2002:seq', '!unsafe', '!']);
    const list: unknown[] = [];
    const marks = new Map<unknown, Mark>();
    node.items.forEach((item, index) => {
      list.push(this.read(item));
      const at = startOf(item as Node) ?? startOf(node) ?? 0;
      marks.set(index, { key: at, value: at, content: this.contentOf(item, at) });
    });
    markPlaces(list, this.source, startOf(node) ?? 0, marks);
    return node.tag === '!unsafe' ? unsafe(list) : list;
  }

  private mapping(node: YAMLMap): unknown {
    this.refuseTag(node, ['tag:yaml.org,2002:map', 'tag:yaml.org,2002:set', '!unsafe', '!']);
    const entries = this.entries(node);
    const value = makeDict(entries.map(([key, item]) => [key, item] as const));
    markPlaces(value, this.source, startOf(node) ?? 0, new Map(entries.map(([key, , mark]) => [key, mark])));
    return node.tag === '!unsafe' ? unsafe(value) : value;
  }

  /** Entries in PyYAML's order: what `<<` merges first, own entries after it, so that these win. */
  private entries(node: YAMLMap): Entry[] {
    const merged: Entry[] = [];
    const own: Entry[] = [];
    const seen = new Map<unknown, number>();
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(pair.key)) {
        merged.push(...this.merged(pair.value));
        continue;
      }
      const key = this.key(pair.key, pair, node);
      const at = startOf(pair.key) ?? startOf(node) ?? 0;
      const first = seen.get(key);
      if (first !== undefined) this.report(this.duplicate(key, first, at));
      seen.set(key, at);
      const valueAt = startOf(pair.value) ?? at;
      const value = this.read(pair.value);
      own.push([key, value, { key: at, value: valueAt, content: this.contentOf(pair.value, valueAt) }]);
    }
    return [...merged, ...own];
  }

  private merged(value: Node | null): Entry[] {
    const target = isAlias(value) ? this.target(value) : value;
    if (isMap(target)) return this.entries(target);
    if (isSeq(target)) return (target.items as Node[]).toReversed().flatMap((item) => this.merged(item));
    throw this.error('"<<" takes a mapping, or a list of mappings, to merge in', value ?? undefined);
  }

  private key(node: Node | null, pair: Pair<Node | null, Node | null>, map: YAMLMap): unknown {
    const target = isAlias(node) ? this.target(node) : node;
    if (target === null) return null;
    if (!isScalar(target)) {
      this.report(nonScalarKey(target, pair, map, this.source));
      return null;
    }
    const key = this.scalar(target);
    return key instanceof UnsafeText ? key.text : key;
  }

  private duplicate(key: unknown, first: number, second: number): LamplighterError {
    const line = this.source.placeAt(first).line;
    return failure(
      'YAML_DUPLICATE_KEY',
      `the key "${String(key)}" is there twice in one mapping, first on line ${line}`,
      this.source.placeAt(second),
      { hint: 'only one of the two would count: remove the other, or make them one list or mapping' },
    );
  }

  private scalar(node: Scalar): unknown {
    const text = typeof node.value === 'string' ? node.value : '';
    const tag = node.tag;
    if (!tag) {
      if (node.type !== 'PLAIN') return text;
      return this.isJson ? jsonScalar(text) : plainScalar(text);
    }
    return this.tagged(tag, text, node);
  }

  private tagged(tag: string, text: string, node: Scalar): unknown {
    try {
      switch (tag) {
        case '!':
        case 'tag:yaml.org,2002:str':
        case 'tag:yaml.org,2002:timestamp':
          return text;
        case '!unsafe':
          return new UnsafeText(text);
        case '!vault':
        case '!vault-encrypted':
          return this.vaultText(text, node);
        case 'tag:yaml.org,2002:int':
          return intScalar(text);
        case 'tag:yaml.org,2002:float':
          return floatScalar(text);
        case 'tag:yaml.org,2002:null':
          return null;
        case 'tag:yaml.org,2002:bool': {
          const value = boolScalar(text);
          if (value === undefined) throw new RangeError(`"${text}" is not a boolean`);
          return value;
        }
        case 'tag:yaml.org,2002:binary':
          return Buffer.from(text, 'base64');
      }
    } catch (error) {
      if (error instanceof RangeError) throw this.error(error.message, node);
      throw error;
    }
    throw this.unknownTag(tag, node);
  }

  private vaultText(text: string, node: Scalar): VaultText {
    const place = this.source.placeAt(startOf(node) ?? 0);
    const { vault } = this;
    if (!vault) throw failure('VAULT', 'an encrypted value stands where none can be decrypted', place);
    return new VaultText(text, place, (ciphertext, at) => vault.decryptText(ciphertext, at));
  }

  private refuseTag(node: YAMLMap | YAMLSeq, known: string[]): void {
    if (node.tag && !known.includes(node.tag)) throw this.unknownTag(node.tag, node);
  }

  private unknownTag(tag: string, node: Node): Error {
    const start = startOf(node) ?? 0;
    const at = this.source.text.lastIndexOf('!', start - 1);
    return failure(
      'YAML_SYNTAX',
      `"${tag}" is not a tag that Ansible's YAML knows here`,
      this.source.placeAt(at < 0 ? start : at),
      { hint: 'it knows !vault and !unsafe' },
    );
  }

  private error(message: string, node: Node | undefined, hint?: string): Error {
    return failure('YAML_SYNTAX', message, this.source.placeAt(startOf(node) ?? 0), { hint });
  }

  /** Offset of the first character of a scalar's text: past a quote, or on the first line of a block. */
  private contentOf(node: unknown, start: number): number {
    if (!isScalar(node)) return start;
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') return start + 1;
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return start;
    const { text } = this.source;
    let at = text.indexOf('\n', start) + 1;
    while (/\s/.test(text[at] ?? 'x')) at++;
    return at;
  }
}

function isMergeKey(node: Node | null): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.value === '<<' && (!node.tag || node.tag.endsWith(':merge'));
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}

function unsafe(value: unknown): unknown {
  if (typeof value === 'string') return new UnsafeText(value);
  if (Array.isArray(value)) for (const [index, item] of value.entries()) value[index] = unsafe(item);
  else if (value instanceof Map) for (const [key, item] of value) value.set(key, unsafe(item));
  else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const mapping = value as Record<string, unknown>;
    for (const key of Object.keys(mapping)) mapping[key] = unsafe(mapping[key]);
  }
  return value;
}
