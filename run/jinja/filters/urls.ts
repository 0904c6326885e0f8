import { type Builtins, builtin } from '../builtin.ts';
import { filterError, valueError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { splitUrl } from '../python/url.ts';
import { dictEntries, makeDict } from '../values/dict.ts';
import { iterate, tryIterate } from '../values/iterate.ts';
import { isDict, isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';

/** Python's `urllib.parse.quote`. */
function quote(text: string, safe: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    const keeps = byte < 0x80 && (/[A-Za-z0-9_.~-]/.test(character) || safe.includes(character));
    return keeps ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function quoteQuery(value: unknown): string {
  return quote(pyString(value), '').replaceAll('%20', '+');
}

/** Jinja2's `urlencode`: text, or a query string of a dict or of pairs. */
function encode(value: unknown): string {
  if (isText(value)) return quote(String(value), '/');
  const pairs = isDict(value) ? dictEntries(value) : tryIterate(value)?.map(asPair);
  if (!pairs) return quote(pyString(value), '/');
  return pairs.map(([name, content]) => `${quoteQuery(name)}=${quoteQuery(content)}`).join('&');
}

function asPair(value: unknown): unknown[] {
  const pair = iterate(value);
  if (pair.length === 2) return pair;
  throw valueError(`urlencode needs pairs of a name and a value, got ${pair.length} items`);
}

function decode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-fA-F]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));
}

function split(value: unknown, query: unknown): unknown {
  const url = splitUrl(pyString(value));
  const parts = makeDict(Object.entries(url).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (query === undefined || !truthy(query)) return parts;
  const name = pyString(query);
  if (!Object.hasOwn(url, name)) throw filterError(`urlsplit: unknown URL component: ${name}`);
  return url[name as keyof typeof url];
}

/** Filters for URLs. */
export const urlFilters: Builtins = {
  urldecode: builtin('string', (_rt, value) => decode(pyString(value))),
  urlencode: builtin('value', (_rt, value) => encode(value)),
  urlsplit: builtin('value, query?, alias?', (_rt, value, query) => split(value, query)),
};
