import { type Document, isCollection, isScalar, type Node, visit, type YAMLError } from 'yaml';
import type { SourceText } from './source.ts';

/** What is wrong with a YAML text, for a person: where, what, and what to do about it. */
export interface Diagnosis {
  /** Offset in the text. */
  at: number;
  message: string;
  hint?: string | undefined;
}

const ONE_COLUMN = 'keys of one mapping stand in one column, and so do the "-" of one list';
const KEY = /^(\s*(?:-\s+)*)[^\s#-][^#]*?:(?:\s|$)/;

/** Says a syntax error of the parser in words that help somebody who has seen little YAML. */
export function diagnose(error: YAMLError, document: Document, source: SourceText): Diagnosis {
  const at = Math.min(error.pos[0], source.text.length);
  const lines = new Lines(source);
  switch (error.code as string) {
    case 'TAB_AS_INDENT':
      return { at, message: 'a tab where YAML wants spaces', hint: 'indent with spaces' };
    case 'MULTIPLE_DOCS':
      return {
        at,
        message: 'the file holds more than one YAML document',
        hint: 'one document a file: split it, or remove the later "---"',
      };
    case 'BAD_SCALAR_START':
      return { at, message: error.message, hint: 'quote the value' };
    case 'BAD_DQ_ESCAPE':
      return { at, message: error.message, hint: 'write \\\\ for a backslash, or put the text into single quotes' };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return strangeKey(at, lines);
    case 'MISSING_CHAR':
    case 'BAD_INDENT':
      return unfinished(error, at, document, lines);
    case 'UNEXPECTED_TOKEN':
      return unexpected(error, at, lines);
    default:
      return { at, message: error.message };
  }
}

/** Something that is to be a key and cannot be one. */
function strangeKey(at: number, lines: Lines): Diagnosis {
  const index = lines.indexOf(at);
  const line = lines.text(index);
  const start = lines.start(index);
  const dash = /^\s*(-)[A-Za-z_]/.exec(line);
  if (dash) return spaceMissing(start + line.indexOf('-'), '-');
  const colon = /^\s*(?:-\s+)*[A-Za-z_][\w.]*(:)[^\s:/]/.exec(line);
  if (colon) return spaceMissing(start + colon[0].length - 2, ':');
  if (/:\s.*:(?:\s|$)/.test(line))
    return {
      at,
      message: 'a second ": " in one line',
      hint: 'quote the value: unquoted, ": " begins another mapping',
    };
  const next = lines.nextFilled(index);
  if (/^\s*(?:-\s+)*[A-Za-z_][\w.]*\s*$/.test(line) && next !== undefined && lines.indent(next) > lines.indent(index))
    return {
      at: start + lines.keyColumn(index),
      message: `a key without a ":" after it`,
      hint: `write "${line.trim().replace(/^(?:-\s+)*/, '')}:"`,
    };
  if (next !== undefined && lines.source.text[at] === '\n' && lines.indent(next) < lines.indent(index))
    return indented(next, lines, 'this line is in the column of nothing above it');
  // The parser names the value; what is wrong is the line below it, which would be part of it.
  if (next !== undefined && KEY.test(line) && lines.indent(next) > lines.keyColumn(index))
    return indented(next, lines, 'this line is indented as if it belonged to the value above it');
  if (index > 0 && at <= start + lines.indent(index) && KEY.test(line))
    return indented(index, lines, 'this line is in the column of nothing above it');
  if (next !== undefined && KEY.test(lines.text(next)) && !KEY.test(line))
    return { at, message: 'neither a key nor part of the value above it', hint: 'a key needs a ":" after it' };
  return { at, message: 'a mapping where none can be', hint: `is the indentation right? ${ONE_COLUMN}` };
}

function spaceMissing(at: number, sign: string): Diagnosis {
  return { at, message: `"${sign}" without a space after it`, hint: `YAML reads "${sign}" only before a space` };
}

/** Something that begins and does not end, or a line that stands in no column of those above. */
function unfinished(error: YAMLError, at: number, document: Document, lines: Lines): Diagnosis {
  if (/quote/.test(error.message)) {
    const quote = opener(document, at, (node) => isScalar(node) && /^QUOTE/.test(node.type ?? ''));
    return { at: quote ?? at, message: 'a quoted text that is never closed', hint: 'close the quote' };
  }
  const flow = /^(?:Expected flow|Flow) (map|sequence)/.exec(error.message);
  if (flow) {
    const [sign, end] = flow[1] === 'map' ? ['{', '}'] : ['[', ']'];
    const start = opener(document, at, (node) => isCollection(node) && node.flow === true);
    const found = lines.source.text[at];
    if (found !== undefined && /[}\]]/.test(found) && found !== end)
      return { at, message: `"${found}" where "${end}" was expected`, hint: `"${sign}" is closed by "${end}"` };
    return { at: start ?? at, message: `a "${sign}" that is never closed`, hint: `close it with "${end}"` };
  }
  const index = lines.indexOf(at);
  const line = lines.text(index).trim() === '' ? (lines.nextFilled(index) ?? index) : index;
  if (/Implicit map keys/.test(error.message) && !KEY.test(lines.text(line)))
    return { at, message: 'neither a key nor part of the value above it', hint: 'a key needs a ":" after it' };
  // Of a list the parser names the end of the item before.
  const strange = lines.text(index)[at - lines.start(index)] === undefined ? (lines.nextFilled(index) ?? line) : line;
  return indented(strange, lines, 'this line is in the column of nothing above it');
}

/** A line in the wrong column, and the line above that it may be meant to be in line with. */
function indented(index: number, lines: Lines, message: string): Diagnosis {
  const isItem = /^\s*-\s/.test(lines.text(index));
  for (let above = index - 1; above >= 0; above--) {
    const text = lines.text(above);
    const column = isItem ? lines.indent(above) : lines.keyColumn(above);
    if (isItem ? !/^\s*-\s/.test(text) : !KEY.test(text)) continue;
    const word = isItem ? '-' : text.slice(column).split(':')[0]!;
    return {
      at: lines.start(index) + lines.indent(index),
      message,
      hint: `should it begin in column ${column + 1}, as "${word}" of line ${above + 1}? ${ONE_COLUMN}`,
    };
  }
  return { at: lines.start(index) + lines.indent(index), message, hint: ONE_COLUMN };
}

function unexpected(error: YAMLError, at: number, lines: Lines): Diagnosis {
  const index = lines.indexOf(at);
  const line = lines.text(index);
  if (/block-seq-ind on same line/.test(error.message))
    return { at, message: 'a list that begins on the line of its key', hint: 'begin it on the next line' };
  if (at === lines.start(index) + lines.indent(index) && KEY.test(line))
    return { at, message: 'a key beside the items of a list', hint: `an item begins with "- "; ${ONE_COLUMN}` };
  if (/["']/.test(line.slice(0, at - lines.start(index))))
    return {
      at,
      message: 'more text after the closing quote',
      hint: 'a value that begins with a quote must end with it: quote the whole value',
    };
  return { at, message: error.message };
}

/** Where the innermost node of a kind begins that is still open at an offset. */
function opener(document: Document, at: number, wanted: (node: Node) => boolean): number | undefined {
  let found: number | undefined;
  visit(document, {
    Node: (_key, node) => {
      const [start, , end] = node.range ?? [0, 0, 0];
      if (wanted(node) && start < at && end >= at) found = start;
    },
  });
  return found;
}

/** Lines by index from 0, with the columns at which something begins (from 0). */
class Lines {
  readonly source: SourceText;
  private readonly lines: string[];

  constructor(source: SourceText) {
    this.source = source;
    this.lines = source.text.split('\n').map((line) => line.replace(/\r$/, ''));
  }

  indexOf(offset: number): number {
    return this.source.placeAt(offset).line - 1;
  }

  text(index: number): string {
    return this.lines[index] ?? '';
  }

  start(index: number): number {
    return this.source.offsetOf(index + 1);
  }

  indent(index: number): number {
    return this.text(index).search(/\S|$/);
  }

  /** Where the key of a line begins, after the "- " of items. */
  keyColumn(index: number): number {
    return /^\s*(?:-\s+)*/.exec(this.text(index))![0].length;
  }

  nextFilled(index: number): number | undefined {
    const next = this.lines.findIndex((line, i) => i > index && /^\s*[^\s#]/.test(line));
    return next < 0 ? undefined : next;
  }
}
