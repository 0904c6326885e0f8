import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { compileRegex, type Regex, replaceRegex, searchRegex } from '../python/regex.ts';
import { pyString } from '../python/repr.ts';
import { isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, Tuple } from '../values/types.ts';

const isSet = (value: unknown): boolean => value !== undefined && truthy(value);

function compile(pattern: unknown, ignoreCase: unknown, multiline: unknown): Regex {
  return compileRegex(pyString(pattern), { ignoreCase: isSet(ignoreCase), multiline: isSet(multiline) });
}

function search(value: unknown, pattern: unknown, args: unknown[], kwargs: Keywords): unknown {
  const groups = args.map((arg) => {
    const text = pyString(arg);
    const named = /^\\g<(\S+)>/.exec(text)?.[1] ?? (text.startsWith('\\g') ? undefined : /^\\(\d+)/.exec(text)?.[1]);
    if (named === undefined) throw filterError('Unknown argument');
    return named;
  });
  const regex = compile(pattern, kwargs.ignorecase, kwargs.multiline);
  const match = searchRegex(regex, pyString(value), 'search');
  if (!match) return null;
  if (groups.length === 0) return match[0];
  return groups.map((name) => group(regex, match, name));
}

function group(regex: Regex, match: RegExpExecArray, name: string): string | null {
  const index = /^\d+$/.test(name) ? Number(name) : regex.names.get(name);
  if (index === undefined || index > regex.groups) throw filterError('no such group');
  return match[index] ?? null;
}

function findAll(value: unknown, pattern: unknown, multiline: unknown, ignoreCase: unknown): unknown[] {
  const { pattern: regex } = compile(pattern, ignoreCase, multiline);
  regex.lastIndex = 0;
  return [...pyString(value).matchAll(regex)].map((match) => {
    const groups = match.slice(1).map((text) => text ?? '');
    return groups.length === 0 ? match[0] : groups.length === 1 ? groups[0] : Tuple.make(groups);
  });
}

/** Python's `re.escape`. */
function escapePattern(text: string): string {
  return text.replace(/[\t\n\v\f\r !"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]/g, (character) =>
    /[!"%',/:;<=>@`]/.test(character) ? character : `\\${character}`,
  );
}

function escapeFor(value: unknown, type: unknown): string {
  const text = pyString(value);
  const kind = type === undefined ? 'python' : pyString(type);
  if (kind === 'python') return escapePattern(text);
  if (kind === 'posix_basic') return text.replace(/[\].[^$*\\]/g, '\\$&');
  if (kind === 'posix_extended') throw filterError('Regex type (posix_extended) not yet implemented');
  throw filterError(`Invalid regex type (${kind})`);
}

function replace(
  value: unknown,
  pattern: unknown,
  replacement: unknown,
  ignoreCase: unknown,
  multiline: unknown,
): string {
  const regex = compile(pattern ?? '', ignoreCase, multiline);
  return replaceRegex(regex, isText(replacement) ? String(replacement) : pyString(replacement ?? ''), pyString(value))
    .text;
}

/** Ansible's filters with regular expressions in Python's syntax. */
export const regexFilters: Builtins = {
  regex_escape: builtin('string, re_type?', (_rt, value, type) => escapeFor(value, type)),
  regex_findall: builtin('value, regex, multiline?, ignorecase?', (_rt, value, pattern, multiline, ignoreCase) =>
    findAll(value, pattern, multiline, ignoreCase),
  ),
  regex_replace: builtin('value, pattern?, replacement?, ignorecase?, multiline?', (_rt, ...args: unknown[]) =>
    replace(args[0], args[1], args[2], args[3], args[4]),
  ),
  regex_search: builtin('value, regex, *args, **kwargs', (_rt, value, pattern, args: unknown[], kwargs: Keywords) =>
    search(value, pattern, args, kwargs),
  ),
};
