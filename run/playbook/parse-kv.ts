import { joinArgs, splitArgs } from './split-args.ts';

/** What may be written as `k=v` beside the command of command, shell, raw and script. */
const COMMAND_OPTIONS = new Set(
  'creates removes chdir executable warn stdin stdin_add_newline strip_empty_ends'.split(' '),
);

const ESCAPE = /\\U([0-9a-fA-F]{8})|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\([\\'"abfnrtv])/g;
const LETTERS: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

export interface KeyValues {
  values: Record<string, string>;
  /** Words that are not `k=v`, joined as they stood; undefined without any. */
  rest: string | undefined;
}

/**
 * Reads a bare string of `k=v` words, as Ansible's parse_kv; with `command`, only the options of a command are taken off.
 * @throws UnbalancedArguments
 */
export function parseKv(text: string, command = false): KeyValues {
  const values: Record<string, string> = {};
  const rest: string[] = [];
  for (const written of splitArgs(text)) {
    const word = decodeEscapes(written);
    if (!word.includes('=')) {
      rest.push(written);
      continue;
    }
    const equals = firstEquals(word);
    if (equals < 0) {
      rest.push(word.replaceAll('\\=', '='));
      continue;
    }
    const key = word.slice(0, equals);
    if (command && !COMMAND_OPTIONS.has(key)) rest.push(written);
    else values[key.trim()] = unquote(word.slice(equals + 1).trim());
  }
  return { values, rest: rest.length > 0 ? joinArgs(rest) : undefined };
}

/** The first "=" that is neither the first character nor escaped. */
function firstEquals(word: string): number {
  let at = word.indexOf('=', 1);
  while (at > 0 && word[at - 1] === '\\') at = word.indexOf('=', at + 1);
  return at;
}

function decodeEscapes(text: string): string {
  return text.replace(ESCAPE, (_, long?: string, short?: string, hex?: string, letter?: string) => {
    const code = long ?? short ?? hex;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return LETTERS[letter!] ?? letter!;
  });
}

function unquote(text: string): string {
  const first = text[0];
  const quoted = text.length > 1 && (first === '"' || first === "'") && text.at(-1) === first && text.at(-2) !== '\\';
  return quoted ? text.slice(1, -1) : text;
}
