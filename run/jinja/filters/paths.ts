import { realpathSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import path from 'node:path/posix';
import { type Builtins, builtin } from '../builtin.ts';
import { filterError, typeError } from '../errors.ts';
import { textArgument } from '../python/method.ts';
import { pyString } from '../python/repr.ts';
import { iterate } from '../values/iterate.ts';
import { isSequence, isText, typeName } from '../values/kinds.ts';
import { Tuple, Undefined } from '../values/types.ts';
import { globFiles } from './glob.ts';

function baseName(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}

/** Python's `os.path.dirname`, which keeps a lone root. */
function directoryName(text: string): string {
  const head = text.slice(0, text.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

/** Python's `os.path.join`. */
export function joinPaths(parts: readonly string[]): string {
  return parts.reduce((joined, part) => {
    if (part.startsWith('/') || joined === '') return part;
    return joined.endsWith('/') ? joined + part : `${joined}/${part}`;
  }, '');
}

function splitExtension(text: string): Tuple {
  const name = baseName(text);
  const dot = name.lastIndexOf('.');
  const isExtension = dot > 0 && /[^.]/.test(name.slice(0, dot));
  if (!isExtension) return Tuple.make([text, '']);
  const at = text.length - name.length + dot;
  return Tuple.make([text.slice(0, at), text.slice(at)]);
}

function expandUser(text: string): string {
  const match = /^~([^/]*)/.exec(text);
  if (!match) return text;
  const own = match[1] === '' || match[1] === userInfo().username;
  const home = own ? (match[1] === '' ? (process.env.HOME ?? homedir()) : homedir()) : undefined;
  return home === undefined ? text : home.replace(/\/+$/, '') + text.slice(match[0].length) || '/';
}

function expandVariables(text: string): string {
  return text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain, braced) => process.env[plain ?? braced] ?? whole);
}

/** Python's `os.path.realpath`: what exists is resolved, the rest stays. */
function realPath(text: string): string {
  const absolute = resolve(text);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : joinPaths([realPath(parent), baseName(absolute)]);
  }
}

function relativePath(text: string, start: unknown): string {
  if (text === '') throw typeError('no path specified');
  return path.relative(resolve(start === undefined || start === null ? '.' : pyString(start)), resolve(text)) || '.';
}

function commonPath(paths: unknown[]): string {
  const texts = paths.map((item) => textArgument(item));
  if (texts.length === 0) throw typeError('commonpath() arg is an empty sequence');
  const absolute = texts[0]!.startsWith('/');
  if (texts.some((text) => text.startsWith('/') !== absolute)) throw typeError("Can't mix absolute and relative paths");
  const split = texts.map((text) => text.split('/').filter((part) => part !== '' && part !== '.'));
  const [first = [], ...rest] = split;
  const common = first.findIndex((part, index) => rest.some((other) => other[index] !== part));
  return (absolute ? '/' : '') + first.slice(0, common < 0 ? first.length : common).join('/');
}

function join(value: unknown): string {
  if (value instanceof Undefined) throw value.error();
  if (isText(value)) return String(value);
  if (isSequence(value)) return joinPaths(value.map((part) => textArgument(part)));
  throw filterError(`|path_join expects string or sequence, got <class '${typeName(value)}'> instead.`);
}

function isFile(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Python's `ntpath.splitdrive`. */
function splitDrive(text: string): [string, string] {
  const share = /^[\\/]{2}[^\\/]*[\\/][^\\/]*/.exec(text);
  const drive = share?.[0] ?? (text[1] === ':' ? text.slice(0, 2) : '');
  return [drive, text.slice(drive.length)];
}

/** Python's `ntpath.split`. */
function splitWindows(text: string): [string, string] {
  const [drive, rest] = splitDrive(text);
  const at = Math.max(rest.lastIndexOf('\\'), rest.lastIndexOf('/')) + 1;
  const head = rest.slice(0, at);
  return [drive + (head.replace(/[\\/]+$/, '') || head), rest.slice(at)];
}

const onText = (run: (text: string) => unknown) => builtin('path', (_rt, value) => run(textArgument(value)));

/** Ansible's filters for paths, those of the controller and those of Windows. */
export const pathFilters: Builtins = {
  basename: onText(baseName),
  commonpath: builtin('paths', (_rt, value) => commonPath(iterate(value))),
  dirname: onText(directoryName),
  expanduser: onText(expandUser),
  expandvars: onText(expandVariables),
  fileglob: onText((text) => globFiles(text).filter(isFile)),
  normpath: onText((text) => path.normalize(text).replace(/(?<=.)\/$/, '')),
  path_join: builtin('paths', (_rt, value) => join(value)),
  realpath: onText(realPath),
  relpath: builtin('path, start?', (_rt, value, start) => relativePath(textArgument(value), start)),
  splitext: onText(splitExtension),
  win_basename: onText((text) => splitWindows(text)[1]),
  win_dirname: onText((text) => splitWindows(text)[0]),
  win_splitdrive: onText((text) => Tuple.make(splitDrive(text))),
};
