import { lines, quote, raw, type Sh, sh } from '../shell/script.ts';
import type { ActionHost, StepReply } from '../task.ts';
import { shellFunctions } from './shell-file.ts';

export const TREE_LIBRARY = new URL('./copy-tree.sh', import.meta.url);

/** Names given to one program at a time. */
export const BATCH = 400;

/** What stands at a path, as the shell by itself can tell: `directory` also for a link to one. Check mode knows `unknown`. */
type Kind = 'absent' | 'directory' | 'link' | 'other' | 'unknown';

/** What stat(1) tells of a path. */
export interface Attributes {
  /** Four octal digits. */
  mode: string;
  /** As number and as name. */
  owner: readonly [string, string];
  group: readonly [string, string];
}

/** What a host has of a tree. Attributes are undefined where they were not asked for, or cannot be had by one program. */
export interface TreeFound {
  /** Where the tree goes, with a slash at the end. */
  top: string;
  /** The top itself, then each directory. */
  directories: { kind: Kind; attributes: Attributes | undefined }[];
  files: {
    kind: Kind;
    /** SHA-1; undefined where there is no regular file. */
    hash: string | undefined;
    attributes: Attributes | undefined;
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
  withAttributes: boolean,
): Promise<TreeFound | { failed: StepReply }> {
  const reply = await host.run(lookStep(dest, paths, withAttributes, !host.check), { readOnly: false });
  if (reply.status === 'failed') return { failed: reply };
  const { fields } = reply;
  const top = fields.dest ?? dest;
  const [hashes, attributes] = [hashesOf(fields.sums ?? ''), attributesOf(fields.attributes ?? '')];
  const [directories, files] = [kindsOf(fields.directories ?? ''), kindsOf(fields.files ?? '')];
  return {
    top,
    scratch: fields.scratch!,
    directories: ['', ...paths.directories].map((path, index) => ({
      kind: directories[index] ?? 'unknown',
      attributes: attributes.get(path === '' ? top.replace(/\/$/, '') : `${top}${path}`),
    })),
    files: paths.files.map((path, index) => ({
      kind: files[index] ?? 'unknown',
      hash: hashes.get(`${top}${path}`),
      attributes: attributes.get(`${top}${path}`),
    })),
  };
}

function lookStep(
  dest: string,
  { files, directories }: { files: readonly string[]; directories: readonly string[] },
  withAttributes: boolean,
  withKinds: boolean,
): Sh {
  const functions = new Set(['t_sums', 't_attributes', 't_look']);
  return lines(
    shellFunctions(TREE_LIBRARY, functions),
    sh`
ll_home ${dest}; m_top=$ll_path
ll_stat ${raw('"${m_top%/}"')} follow
case $ll_kind in absent|directory) ;; *) ll_fail "$m_top is a $ll_kind, not a directory";; esac
ll_ret dest "$m_top"
for m_each in sums attributes files directories; do ll_temp; eval "m_$m_each=\$ll_tmp"; done`,
    ...['"${m_top%/}"', ...batches(directories)].flatMap((words) => [
      withKinds && raw(`t_look ${words} >>"$m_directories"`),
      withAttributes && raw(`t_attributes -L ${words} >>"$m_attributes"`),
    ]),
    ...batches(files).flatMap((words) => [
      raw(`t_sums ${words} >>"$m_sums"`),
      withKinds && raw(`t_look ${words} >>"$m_files"`),
      withAttributes && raw(`t_attributes '' ${words} >>"$m_attributes"`),
    ]),
    raw(`for m_each in sums attributes files directories; do eval "ll_ret_file $m_each \\"\\$m_$m_each\\""; done
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

/** path -> attributes, from the output of stat. */
function attributesOf(text: string): Map<string, Attributes> {
  const found = new Map<string, Attributes>();
  for (const line of text.split('\n')) {
    const match = /^([0-7]+) (\d+) (\d+) (\S+) (\S+) (.*)$/.exec(line);
    if (!match) continue;
    const [, mode, uid, gid, user, group, path] = match;
    found.set(path!, { mode: mode!.padStart(4, '0'), owner: [uid!, user!], group: [gid!, group!] });
  }
  return found;
}
