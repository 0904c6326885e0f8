/** What PyYAML's emitter finds out about a text before it chooses how to write it. */
export interface Analysis {
  readonly text: string;
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
  readonly block: boolean;
}

export interface ScalarContext {
  root?: boolean;
  simpleKey?: boolean;
}

export interface StyleContext extends ScalarContext {
  readonly inFlow: boolean;
  /** Whether the text, written plainly, is read as the same value. */
  readonly plainMeansSame: boolean;
  readonly wanted?: string | undefined;
}

const lineBreaks = '\n\x85\u2028\u2029';
const isBreak = (character: string | undefined) =>
  character !== undefined && character !== '' && lineBreaks.includes(character);
const isSpaceOrEnd = (character: string | undefined) =>
  character === undefined || '\0 \t\r'.includes(character) || isBreak(character);

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0)!;
  if (character === '\n' || (code >= 0x20 && code <= 0x7e)) return true;
  const wide = code === 0x85 || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd);
  return wide && code !== 0xfeff;
}

/** A port of `Emitter.analyze_scalar`. */
export function analyze(text: string, allowUnicode: boolean): Analysis {
  if (text === '') {
    return { text, multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true, block: false };
  }
  const characters = Array.from(text);
  let blockIndicators = /^(?:---|\.\.\.)/.test(text);
  let flowIndicators = blockIndicators;
  let hasBreak = false;
  let special = false;
  const blanks = {
    leadingSpace: false,
    leadingBreak: false,
    trailingSpace: false,
    trailingBreak: false,
    breakSpace: false,
    spaceBreak: false,
  };
  let previousSpace = false;
  let previousBreak = false;
  let afterSpace = true;
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1];
    const beforeSpace = isSpaceOrEnd(next);
    const last = index === characters.length - 1;
    if (index === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(character)) flowIndicators = blockIndicators = true;
      if ('?:'.includes(character)) {
        flowIndicators = true;
        if (beforeSpace) blockIndicators = true;
      }
      if (character === '-' && beforeSpace) flowIndicators = blockIndicators = true;
    } else {
      if (',?[]{}'.includes(character)) flowIndicators = true;
      if (character === ':') {
        flowIndicators = true;
        if (beforeSpace) blockIndicators = true;
      }
      if (character === '#' && afterSpace) flowIndicators = blockIndicators = true;
    }
    if (isBreak(character)) hasBreak = true;
    const ascii = character === '\n' || (character >= ' ' && character <= '~');
    if (!ascii && (!isPrintable(character) || !allowUnicode)) special = true;
    if (character === ' ') {
      if (index === 0) blanks.leadingSpace = true;
      if (last) blanks.trailingSpace = true;
      if (previousBreak) blanks.breakSpace = true;
      previousSpace = true;
      previousBreak = false;
    } else if (isBreak(character)) {
      if (index === 0) blanks.leadingBreak = true;
      if (last) blanks.trailingBreak = true;
      if (previousSpace) blanks.spaceBreak = true;
      previousSpace = false;
      previousBreak = true;
    } else {
      previousSpace = false;
      previousBreak = false;
    }
    afterSpace = isSpaceOrEnd(character);
  }
  const edges = blanks.leadingSpace || blanks.leadingBreak || blanks.trailingSpace || blanks.trailingBreak;
  const bad = blanks.spaceBreak || special;
  const plain = !edges && !blanks.breakSpace && !bad && !hasBreak;
  return {
    text,
    multiline: hasBreak,
    flowPlain: plain && !flowIndicators,
    blockPlain: plain && !blockIndicators,
    singleQuoted: !blanks.breakSpace && !bad,
    block: !blanks.trailingSpace && !bad,
  };
}

export type ScalarStyle = '' | "'" | '"' | '|' | '>';

/** A port of `Emitter.choose_scalar_style`. */
export function chooseStyle(analysis: Analysis, context: StyleContext): ScalarStyle {
  const { wanted, inFlow, simpleKey } = context;
  if (wanted === '"') return '"';
  if (!wanted && context.plainMeansSame) {
    const emptyOrSplit = simpleKey && analysis.multiline;
    const emptyInside = analysis.text === '' && (inFlow || simpleKey);
    if (!emptyOrSplit && !emptyInside && (inFlow ? analysis.flowPlain : analysis.blockPlain)) return '';
  }
  if ((wanted === '|' || wanted === '>') && !inFlow && !simpleKey && analysis.block) return wanted;
  if (analysis.singleQuoted && !(simpleKey && analysis.multiline)) return "'";
  return '"';
}

/** What writing a scalar needs from the writer of the document. */
export interface ScalarSink {
  readonly split: boolean;
  readonly width: number;
  readonly step: number;
  readonly unicode: boolean;
  readonly isRoot: boolean;
  column(): number;
  write(text: string): void;
  indicator(text: string, needsBlank: boolean): void;
  space(): void;
  writeIndent(): void;
  lineBreak(text?: string): void;
}

export function writeScalar(style: ScalarStyle, text: string, sink: ScalarSink): void {
  if (style === '') writePlain(text, sink);
  else if (style === "'") writeSingleQuoted(text, sink);
  else if (style === '"') writeDoubleQuoted(text, sink);
  else writeBlock(style, text, sink);
}

function writePlain(text: string, sink: ScalarSink): void {
  if (text === '') return;
  sink.space();
  const words = text.split(/( +)/);
  for (const [index, word] of words.entries()) {
    const fold = index % 2 === 1 && word === ' ' && sink.split && sink.column() > sink.width;
    if (fold) {
      sink.writeIndent();
    } else sink.write(word);
  }
}

function writeSingleQuoted(text: string, sink: ScalarSink): void {
  sink.indicator("'", true);
  const pieces = text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ?? [];
  for (const [index, piece] of pieces.entries()) {
    const inner = index > 0 && index < pieces.length - 1;
    if (piece === ' ' && inner && sink.split && sink.column() > sink.width) sink.writeIndent();
    else if (isBreak(piece[0])) {
      if (piece[0] === '\n') sink.lineBreak();
      for (const character of piece) sink.lineBreak(character);
      sink.writeIndent();
    } else sink.write(piece.replaceAll("'", "''"));
  }
  sink.indicator("'", false);
}

const escapes: Record<string, string> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escapeCharacter(character: string): string {
  if (escapes[character] !== undefined) return `\\${escapes[character]}`;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** A port of `Emitter.write_double_quoted`. */
function writeDoubleQuoted(text: string, sink: ScalarSink): void {
  const characters = Array.from(text);
  sink.indicator('"', true);
  let start = 0;
  let end = 0;
  while (end <= characters.length) {
    const character = characters[end];
    const needsEscape = character !== undefined && !isPlainInQuotes(character, sink.unicode);
    if (character === undefined || needsEscape) {
      if (start < end) sink.write(characters.slice(start, end).join(''));
      start = end;
      if (character !== undefined) {
        sink.write(escapeCharacter(character));
        start = end + 1;
      }
    }
    const within = end > 0 && end < characters.length - 1;
    if (within && (character === ' ' || start >= end) && sink.column() + (end - start) > sink.width && sink.split) {
      sink.write(`${characters.slice(start, end).join('')}\\`);
      if (start < end) start = end;
      sink.writeIndent();
      if (characters[start] === ' ') sink.write('\\');
    }
    end++;
  }
  sink.indicator('"', false);
}

function isPlainInQuotes(character: string, unicode: boolean): boolean {
  if ('"\\\x85\u2028\u2029\ufeff'.includes(character)) return false;
  if (character >= ' ' && character <= '~') return true;
  const code = character.codePointAt(0)!;
  return unicode && ((code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd));
}

/** `|` and `>`, with hints for leading blanks and trailing newlines. */
function writeBlock(style: '|' | '>', text: string, sink: ScalarSink): void {
  let hints = ' \n\x85\u2028\u2029'.includes(text[0] ?? '') && text !== '' ? String(sink.step) : '';
  if (!isBreak(text.at(-1))) hints += '-';
  else if (text.length === 1 || isBreak(text.at(-2))) hints += '+';
  sink.indicator(style + hints, true);
  sink.lineBreak();
  const lines = text.split('\n');
  if (text.endsWith('\n')) lines.pop();
  for (const [index, line] of lines.entries()) {
    if (line !== '') {
      sink.writeIndent();
      if (style === '>') writeFolded(line, sink);
      else sink.write(line);
    }
    const next = lines[index + 1];
    const last = index === lines.length - 1;
    if (last && !text.endsWith('\n')) return;
    const joins =
      style === '>' && next !== undefined && next !== '' && line !== '' && !/^ /.test(line) && !/^ /.test(next);
    if (joins) sink.lineBreak();
    if (!last || hints.endsWith('+')) sink.lineBreak();
  }
}

function writeFolded(line: string, sink: ScalarSink): void {
  for (const [index, word] of line.split(/( +)/).entries()) {
    if (index % 2 === 1 && word === ' ' && sink.column() > sink.width) sink.writeIndent();
    else sink.write(word);
  }
}
