import { type Document, isMap, isScalar, type Node, type Pair, type YAMLError, type YAMLMap } from 'yaml';
import type { LamplighterError } from '../errors.ts';
import { failure } from './fail.ts';
import type { SourceText } from './source.ts';

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
  const [message, hint] = explain(error, line);
  throw failure('YAML_SYNTAX', message, place, { hint, cause: error });
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

function explain(error: YAMLError, line: string): [message: string, hint: string | undefined] {
  switch (error.code as string) {
    case 'TAB_AS_INDENT':
      return ['a tab where YAML wants spaces', 'indent with spaces'];
    case 'MULTIPLE_DOCS':
      return ['the file holds more than one YAML document', 'one document a file: split it, or remove the later "---"'];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return /:\s.*:\s/.test(line)
        ? ['a second ": " in one line', 'quote the value: unquoted, ": " begins another mapping']
        : ['a mapping where none can be', 'is the indentation right? Keys of one mapping stand in one column'];
    case 'BAD_INDENT':
    case 'MULTILINE_IMPLICIT_KEY':
      return [error.message, 'is the indentation right? Keys of one mapping stand in one column'];
    case 'MISSING_CHAR':
      if (/quote/.test(error.message)) return ['a quoted text that is never closed', 'close the quote'];
      if (/: /.test(error.message) || /Implicit map keys/.test(error.message))
        return [error.message, 'a key needs a ":" after it'];
      return [error.message, undefined];
    case 'BAD_SCALAR_START':
      return [error.message, 'quote the value'];
    case 'UNEXPECTED_TOKEN':
      return [
        error.message,
        /["']/.test(line) ? 'a value that begins with a quote must end with it: quote the whole value' : undefined,
      ];
    default:
      return [error.message, undefined];
  }
}
