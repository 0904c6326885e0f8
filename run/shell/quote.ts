/** Shell functions by name, each with its whole definition. */
export type ShellFunctions = ReadonlyMap<string, string>;

/** A piece of POSIX sh whose values are already quoted. Only `sh`, `lines`, `raw` and `calling` make one. */
export class Sh {
  readonly text: string;
  /** What the text calls and the runtime has not; a session sends each function once, ahead of the first step that needs it. */
  readonly libraries: readonly ShellFunctions[];
  constructor(text: string, libraries: readonly ShellFunctions[] = []) {
    this.text = text;
    this.libraries = libraries;
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
  return new Sh(text, librariesOf(values));
}

/** Scripts one after the other, a line each. */
export function lines(...scripts: (Sh | undefined | false)[]): Sh {
  let text = '';
  for (const script of scripts)
    if (script && script.text !== '') text += text === '' ? script.text : `\n${script.text}`;
  return new Sh(text, librariesOf(scripts));
}

/** No script by itself, but the functions that those beside it call. */
export function calling(functions: ShellFunctions): Sh {
  return new Sh('', [functions]);
}

/** A script taken as it stands: for constants of the runtime, never for what a user wrote. */
export function raw(text: string): Sh {
  return new Sh(text);
}

/** One POSIX word: single quotes, which carry every byte but NUL in dash, bash, busybox ash and mksh. */
export function quote(text: string): string {
  // Stands inside a step's own quotes as it is, where two single quotes would become eight characters.
  if (text === '') return '""';
  if (text.includes('\0')) throw new RangeError('a shell word cannot hold a NUL character');
  if (/^[A-Za-z0-9_/.:,@%+=-]+$/.test(text) && !/^[=~]|^[A-Za-z_][A-Za-z0-9_]*=/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function librariesOf(values: readonly (ShValue | undefined)[]): ShellFunctions[] {
  const libraries: ShellFunctions[] = [];
  for (const value of values) {
    if (value instanceof Sh) libraries.push(...value.libraries);
    else if (Array.isArray(value)) libraries.push(...librariesOf(value));
  }
  return libraries;
}

function word(value: ShValue): string {
  if (value instanceof Sh) return value.text;
  if (Array.isArray(value)) return value.map(word).join(' ');
  return quote(String(value));
}
