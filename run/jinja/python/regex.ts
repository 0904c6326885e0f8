import { valueError } from '../errors.ts';
import { RegexTranslator } from './regex-translate.ts';

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
}

/** A compiled Python regular expression. */
export interface Regex {
  /** Global and sticky-free: set `lastIndex` before use. */
  readonly pattern: RegExp;
  readonly groups: number;
  /** The number of each named group. */
  readonly names: ReadonlyMap<string, number>;
}

const compiled = new Map<string, Regex>();

/** Compiles Python's syntax. Throws a `ValueError` for what Python refuses and for what JS cannot do. */
export function compileRegex(text: string, flags: RegexFlags = {}): Regex {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}/${text}`;
  const known = compiled.get(key);
  if (known) return known;
  const regex = translate(text, flags);
  if (compiled.size > 500) compiled.clear();
  compiled.set(key, regex);
  return regex;
}

function translate(text: string, flags: RegexFlags): Regex {
  const translator = new RegexTranslator(text, flags.ignoreCase ?? false, flags.multiline ?? false);
  const source = translator.translate();
  try {
    const pattern = new RegExp(source, translator.ignoreCase ? 'giv' : 'gv');
    return { pattern, groups: translator.groups, names: translator.names };
  } catch (error) {
    throw valueError(`the regular expression '${text}' is not valid: ${(error as Error).message}`, error);
  }
}

/** Python's `re.search`, or `re.match` when `atStart`, or `re.fullmatch` when `whole`. */
export function searchRegex(
  { pattern }: Regex,
  text: string,
  at: 'search' | 'match' | 'fullmatch',
): RegExpExecArray | undefined {
  if (at === 'search') {
    pattern.lastIndex = 0;
    return pattern.exec(text) ?? undefined;
  }
  const anchored = new RegExp(
    at === 'match' ? pattern.source : `(?:${pattern.source})(?![\\s\\S])`,
    pattern.flags.replace('g', 'y'),
  );
  return anchored.exec(text) ?? undefined;
}

/** Python's `re.sub` with a replacement text; `count` 0 means all. Also returns how often it replaced. */
export function replaceRegex(
  regex: Regex,
  replacement: string,
  text: string,
  count = 0,
): { text: string; replaced: number } {
  const parts = parseReplacement(regex, replacement);
  let replaced = 0;
  regex.pattern.lastIndex = 0;
  const out = text.replace(regex.pattern, (whole: string, ...rest: unknown[]) => {
    if (count > 0 && replaced >= count) return whole;
    replaced++;
    return parts
      .map((part) => (typeof part === 'string' ? part : part === 0 ? whole : (rest[part - 1] ?? '')))
      .join('');
  });
  return { text: out, replaced };
}

const replacementEscape = /\\(?:g<([^>]*)>?|(\d{1,3})|([\s\S])|$)/g;
const escapedCharacters: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** The literal parts and group numbers of a Python replacement. */
function parseReplacement(regex: Regex, replacement: string): (string | number)[] {
  const parts: (string | number)[] = [];
  let at = 0;
  for (const match of replacement.matchAll(replacementEscape)) {
    parts.push(replacement.slice(at, match.index));
    at = match.index + match[0].length;
    const [, named, digits, character] = match;
    if (named !== undefined) parts.push(groupNumber(regex, named, match.index));
    else if (digits !== undefined) parts.push(...numbered(regex, digits, match.index));
    else if (character !== undefined) parts.push(escapedCharacter(character, match.index));
    else throw valueError(`bad escape (end of pattern) at position ${match.index}`);
  }
  parts.push(replacement.slice(at));
  return parts;
}

function numbered(regex: Regex, digits: string, at: number): (string | number)[] {
  if (digits.startsWith('0') || (digits.length === 3 && /^[0-3][0-7]{2}$/.test(digits))) {
    const octal = /^[0-7]{1,3}/.exec(digits)![0];
    return [String.fromCharCode(Number.parseInt(octal, 8)), digits.slice(octal.length)];
  }
  return [groupNumber(regex, digits.slice(0, 2), at), digits.slice(2)];
}

function groupNumber({ groups, names }: Regex, name: string, at: number): number {
  const number = /^\d+$/.test(name) ? Number(name) : names.get(name);
  if (number === undefined) throw valueError(`unknown group name '${name}' at position ${at}`);
  if (number > groups) throw valueError(`invalid group reference ${number} at position ${at + 1}`);
  return number;
}

function escapedCharacter(character: string, at: number): string {
  const known = escapedCharacters[character];
  if (known !== undefined) return known;
  if (/[A-Za-z]/.test(character)) throw valueError(`bad escape \\${character} at position ${at}`);
  return `\\${character}`;
}
