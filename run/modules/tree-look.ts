import { lines, quote, raw, type Sh, sh } from '../shell/quote.ts';
import type { ActionHost, StepReply } from '../task.ts';
import { shellFunctions } from './shell-file.ts';

export const TREE_LIBRARY = new URL('./copy-tree.sh', import.meta.url);

/** Names given to one program at a time. */
export const BATCH = 400;

/** What stands at a path, as the shell by itself can tell: `directory` also for a link to one. Check mode knows `unknown`. */
type Kind = 'absent' | 'directory' | 'link' | 'other' | 'unknown';

/** What a host has of a tree. */
export interface TreeFound {
  /** Where the tree goes, with a slash at the end. */
  top: string;
  /** Of the top itself, then of each directory. */
  directories: Kind[];
  files: {
    kind: Kind;
    /** SHA-1; undefined where there is no regular file. */
    hash: string | undefined;
    /** Four octal digits; undefined where they were not asked for or cannot be had by one program. */
    mode: string | undefined;
  }[];
  /** A path in the scratch that nothing has yet. */
  scratch: string;
}

/**
 * Asks a host for all of a tree at once: one visit.
 * @param dest ends in a slash
 */
export async function lookAtTree(
  host: ActionHost,
  dest: string,
  paths: { files: readonly string[]; directories: readonly string[] },
  withModes: boolean,
): Promise<TreeFound | { failed: StepReply }> {
  const reply = await host.run(lookStep(dest, paths, withModes, !host.check), { readOnly: false });
  if (reply.status === 'failed') return { failed: reply };
  const { fields } = reply;
  const top = fields.dest ?? dest;
  const [hashes, modes] = [hashesOf(fields.sums ?? ''), modesOf(fields.modes ?? '')];
  const [directories, files] = [kindsOf(fields.directories ?? ''), kindsOf(fields.files ?? '')];
  return {
    top,
    scratch: fields.scratch!,
    directories: ['', ...paths.directories].map((_, index) => directories[index] ?? 'unknown'),
    files: paths.files.map((path, index) => ({
      kind: files[index] ?? 'unknown',
      hash: hashes.get(`${top}${path}`),
      mode: modes.get(`${top}${path}`),
    })),
  };
}

function lookStep(
  dest: string,
  { files, directories }: { files: readonly string[]; directories: readonly string[] },
  withModes: boolean,
  withKinds: boolean,
): Sh {
  const functions = new Set(['t_sums', 't_modes', 't_look']);
  return lines(
    shellFunctions(TREE_LIBRARY, functions),
    sh`
ll_home ${dest}; m_top=$ll_path
ll_stat ${raw('"${m_top%/}"')} follow
case $ll_kind in absent|directory) ;; *) ll_fail "$m_top is a $ll_kind, not a directory";; esac
ll_ret dest "$m_top"
for m_each in sums modes files directories; do ll_temp; eval "m_$m_each=\$ll_tmp"; done`,
    withKinds && raw('t_look "$m_top" >>"$m_directories"'),
    ...(withKinds ? batches(directories).map((words) => raw(`t_look ${words} >>"$m_directories"`)) : []),
    ...batches(files).flatMap((words) => [
      raw(`t_sums ${words} >>"$m_sums"`),
      withKinds && raw(`t_look ${words} >>"$m_files"`),
      withModes && raw(`t_modes ${words} >>"$m_modes"`),
    ]),
    raw(`for m_each in sums modes files directories; do eval "ll_ret_file $m_each \\"\\$m_$m_each\\""; done
ll_upload_path; ll_ret scratch "$ll_path"`),
  );
}

function batches(paths: readonly string[]): string[] {
  return chunks(paths, BATCH).map((some) => some.map((path) => `"$m_top"${quote(path)}`).join(' '));
}

/** A list cut into pieces of `size`. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let i = 0; i < list.length; i += size) pieces.push(list.slice(i, i + size));
  return pieces;
}

const KINDS: Record<string, Kind> = { a: 'absent', d: 'directory', l: 'link', f: 'other' };

function kindsOf(letters: string): (Kind | undefined)[] {
  return [...letters].map((letter) => KINDS[letter]);
}

/** path -> SHA-1, from the output of sha1sum, which escapes odd names after a backslash. */
function hashesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^(\\?)([0-9a-f]{40}) [ *](.*)$/.exec(line);
    if (!match) continue;
    const path = match[1] === '' ? match[3]! : match[3]!.replace(/\\([\\nr])/g, (_, c) => ESCAPES[c as string]!);
    found.set(path, match[2]!);
  }
  return found;
}

const ESCAPES: Record<string, string> = { '\\': '\\', n: '\n', r: '\r' };

/** path -> mode, from the output of stat. */
function modesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([0-7]+) (.*)$/.exec(line);
    if (match) found.set(match[2]!, match[1]!.padStart(4, '0'));
  }
  return found;
}
