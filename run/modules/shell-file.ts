import { readFileSync } from 'node:fs';
import { raw, type Sh } from '../shell/quote.ts';

const cache = new Map<string, Map<string, string>>();

/**
 * Shell functions from a file beside the module, without their comments: all, or those named, in the file's order.
 * A function is one line, or begins with `name() {` and ends with `}`, each at the start of a line; nothing else stands
 * in the file.
 * @example shellFunctions(new URL('./apt.sh', import.meta.url))
 */
export function shellFunctions(file: URL, names?: ReadonlySet<string>): Sh {
  let functions = cache.get(file.href);
  if (functions === undefined) {
    functions = split(readFileSync(file, 'utf8'));
    cache.set(file.href, functions);
  }
  const chosen = [...functions].filter(([name]) => names === undefined || names.has(name));
  for (const name of names ?? []) if (!functions.has(name)) throw new RangeError(`${file.pathname} has no ${name}()`);
  return raw(chosen.map(([, text]) => text).join('\n'));
}

function split(text: string): Map<string, string> {
  const functions = new Map<string, string>();
  for (const match of text.matchAll(/^([a-z_0-9]+)\(\) (?:[{(]\n[\s\S]*?^[})]|\{ .* \})$/gm))
    functions.set(match[1]!, match[0].replace(/^[ \t]*(#.*\n)?/gm, ''));
  return functions;
}
