import { compileRegex, type Regex, searchRegex } from '../jinja/python/regex.ts';
import { lines, raw, sh } from '../shell/script.ts';
import type { ActionHost } from '../task.ts';
import type { FoundPath } from './find-filter.ts';
import { shellFunctions } from './shell-file.ts';
import { textRegex } from './text-regex.ts';

/** Files judged in one visit: by the host itself, or by their contents, which all travel. */
const BATCH = 200;
const CONTENTS = 20;

/**
 * Those of the files that hold what the pattern finds: at the start of a line, or with `whole` anywhere in the text. The
 * host looks where its awk reads the pattern as Python does; otherwise the contents come here.
 */
export async function findContaining(
  host: ActionHost,
  files: FoundPath[],
  pattern: string,
  whole: boolean,
  library: URL,
): Promise<FoundPath[]> {
  const regex = compileRegex(pattern);
  const extended = whole || pattern === '' ? undefined : textRegex(pattern);
  const found: FoundPath[] = [];
  const size = extended === undefined ? CONTENTS : BATCH;
  for (let from = 0; from < files.length; from += size) {
    const batch = files.slice(from, from + size);
    if (extended !== undefined) {
      const { fields } = await host.run(
        lines(
          shellFunctions(library),
          sh`export m_regexp=${`^(${extended})`}`,
          ...batch.map(({ path }, i) => sh`n_contains ${path} && ll_ret ${`has.${i}`} 1`),
          raw(':'),
        ),
      );
      found.push(...batch.filter((_, i) => fields[`has.${i}`] === '1'));
    } else {
      const { fields } = await host.run(
        lines(...batch.map(({ path }, i) => sh`ll_read ${path} && ll_ret_bytes ${`content.${i}`} "$ll_at"`), raw(':')),
      );
      found.push(...batch.filter((_, i) => holds(fields[`content.${i}`], regex, whole)));
    }
  }
  return found;
}

/** As Python reads a text file: UTF-8 or nothing, every kind of line end a line feed. */
function holds(base64: string | undefined, regex: Regex, whole: boolean): boolean {
  if (base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) return false;
  const plain = text.replace(/\r\n?/g, '\n');
  if (whole) return searchRegex(regex, plain, 'search') !== undefined;
  return (plain.match(/[^\n]*\n|[^\n]+$/g) ?? []).some((line) => searchRegex(regex, line, 'match') !== undefined);
}
