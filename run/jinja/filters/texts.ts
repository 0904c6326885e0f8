import { type Builtins, builtin } from '../builtin.ts';
import { filterError, typeError, valueError } from '../errors.ts';
import { callMethod } from '../python/access.ts';
import { toNumber } from '../python/arithmetic.ts';
import { intArgument, textArgument } from '../python/method.ts';
import { findMethod } from '../python/methods.ts';
import { formatPercent } from '../python/percent-format.ts';
import { pyString } from '../python/repr.ts';
import { splitLines, splitText } from '../python/text.ts';
import { wrapText } from '../python/textwrap.ts';
import { length } from '../values/iterate.ts';
import { isFloat, isNumber, isText, typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Caller, type Keywords, Markup, noKeywords, Tuple, Undefined } from '../values/types.ts';
import { comment } from './comment.ts';

const isSet = (value: unknown): boolean => value !== undefined && truthy(value);

/** Applies a change to text, which stays Markup if it was. */
function change(value: unknown, run: (text: string) => string): unknown {
  return value instanceof Markup ? new Markup(run(value.text)) : run(pyString(value));
}

function method(rt: Caller, value: unknown, name: string, ...args: unknown[]): unknown {
  const text = isText(value) ? value : pyString(value);
  return callMethod(text, name, findMethod(text, name)!, args, noKeywords, rt);
}

/** Jinja2's `title` starts words after blanks, hyphens and brackets only, unlike Python's. */
function title(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .filter((part) => part !== '')
    .map((part) => part[0]!.toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}

function indent(value: unknown, width: unknown, first: unknown, blank: unknown): unknown {
  const pad = isText(width) ? String(width) : ' '.repeat(intArgument(width, 4));
  if (value instanceof Undefined) throw value.error();
  if (!isText(value)) throw typeError(`indent needs text, not a ${typeName(value)}`);
  return change(value, (original) => {
    const text = `${original}\n`;
    let out: string;
    if (isSet(blank)) out = splitLines(text).join(`\n${pad}`);
    else {
      const [head = '', ...rest] = splitLines(text);
      out = head;
      if (rest.length > 0) out += `\n${rest.map((line) => (line === '' ? line : pad + line)).join('\n')}`;
    }
    return isSet(first) ? pad + out : out;
  });
}

function truncate(value: unknown, size: unknown, killWords: unknown, end: unknown, leeway: unknown): unknown {
  const limit = intArgument(size, 255);
  const tail = end === undefined ? '...' : pyString(end);
  const slack = intArgument(leeway, 5);
  if (limit < length(tail)) throw valueError(`expected length >= ${length(tail)}, got ${limit}`);
  if (slack < 0) throw valueError(`expected leeway >= 0, got ${slack}`);
  if (length(value) <= limit + slack) return value;
  if (!isText(value)) throw typeError(`truncate needs text, not a ${typeName(value)}`);
  return change(value, (text) => {
    const kept = Array.from(text)
      .slice(0, limit - length(tail))
      .join('');
    if (isSet(killWords)) return kept + tail;
    const space = kept.lastIndexOf(' ');
    return (space < 0 ? kept : kept.slice(0, space)) + tail;
  });
}

function wordWrap(value: unknown, width: unknown, breakLong: unknown, wrapString: unknown, onHyphens: unknown): string {
  const options = {
    width: intArgument(width, 79),
    breakLongWords: breakLong === undefined || truthy(breakLong),
    breakOnHyphens: onHyphens === undefined || truthy(onHyphens),
  };
  const newline = wrapString === undefined || wrapString === null ? '\n' : pyString(wrapString);
  return splitLines(pyString(value))
    .map((line) => wrapText(line, options).join(newline))
    .join(newline);
}

function format(value: unknown, args: unknown[], kwargs: Keywords): unknown {
  const named = Object.keys(kwargs).length > 0;
  if (args.length > 0 && named) throw filterError("can't handle positional and keyword arguments at the same time");
  return change(value, (text) => formatPercent(text, named ? { ...kwargs } : Tuple.make(args)));
}

function fileSize(value: unknown, binary: unknown): string {
  const bytes =
    isText(value) && String(value).trim() !== '' ? Number(value) : isNumber(value) ? toNumber(value) : Number.NaN;
  if (Number.isNaN(bytes)) throw valueError(`could not convert string to float: ${pyString(value)}`);
  const base = isSet(binary) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = 'kMGTPEZY'.split('');
  let index = 0;
  while (index < units.length - 1 && bytes >= base ** (index + 2)) index++;
  const unit = base === 1024 ? `${units[index]!.toUpperCase()}iB` : `${units[index]}B`;
  return formatPercent('%.1f %s', Tuple.make([bytes / base ** (index + 1), unit]));
}

function strip(rt: Caller, value: unknown, chars: unknown): unknown {
  return method(rt, value, 'strip', ...(chars === undefined ? [] : [chars]));
}

const quoteSafe = /^[\w@%+=:,./-]+$/;

/** Python's `shlex.quote`. */
function shellQuote(text: string): string {
  if (text === '') return "''";
  return quoteSafe.test(text) && /^[\x00-\x7f]*$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

function isNumberLike(value: unknown): boolean {
  return isNumber(value) && !isFloat(value);
}

/** Filters from text to text. */
export const textFilters: Builtins = {
  capitalize: builtin('s', (rt, value) => method(rt, value, 'capitalize')),
  center: builtin('value, width?', (rt, value, width) => method(rt, value, 'center', width ?? 80)),
  comment: builtin('text, style?, **kw', (_rt, text, style, options: Keywords) =>
    comment(textArgument(text), style === undefined ? 'plain' : pyString(style), options),
  ),
  filesizeformat: builtin('value, binary?', (_rt, value, binary) => fileSize(value, binary)),
  format: builtin('value, *args, **kwargs', (_rt, value, args: unknown[], kwargs: Keywords) =>
    format(value, args, kwargs),
  ),
  indent: builtin('s, width?, first?, blank?', (_rt, value, width, first, blank) => indent(value, width, first, blank)),
  lower: builtin('s', (_rt, value) => change(value, (text) => text.toLowerCase())),
  quote: builtin('a', (_rt, value) => (value === null ? "''" : shellQuote(pyString(value)))),
  replace: builtin('s, old, new, count?', (rt, value, old, fresh, count) =>
    method(rt, value, 'replace', pyString(old), pyString(fresh), ...(isNumberLike(count) ? [count] : [])),
  ),
  split: builtin('value, sep?, maxsplit?', (_rt, value, separator, most) =>
    splitText(textArgument(value), separator, intArgument(most, -1)),
  ),
  title: builtin('s', (_rt, value) => change(value, title)),
  trim: builtin('value, chars?', strip),
  truncate: builtin('s, length?, killwords?, end?, leeway?', (_rt, value, size, kill, end, leeway) =>
    truncate(value, size, kill, end, leeway),
  ),
  upper: builtin('s', (_rt, value) => change(value, (text) => text.toUpperCase())),
  wordcount: builtin('s', (_rt, value) => pyString(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: builtin(
    's, width?, break_long_words?, wrapstring?, break_on_hyphens?',
    (_rt, value, width, long, end, hyphens) => wordWrap(value, width, long, end, hyphens),
  ),
};
