import { type Document, isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import type { LamplighterError } from '../errors.ts';
import { failure } from './fail.ts';
import type { SourceText } from './source.ts';
import { diagnose } from './yaml-diagnosis.ts';

const QUOTE_IT = 'quote it: a value that begins with "{{" is the start of a YAML mapping unless it stands in quotes';

/** Throws the document's first syntax error, in words that help. */
export function checkSyntax(document: Document, source: SourceText): void {
  const error = document.errors[0];
  if (!error) return;
  const place = source.placeAt(Math.min(error.pos[0], source.text.length));
  const line = source.line(place.line) ?? '';
  if (/(?::\s+|-\s+|^\s*)\{\{/.test(line) && error.code !== 'MULTIPLE_DOCS') {
    const column = line.indexOf('{{') + 1;
    throw failure('YAML_UNQUOTED_BRACES', 'a template that is not quoted', source.place(place.line, column), {
      hint: QUOTE_IT,
    });
  }
  const { at, message, hint } = diagnose(error, document, source);
  throw failure('YAML_SYNTAX', message, source.placeAt(at), { hint, cause: error });
}

/** The error for a mapping key that is itself a mapping or list: nearly always a template without quotes. */
export function nonScalarKey(
  key: Node,
  pair: Pair<Node | null, Node | null>,
  map: YAMLMap,
  source: SourceText,
): LamplighterError {
  const start = map.flow && pair.value === null ? (map.range?.[0] ?? 0) : (key.range?.[0] ?? 0);
  if (isMap(key) && key.flow && source.text.startsWith('{', key.range?.[0] ?? 0)) {
    const inner = key.items[0]?.key;
    const name = isScalar(inner) ? ` {{ ${String(inner.value)} }}` : '';
    return failure('YAML_UNQUOTED_BRACES', `the template${name} is not quoted`, source.placeAt(start), {
      hint: QUOTE_IT,
    });
  }
  return failure('YAML_SYNTAX', 'a mapping key must be a plain value, not a list or a mapping', source.placeAt(start));
}
