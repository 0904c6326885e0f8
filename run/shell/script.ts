/** Shell functions by name, each with its whole definition. */
export type ShellFunctions = ReadonlyMap<string, string>;

/** A path of the host that a step will look at, and what of its content: nothing, its SHA-1, or its text. */
export interface Look {
  path: string;
  content?: 'sum' | 'text' | undefined;
}

/** A piece of POSIX sh whose values are already quoted. Only `sh`, `lines` and the functions beside them make one. */
export class Sh {
  readonly text: string;
  /** What the text calls and the runtime has not; a session sends each function once, ahead of the first step that needs it. */
  readonly libraries: readonly ShellFunctions[];
  /** What it will look at first: a session lets the shell look at it for many steps at once. */
  readonly looks: readonly Look[];
  /** Fields of its reply that the controller knows already: they need not travel. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether it has nothing to do, if that can be told without it: see `settling`. */
  readonly test: string;
  constructor(text: string, { libraries = [], looks = [], fields = {}, test = '' }: Partial<Omit<Sh, 'text'>> = {}) {
    this.text = text;
    this.libraries = libraries;
    this.looks = looks;
    this.fields = fields;
    this.test = test;
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
  return new Sh(text, gathered(values));
}

/** Scripts one after the other, a line each. */
export function lines(...scripts: (Sh | undefined | false)[]): Sh {
  const spoken = scripts.filter((script) => script instanceof Sh && script.text !== '') as Sh[];
  const text = spoken.map((script) => script.text).join('\n');
  // What tells that one of many has nothing to do says nothing of the others.
  const test = spoken.length === 1 ? spoken[0]!.test : '';
  return new Sh(text, { ...gathered(scripts), test });
}

/**
 * The script with a test that tells whether it has nothing to do; then it is not run, and what the test returns (`ll_ret`, `ll_keep`)
 * is its answer. The test runs in the session's own shell: builtins, the runtime's words (`ll_fits`, `ll_ret_seen`) and functions of its
 * module alone, and no change. It may say no whenever it is not sure.
 */
export function settling(test: Sh | undefined, script: Sh): Sh {
  return test === undefined ? script : new Sh(script.text, { ...script, test: test.text });
}

/** No script by itself, but the functions that those beside it call. */
export function calling(functions: ShellFunctions): Sh {
  return new Sh('', { libraries: [functions] });
}

/**
 * Says that a step first looks at `path` (and at the content, where the file is small), and that it tells of all that it changes:
 * unless it ends as changed, what was looked at ahead for later steps still holds. A path that the host has to expand is looked at
 * when its turn comes.
 */
export function looking(path: string, content?: Look['content']): Sh {
  return new Sh('ll_tells=1', { looks: isPlain(path) ? [{ path, content }] : [] });
}

/** A path that is the same for the host, on one line. */
export function isPlain(path: string): boolean {
  return path.startsWith('/') && !/[$\n\0]/.test(path);
}

/** No script, but fields of the reply that the controller knows already. */
export function knowing(fields: Record<string, string>): Sh {
  return new Sh('', { fields });
}

/** Variables for a step, `true` as 1. What is empty or false is left out: a function before has emptied them all. */
export function assigning(values: Readonly<Record<string, string | boolean | undefined>>): Sh {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '' && value !== false);
  return raw(given.map(([name, value]) => `${name}=${value === true ? '1' : quote(String(value))}`).join(' '));
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

/** What the scripts among some values need and know, in their order. */
function gathered(values: readonly (ShValue | undefined)[]): Partial<Omit<Sh, 'text' | 'test'>> {
  const scripts = values.flat(9).filter((value) => value instanceof Sh);
  const first = scripts[0];
  if (first === undefined) return {};
  if (scripts.length === 1) return { libraries: first.libraries, looks: first.looks, fields: first.fields };
  return {
    libraries: scripts.flatMap((script) => script.libraries),
    looks: scripts.flatMap((script) => script.looks),
    fields: Object.assign({}, ...scripts.map((script) => script.fields)) as Record<string, string>,
  };
}

function word(value: ShValue): string {
  if (value instanceof Sh) return value.text;
  if (Array.isArray(value)) return value.map(word).join(' ');
  return quote(String(value));
}
