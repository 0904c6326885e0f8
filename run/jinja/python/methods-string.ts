import { typeError } from '../errors.ts';
import { dictEntries, dictGet, makeDict } from '../values/dict.ts';
import { characters, iterate } from '../values/iterate.ts';
import { isDict, isNumber, isText, typeName } from '../values/kinds.ts';
import { Markup, Tuple } from '../values/types.ts';
import { escapeHtml } from './arithmetic.ts';
import { findAttributeForFormat, findItemForFormat } from './format-access.ts';
import { formatString } from './format-string.ts';
import { intArgument, type Method, method, notFound, range, textArgument } from './method.ts';
import { splitLines, splitText, splitTextRight, titleCase, whitespace } from './text.ts';

type Text = string | Markup;

/** A method whose result is text of the same kind as its subject. */
function textual(parameters: string, run: (text: string, ...args: unknown[]) => string): Method {
  return method<Text>(parameters, (self, _caller, ...args) => {
    const result = run(String(self), ...args);
    return self instanceof Markup ? new Markup(result) : result;
  });
}

function plain(parameters: string, run: (text: string, ...args: unknown[]) => unknown): Method {
  return method<Text>(parameters, (self, _caller, ...args) => run(String(self), ...args));
}

function strip(text: string, chars: unknown, start: boolean, end: boolean): string {
  const set = chars === undefined || chars === null ? undefined : new Set(characters(textArgument(chars)));
  const units = characters(text);
  const strips = (unit: string | undefined) => unit !== undefined && (set ? set.has(unit) : whitespace.test(unit));
  let from = 0;
  let to = units.length;
  if (start) while (from < to && strips(units[from])) from++;
  if (end) while (to > from && strips(units[to - 1])) to--;
  return units.slice(from, to).join('');
}

function justify(text: string, width: unknown, fill: unknown, place: (missing: number) => number): string {
  const character = fill === undefined ? ' ' : textArgument(fill);
  if (characters(character).length !== 1) throw typeError('The fill character must be exactly one character long');
  const missing = intArgument(width) - characters(text).length;
  if (missing <= 0) return text;
  const left = place(missing);
  return character.repeat(left) + text + character.repeat(missing - left);
}

function affix(text: string, affixes: unknown, start: unknown, end: unknown, side: 'startsWith' | 'endsWith'): boolean {
  const [from, to] = range(start, end, text.length);
  const part = text.slice(from, to);
  const candidates = affixes instanceof Tuple ? [...affixes] : [affixes];
  return candidates.some((candidate) => part[side](textArgument(candidate, `${side.toLowerCase()} first arg`)));
}

function find(text: string, sought: unknown, start: unknown, end: unknown, last: boolean): number {
  const [from, to] = range(start, end, text.length);
  const part = text.slice(from, to);
  const at = last ? part.lastIndexOf(textArgument(sought)) : part.indexOf(textArgument(sought));
  return at < 0 ? -1 : at + from;
}

function replace(text: string, old: unknown, fresh: unknown, count: unknown): string {
  const limit = intArgument(count, -1);
  const from = textArgument(old, 'replace() argument 1');
  const to = textArgument(fresh, 'replace() argument 2');
  return limit < 0 ? text.replaceAll(from, () => to) : replaceSome(text, from, to, limit);
}

function replaceSome(text: string, from: string, to: string, limit: number): string {
  let out = '';
  let at = 0;
  for (let done = 0; done < limit; done++) {
    const next = text.indexOf(from, at + (from === '' && done > 0 ? 1 : 0));
    if (next < 0 || next > text.length) break;
    out += text.slice(at, next) + to;
    at = next + from.length;
  }
  return out + text.slice(at);
}

function join(separator: string, items: unknown): string {
  const parts = iterate(items).map((item, index) => {
    if (isText(item)) return String(item);
    throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
  });
  return parts.join(separator);
}

function partition(text: string, separator: unknown, last: boolean): Tuple {
  const mark = textArgument(separator);
  const at = last ? text.lastIndexOf(mark) : text.indexOf(mark);
  if (at < 0) return Tuple.make(last ? ['', '', text] : [text, '', '']);
  return Tuple.make([text.slice(0, at), mark, text.slice(at + mark.length)]);
}

function count(text: string, sought: unknown, start: unknown, end: unknown): number {
  const [from, to] = range(start, end, text.length);
  const mark = textArgument(sought);
  const part = text.slice(from, to);
  return mark === '' ? part.length + 1 : part.split(mark).length - 1;
}

function expandTabs(text: string, size: unknown): string {
  const width = intArgument(size, 8);
  let column = 0;
  let out = '';
  for (const character of text) {
    if (character === '\t') {
      const blanks = width > 0 ? width - (column % width) : 0;
      out += ' '.repeat(blanks);
      column += blanks;
    } else {
      out += character;
      column = character === '\n' || character === '\r' ? 0 : column + 1;
    }
  }
  return out;
}

function translate(text: string, table: unknown): string {
  if (!isDict(table)) throw typeError('translate() takes a dict');
  return characters(text)
    .map((character) => {
      const mapped = dictGet(table, character.codePointAt(0)!);
      if (mapped === undefined) return character;
      return mapped === null ? '' : isNumber(mapped) ? String.fromCodePoint(Number(mapped)) : textArgument(mapped);
    })
    .join('');
}

function makeTranslation(from: unknown, to: unknown, remove: unknown): unknown {
  if (to === undefined && isDict(from)) {
    return makeDict(dictEntries(from).map(([key, value]) => [isText(key) ? String(key).codePointAt(0)! : key, value]));
  }
  const targets = characters(textArgument(to));
  const entries: [unknown, unknown][] = characters(textArgument(from)).map((character, index) => [
    character.codePointAt(0)!,
    targets[index]!.codePointAt(0)!,
  ]);
  for (const character of remove === undefined ? [] : characters(textArgument(remove))) {
    entries.push([character.codePointAt(0)!, null]);
  }
  return makeDict(entries);
}

function encode(text: string, encoding: unknown, errors: unknown): Uint8Array {
  const name = (encoding === undefined ? 'utf-8' : textArgument(encoding)).toLowerCase().replaceAll('_', '-');
  if (['utf-8', 'utf8'].includes(name)) return Buffer.from(text, 'utf8');
  if (['utf-16-le', 'utf-16le'].includes(name)) return Buffer.from(text, 'utf16le');
  if (name === 'utf-16') return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const limit = ['ascii', 'us-ascii'].includes(name) ? 0x7f : 0xff;
  if (limit === 0xff && !['latin-1', 'latin1', 'iso-8859-1'].includes(name)) {
    throw typeError(`unknown encoding: ${name}`);
  }
  const units = characters(text).flatMap((character) => {
    const code = character.codePointAt(0)!;
    if (code <= limit) return [code];
    if (errors === 'ignore') return [];
    if (errors === 'replace') return [0x3f];
    return notFound(`'${name}' codec can't encode character '${character}': ordinal not in range(${limit + 1})`);
  });
  return Uint8Array.from(units);
}

function cased(text: string, wanted: 'upper' | 'lower'): boolean {
  const has = /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text);
  return has && text === (wanted === 'upper' ? text.toUpperCase() : text.toLowerCase());
}

const matches = (pattern: RegExp) => plain('', (text) => pattern.test(text));

/** Python's `str` methods. */
export const stringMethods: Record<string, Method> = {
  capitalize: textual('', (text) => {
    const [first = '', ...rest] = characters(text);
    return first.toUpperCase() + rest.join('').toLowerCase();
  }),
  casefold: textual('', (text) => text.toLowerCase().replaceAll('ß', 'ss')),
  center: textual('width, fillchar?', (text, width, fill) =>
    justify(
      text,
      width,
      fill,
      (missing) => Math.floor(missing / 2) + (missing % 2 === 1 && intArgument(width) % 2 === 1 ? 1 : 0),
    ),
  ),
  count: plain('sub, start?, end?', count),
  encode: plain('encoding?, errors?', encode),
  endswith: plain('suffix, start?, end?', (text, suffix, start, end) => affix(text, suffix, start, end, 'endsWith')),
  expandtabs: textual('tabsize?', expandTabs),
  find: plain('sub, start?, end?', (text, sub, start, end) => find(text, sub, start, end, false)),
  format: method<Text>('*args, **kwargs', (self, _caller, args, kwargs) => {
    const access = { attribute: findAttributeForFormat, item: findItemForFormat };
    const text = formatString(String(self), args as unknown[], kwargs as Record<string, unknown>, access);
    return self instanceof Markup ? new Markup(text) : text;
  }),
  format_map: method<Text>('mapping', (self, _caller, mapping) => {
    if (!isDict(mapping)) throw typeError('format_map() takes a mapping');
    const access = { attribute: findAttributeForFormat, item: findItemForFormat };
    return formatString(String(self), [], Object.fromEntries(dictEntries(mapping)) as Record<string, unknown>, access);
  }),
  index: plain('sub, start?, end?', (text, sub, start, end) => {
    const at = find(text, sub, start, end, false);
    return at < 0 ? notFound('substring not found') : at;
  }),
  isalnum: matches(/^[\p{L}\p{N}]+$/u),
  isalpha: matches(/^\p{L}+$/u),
  isascii: matches(/^[\x00-\x7f]*$/),
  isdecimal: matches(/^\p{Nd}+$/u),
  isdigit: matches(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u),
  isidentifier: matches(/^[\p{ID_Start}_][\p{ID_Continue}]*$/u),
  islower: plain('', (text) => cased(text, 'lower')),
  isnumeric: matches(/^\p{N}+$/u),
  isprintable: plain('', (text) => !/[\p{C}\p{Z}](?<! )/u.test(text)),
  isspace: matches(/^\s+$/),
  istitle: plain('', (text) => /[\p{Lu}\p{Ll}]/u.test(text) && text === titleCase(text)),
  isupper: plain('', (text) => cased(text, 'upper')),
  join: method<Text>('iterable', (self, _caller, items) =>
    self instanceof Markup
      ? new Markup(
          iterate(items)
            .map((item) => (item instanceof Markup ? item.text : escapeHtml(textArgument(item))))
            .join(self.text),
        )
      : join(String(self), items),
  ),
  ljust: textual('width, fillchar?', (text, width, fill) => justify(text, width, fill, () => 0)),
  lower: textual('', (text) => text.toLowerCase()),
  lstrip: textual('chars?', (text, chars) => strip(text, chars, true, false)),
  maketrans: plain('x, y?, z?', (_text, from, to, remove) => makeTranslation(from, to, remove)),
  partition: plain('sep', (text, separator) => partition(text, separator, false)),
  removeprefix: textual('prefix', (text, prefix) =>
    text.startsWith(textArgument(prefix)) ? text.slice(String(prefix).length) : text,
  ),
  removesuffix: textual('suffix', (text, suffix) =>
    suffix !== '' && text.endsWith(textArgument(suffix)) ? text.slice(0, -String(suffix).length) : text,
  ),
  replace: textual('old, new, count?', replace),
  rfind: plain('sub, start?, end?', (text, sub, start, end) => find(text, sub, start, end, true)),
  rindex: plain('sub, start?, end?', (text, sub, start, end) => {
    const at = find(text, sub, start, end, true);
    return at < 0 ? notFound('substring not found') : at;
  }),
  rjust: textual('width, fillchar?', (text, width, fill) => justify(text, width, fill, (missing) => missing)),
  rpartition: plain('sep', (text, separator) => partition(text, separator, true)),
  rsplit: plain('sep?, maxsplit?', (text, separator, most) => splitTextRight(text, separator, intArgument(most, -1))),
  rstrip: textual('chars?', (text, chars) => strip(text, chars, false, true)),
  split: plain('sep?, maxsplit?', (text, separator, most) => splitText(text, separator, intArgument(most, -1))),
  splitlines: plain('keepends?', (text, keep) => splitLines(text, keep === true || keep === 1)),
  startswith: plain('prefix, start?, end?', (text, prefix, start, end) =>
    affix(text, prefix, start, end, 'startsWith'),
  ),
  strip: textual('chars?', (text, chars) => strip(text, chars, true, true)),
  swapcase: textual('', (text) =>
    characters(text)
      .map((character) => (character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase()))
      .join(''),
  ),
  title: textual('', titleCase),
  translate: textual('table', translate),
  upper: textual('', (text) => text.toUpperCase()),
  zfill: textual('width', (text, width) => {
    const missing = intArgument(width) - characters(text).length;
    if (missing <= 0) return text;
    const sign = /^[+-]/.test(text) ? text[0]! : '';
    return sign + '0'.repeat(missing) + text.slice(sign.length);
  }),
};
