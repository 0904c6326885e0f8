import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { escapeHtml } from '../python/arithmetic.ts';
import { dumpJson } from '../python/json-dump.ts';
import { intArgument } from '../python/method.ts';
import { pyString } from '../python/repr.ts';
import type { Runtime } from '../runtime.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Markup, Undefined } from '../values/types.ts';
import { urlize } from './urlize.ts';

const escaping = builtin('s', (_rt, value) =>
  value instanceof Markup ? value : new Markup(escapeHtml(pyString(value))),
);

const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\xa0',
  copy: '©',
  reg: '®',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  euro: '€',
};

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|#[xX]([\da-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

function stripTags(text: string): string {
  const bare = text.replace(/<!--[\s\S]*?-->/g, '').replace(/<[^>]*>/g, '');
  return unescapeHtml(
    bare
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  );
}

function attributes(rt: Runtime, value: unknown, autospace: unknown): unknown {
  if (!isDict(value)) throw filterError('xmlattr expects a dict');
  const pairs = dictEntries(value).filter(([, item]) => item !== null && !(item instanceof Undefined));
  const texts = pairs.map(([key, item]) => {
    const name = pyString(key);
    if (/[\s/>=]/.test(name)) throw filterError(`Invalid character in attribute name: '${name}'`);
    return `${escapeHtml(name)}="${item instanceof Markup ? item.text : escapeHtml(pyString(item))}"`;
  });
  const text = (texts.length > 0 && (autospace === undefined || truthy(autospace)) ? ' ' : '') + texts.join(' ');
  return rt.autoescape ? new Markup(text) : text;
}

const htmlCharacters: Record<string, string> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', "'": '\\u0027' };

/** JSON that may stand inside HTML. */
function toJson(value: unknown, indent: unknown): Markup {
  const options = indent === undefined || indent === null ? {} : { indent: intArgument(indent) };
  const text = dumpJson(value, { ...options, sortKeys: true });
  return new Markup(text.replace(/[<>&']/g, (character) => htmlCharacters[character]!));
}

/** Jinja2's filters for HTML. */
export const htmlFilters: Builtins = {
  e: escaping,
  escape: escaping,
  forceescape: builtin('value', (_rt, value) => new Markup(escapeHtml(pyString(value)))),
  safe: builtin('value', (_rt, value) => new Markup(pyString(value))),
  striptags: builtin('value', (_rt, value) => stripTags(pyString(value))),
  tojson: builtin('value, indent?', (_rt, value, indent) => toJson(value, indent)),
  urlize: builtin(
    'value, trim_url_limit?, nofollow?, target?, rel?, extra_schemes?',
    (rt, value, limit, nofollow, target, rel, schemes) => {
      const text = urlize(pyString(value), { limit, nofollow, target, rel, schemes });
      return rt.autoescape ? new Markup(text) : text;
    },
  ),
  xmlattr: builtin('d, autospace?', attributes),
};
