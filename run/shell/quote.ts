/** Shell functions by name, each with its whole definition. */
export type ShellFunctions = ReadonlyMap<string, string>;

const NONE: ShellFunctions = new Map();

/** A piece of POSIX sh whose values are already quoted. Only `sh`, `lines`, `raw` and `calling` make one. */
export class Sh {
  readonly text: string;
  /** What the text calls and the runtime has not; a session sends each function once, ahead of the first step that needs it. */
  readonly functions: ShellFunctions;
  constructor(text: string, functions: ShellFunctions = NONE) {
    this.text = text;
    this.functions = functions;
  }
  toString(): string {
    return this.text;
  }
}

type ShValue = string | number | boolean | bigint | Sh | readonly ShValue[];

/**
 * A script with its values quoted: strings, numbers and booleans become one word each, a list becomes its words, a
 * nested `sh` stands as it is. The literal parts are taken raw, so a backslash in the script is one backslash.
 * @throws RangeError for a NUL character, which no shell word can carry
 * @example sh`ll_mkdir ${path} ${mode}`
 */
export function sh(literals: TemplateStringsArray, ...values: ShValue[]): Sh {
  let text = literals.raw[0]!;
  values.forEach((value, i) => {
    text += word(value) + literals.raw[i + 1]!;
  });
  return new Sh(text, functionsOf(values));
}

/** Scripts one after the other, a line each. */
export function lines(...scripts: (Sh | undefined | false)[]): Sh {
  const parts = scripts.filter((script): script is Sh => script instanceof Sh);
  const texts = parts.map((script) => script.text).filter((text) => text !== '');
  return new Sh(texts.join('\n'), functionsOf(parts));
}

/** No script by itself, but the functions that those beside it call. */
export function calling(functions: ShellFunctions): Sh {
  return new Sh('', functions);
}

/** A script taken as it stands: for constants of the runtime, never for what a user wrote. */
export function raw(text: string): Sh {
  return new Sh(text);
}

/** One POSIX word: single quotes, which carry every byte but NUL in dash, bash, busybox ash and mksh. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('a shell word cannot hold a NUL character');
  if (/^[A-Za-z0-9_/.:,@%+=-]+$/.test(text) && !/^[=~]|^[A-Za-z_][A-Za-z0-9_]*=/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function functionsOf(values: readonly ShValue[]): ShellFunctions {
  let all = NONE;
  for (const value of values) {
    const own = value instanceof Sh ? value.functions : Array.isArray(value) ? functionsOf(value) : NONE;
    if (own.size > 0) all = all.size === 0 ? own : new Map([...all, ...own]);
  }
  return all;
}

function word(value: ShValue): string {
  if (value instanceof Sh) return value.text;
  if (Array.isArray(value)) return value.map(word).join(' ');
  return quote(String(value));
}
