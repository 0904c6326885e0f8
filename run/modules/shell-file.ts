import { readFileSync } from 'node:fs';
import { calling, type Sh } from '../shell/script.ts';

const files = new Map<string, Map<string, string>>();
/** What each set of names chose: a step is made for every host. */
const chosen = new Map<string, Map<string, string>>();

/**
 * For the steps that call them: shell functions from a file beside the module, without their comments, all or those named.
 * A function is one line, or begins with `name() {` and ends with `}`, each at the start of a line; nothing else stands
 * in the file.
 * @example shellFunctions(new URL('./apt.sh', import.meta.url))
 */
export function shellFunctions(file: URL, names?: ReadonlySet<string>): Sh {
  const functions = functionsIn(file);
  if (names === undefined) return calling(functions);
  for (const name of names) if (!functions.has(name)) throw new RangeError(`${file.pathname} has no ${name}()`);
  const key = [file.href, ...names].join(' ');
  let some = chosen.get(key);
  if (some === undefined) {
    some = new Map([...functions].filter(([name]) => names.has(name)));
    chosen.set(key, some);
  }
  return calling(some);
}

function functionsIn(file: URL): Map<string, string> {
  let functions = files.get(file.href);
  if (functions === undefined) {
    functions = split(readFileSync(file, 'utf8'));
    files.set(file.href, functions);
  }
  return functions;
}

function split(text: string): Map<string, string> {
  const functions = new Map<string, string>();
  for (const match of text.matchAll(/^([a-z_0-9]+)\(\) (?:[{(]\n[\s\S]*?^[})]|\{ .* \})$/gm))
    functions.set(match[1]!, match[0].replace(/^[ \t]*(#.*\n)?/gm, ''));
  return functions;
}
