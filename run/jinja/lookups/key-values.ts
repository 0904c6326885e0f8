import { lookupError } from '../errors.ts';

export interface KeyValues {
  readonly values: ReadonlyMap<string, string>;
  /** The words that are no `key=value`. */
  readonly words: readonly string[];
}

/** Ansible's `parse_kv`: words and `key=value` pairs, with shell-like quotes. */
export function parseKeyValues(text: string): KeyValues {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const word of splitWords(text)) {
    const pair = /^([^=\s'"]+)=([\s\S]*)$/.exec(word);
    if (pair) values.set(pair[1]!, unquote(pair[2]!));
    else words.push(unquote(word));
  }
  return { values, words };
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = '';
      word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word += character;
    } else if (/\s/.test(character)) {
      if (word !== '') words.push(word);
      word = '';
    } else word += character;
  }
  if (quote !== '') throw lookupError(`a quote is never closed in '${text}'`);
  if (word !== '') words.push(word);
  return words;
}

function unquote(text: string): string {
  const quote = text[0];
  const quoted = text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote);
  return quoted ? text.slice(1, -1) : text;
}
