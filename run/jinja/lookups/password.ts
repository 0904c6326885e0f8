import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lookupError } from '../errors.ts';
import { passwordHash, randomSalt, saltSize } from '../filters/crypt.ts';
import { randomSource } from '../python/random.ts';
import { pyString } from '../python/repr.ts';
import { isSequence } from '../values/kinds.ts';
import { parseKeyValues } from './key-values.ts';
import { checkOptions, contextOf, type Lookup } from './plugin.ts';

const names = ['length', 'encrypt', 'chars', 'ident', 'seed'];
const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Python's `string` constants, by which sets of characters are named. */
const characterSets: Record<string, string> = {
  ascii_letters: lower + lower.toUpperCase(),
  ascii_lowercase: lower,
  ascii_uppercase: lower.toUpperCase(),
  digits,
  hexdigits: `${digits}abcdefABCDEF`,
  octdigits: '01234567',
  printable: `${digits}${lower}${lower.toUpperCase()}${punctuation} \t\n\r\v\f`,
  punctuation,
  whitespace: ' \t\n\r\v\f',
};

function candidates(chars: unknown): string {
  const specs = isSequence(chars) ? chars.map(pyString) : splitChars(pyString(chars));
  const all = specs.map((spec) => (Object.hasOwn(characterSets, spec) ? characterSets[spec]! : spec)).join('');
  return all.replace(/["']/g, '');
}

/** Commas separate sets; two of them are a comma. */
function splitChars(text: string): string[] {
  const specs = text
    .replaceAll(',,', ',')
    .split(',')
    .filter((spec) => spec !== '');
  return text.includes(',,') ? [',', ...specs] : specs;
}

interface Parameters {
  path: string;
  length: number;
  chars: string;
  encrypt: string | undefined;
  ident: string | undefined;
  seed: string | undefined;
}

function parse(term: string, options: Record<string, unknown>): Parameters {
  const space = term.indexOf(' ');
  const { values, words } = parseKeyValues(space < 0 ? '' : term.slice(space));
  const path = [space < 0 ? term : term.slice(0, space), ...words].join(' ');
  if (!term.startsWith(path))
    throw lookupError('Unrecognized value after key=value parameters given to password lookup');
  const wrong = [...values.keys()].filter((name) => !names.includes(name));
  if (wrong.length > 0) throw lookupError(`Unrecognized parameter(s) given to password lookup: ${wrong.join(', ')}`);
  const option = (name: string): unknown => values.get(name) ?? options[name] ?? undefined;
  const text = (name: string) => (option(name) === undefined ? undefined : pyString(option(name)));
  return {
    path,
    length: Number(text('length') ?? 20),
    chars: candidates(option('chars') ?? ['ascii_letters', 'digits', '.,:-_']),
    encrypt: text('encrypt'),
    ident: text('ident'),
    seed: text('seed'),
  };
}

interface Stored {
  password: string;
  salt: string | undefined;
  ident: string | undefined;
}

function read(path: string): Stored | undefined {
  if (path === '/dev/null' || !existsSync(path)) return undefined;
  const content = readFileSync(path, 'utf8').trimEnd();
  const [, password = content, salt, ident] = /^([\s\S]*) salt=(\S*?)(?: ident=(\S*))?$/.exec(content) ?? [];
  return { password, salt, ident };
}

/** Passwords are kept in clear text, as the lookup promises, but for their owner only. */
function write(path: string, { password, salt, ident }: Stored): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const extras = salt === undefined ? '' : ` salt=${salt}${ident === undefined ? '' : ` ident=${ident}`}`;
  writeFileSync(temporary, `${password}${extras}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

function generate({ length, chars, seed }: Parameters): string {
  if (chars === '') throw lookupError('there are no characters to make a password of');
  const source = randomSource(seed);
  return Array.from({ length }, () => chars[source.below(chars.length)]).join('');
}

/** Ansible's `password`: the password kept in a file, made when there is none. */
export const password: Lookup = (terms, options, rt) => {
  checkOptions('password', options, names);
  return terms.map((term) => {
    const parameters = parse(pyString(term), options);
    const path = contextOf(rt).resolvePath(parameters.path);
    const before = read(path);
    const stored: Stored = before ?? { password: generate(parameters), salt: undefined, ident: undefined };
    const { encrypt } = parameters;
    if (encrypt !== undefined) {
      if (stored.ident && parameters.ident && stored.ident !== parameters.ident) {
        throw lookupError(
          `The ident parameter provided (${parameters.ident}) does not match the stored one (${stored.ident}).`,
        );
      }
      stored.salt ??= randomSalt(saltSize(encrypt));
      stored.ident ??= parameters.ident ?? (['bcrypt', 'blowfish'].includes(encrypt) ? '2b' : undefined);
    }
    const changed = !before || before.salt !== stored.salt || encrypt !== undefined;
    if (changed && path !== '/dev/null') write(path, stored);
    if (encrypt === undefined) return stored.password;
    return passwordHash(stored.password, { type: encrypt, salt: stored.salt, ident: stored.ident });
  });
};
