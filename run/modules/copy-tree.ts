import { LamplighterError } from '../errors.ts';
import { lines, quote, raw, type Sh, sh } from '../shell/quote.ts';
import type { ActionHost, Diff, StepReply, TaskResult } from '../task.ts';
import { CONTENT_LIBRARY, type ContentRequest, contentVariables, sha1, validator } from './content.ts';
import { shellFunctions } from './shell-file.ts';
import type { SourceTree } from './source-tree.ts';
import { tarStream } from './tar.ts';

const TREE_LIBRARY = new URL('./copy-tree.sh', import.meta.url);

/** Names given to one checksum program at a time. */
const BATCH = 400;

/**
 * Sends a directory: one visit for the hashes of what is there, one stream of what differs, one visit to install it.
 * @param dest ends in a slash
 */
export async function copyTree(
  host: ActionHost,
  tree: SourceTree,
  dest: string,
  request: ContentRequest,
  decrypt: boolean,
): Promise<TaskResult> {
  const wanted = await Promise.all(
    tree.files.map(async (file, index) => {
      const content = await host.readFile(file.from, { decrypt });
      return { ...file, index, content, hash: sha1(content) };
    }),
  );
  const attributes = request.owner ?? request.group ?? request.attributes;
  const manifest = await host.run(manifestStep(dest, wanted, request.mode !== undefined), { readOnly: false });
  if (manifest.status === 'failed') return { failed: true, changed: false, msg: manifest.fields.msg };
  const top = manifest.fields.dest ?? dest;
  const there = sums(manifest.fields.sums ?? '');
  const modes = modesOf(manifest.fields.modes ?? '');
  const differing = wanted.filter((file) => there.get(`${top}${file.to}`) !== file.hash);
  const upload = differing.length > 0 ? manifest.fields.upload : undefined;
  if (upload !== undefined)
    await host.upload(
      tarStream(differing.map(({ index, content }) => ({ name: String(index), content }))),
      `${upload}.tar`,
    );
  const isNew = new Set(differing.map((file) => file.index));
  // A visit to each file of a large tree costs seconds: those that are known to be as they should be are left out.
  const isSettled = ({ index, to, mode }: { index: number; to: string; mode: number }) =>
    !isNew.has(index) &&
    attributes === undefined &&
    (request.mode === undefined || modes.get(`${top}${to}`) === fileMode(request.mode, mode));
  const reply = await host.run(
    lines(
      shellFunctions(CONTENT_LIBRARY),
      shellFunctions(TREE_LIBRARY),
      contentVariables(request),
      validator(request.validate),
      upload !== undefined &&
        sh`mkdir -p ${upload} && tar -xf ${`${upload}.tar`} -C ${upload} || ll_fail 'cannot unpack what was sent'`,
      sh`m_sha1=; ll_home ${dest}; m_top=$ll_path; t_directory ${raw('"${m_top%/}"')}`,
      ...tree.directories.map(({ to }) => sh`t_directory "$m_top"${to}`),
      ...wanted
        .filter((file) => !isSettled(file))
        .map(
          (file) =>
            sh`t_file "$m_top"${file.to} ${fileMode(request.mode, file.mode)} ${isNew.has(file.index) ? `${upload}/${file.index}` : ''}`,
        ),
      ...tree.links.map(({ target, to }) => sh`t_link ${target} "$m_top"${to}`),
    ),
  );
  if (upload !== undefined) await host.run(sh`rm -rf ${upload} ${`${upload}.tar`}`, { readOnly: true });
  return treeResult(reply, top, host.diff);
}

/** Where the destination is, and the hashes of those files that are there, on wish with their modes. */
function manifestStep(dest: string, files: { to: string }[], withModes: boolean): Sh {
  const batches: Sh[] = [];
  for (let i = 0; i < files.length; i += BATCH) {
    const names = files.slice(i, i + BATCH).map(({ to }) => `"$m_top"${quote(to)}`);
    const words = names.join(' ');
    batches.push(raw(`t_sums ${words} >>"$m_sums"`));
    if (withModes) batches.push(raw(`t_modes ${words} >>"$m_modes"`));
  }
  return lines(
    shellFunctions(TREE_LIBRARY, new Set(['t_sums', 't_modes'])),
    sh`
ll_home ${dest}; m_top=$ll_path
ll_stat ${raw('"${m_top%/}"')} follow
case $ll_kind in absent|directory) ;; *) ll_fail "$m_top is a $ll_kind, not a directory";; esac
ll_ret dest "$m_top"
ll_temp; m_sums=$ll_tmp; ll_temp; m_modes=$ll_tmp`,
    ...batches,
    raw('ll_ret_file sums "$m_sums"; ll_ret_file modes "$m_modes"\nll_upload_path; ll_ret upload "$ll_path"'),
  );
}

/** path -> SHA-1, from the output of sha1sum, which escapes odd names after a backslash. */
function sums(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^(\\?)([0-9a-f]{40}) [ *](.*)$/.exec(line);
    if (!match) continue;
    const path = match[1] === '' ? match[3]! : match[3]!.replace(/\\([\\nr])/g, (_, c) => ESCAPES[c as string]!);
    found.set(path, match[2]!);
  }
  return found;
}

/** path -> mode as `fileMode` writes it, from the output of stat. */
function modesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([0-7]+) (.*)$/.exec(line);
    if (match) found.set(match[2]!, match[1]!.padStart(4, '0'));
  }
  return found;
}

const ESCAPES: Record<string, string> = { '\\': '\\', n: '\n', r: '\r' };

function fileMode(mode: string | undefined, own: number): string {
  return mode === 'preserve' ? own.toString(8).padStart(4, '0') : (mode ?? '');
}

function treeResult(reply: StepReply, dest: string, diff: boolean): TaskResult {
  const result: TaskResult = { changed: reply.status === 'changed', dest };
  if (reply.status === 'failed') Object.assign(result, { failed: true, msg: reply.fields.msg });
  if (reply.warnings.length > 0) result.warnings = reply.warnings;
  if (diff) result.diff = reply.diffs as Diff[];
  return result;
}

/** A directory of the host copied on the host. */
export function remoteTreeStep(src: Sh, dest: Sh, request: ContentRequest, localFollow: boolean): Sh {
  if (request.mode === 'preserve' && request.validate !== undefined)
    throw new LamplighterError('BAD_ARGUMENT', 'validate judges one file, and src is a directory');
  return lines(
    shellFunctions(TREE_LIBRARY),
    sh`m_local_follow=${localFollow ? '1' : ''}; m_sha1=`,
    sh`t_remote ${src} ${dest}`,
  );
}
