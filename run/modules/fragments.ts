import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compileRegex, searchRegex } from '../jinja/python/regex.ts';

export interface FragmentChoice {
  regexp?: string | undefined;
  ignore_hidden: boolean;
}

const ESCAPES: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, "'": 39, '"': 34 };

/** The names that a pattern chooses. @throws LamplighterError for what is no pattern */
export function chosenNames(names: string[], regexp: string | undefined): string[] {
  if (regexp === undefined) return names;
  const regex = compileRegex(regexp);
  return names.filter((name) => searchRegex(regex, name, 'search') !== undefined);
}

/** Paths of the files in a directory of the controller, by their names. */
export async function fragmentFiles(dir: string, { regexp, ignore_hidden: skip }: FragmentChoice): Promise<string[]> {
  const names = (await readdir(dir)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const files: string[] = [];
  for (const name of chosenNames(names, regexp)) {
    if (skip && name.startsWith('.')) continue;
    const path = join(dir, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) files.push(path);
  }
  return files;
}

/** Fragments one after the other, each on a new line, with the delimiter between them. */
export function joinFragments(fragments: Buffer[], delimiter: Buffer): Buffer {
  const out: Buffer[] = [];
  fragments.forEach((fragment, i) => {
    if (i > 0) {
      if (!fragments[i - 1]!.toString('latin1').endsWith('\n')) out.push(Buffer.from('\n'));
      out.push(delimiter);
    }
    out.push(fragment);
  });
  return Buffer.concat(out);
}

/** A delimiter's bytes, its escapes read as Python's `codecs.escape_decode` reads them. */
export function delimiterBytes(text: string): Buffer {
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|(\n)|([abfnrtv\\'"]))/g,
    (_, octal?: string, hex?: string, feed?: string, letter?: string) => {
      if (feed !== undefined) return '';
      const code = octal ? Number.parseInt(octal, 8) & 0xff : hex ? Number.parseInt(hex, 16) : ESCAPES[letter!]!;
      return String.fromCharCode(code);
    },
  );
  return Buffer.from(plain, 'latin1');
}
