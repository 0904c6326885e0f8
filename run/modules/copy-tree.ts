import { pipeline } from 'node:stream/promises';
import { LamplighterError } from '../errors.ts';
import { lines, quote, raw, type Sh, sh } from '../shell/script.ts';
import type { ActionHost, Diff, StepReply, TaskResult } from '../task.ts';
import { CONTENT_LIBRARY, type ContentRequest, contentVariables, validator } from './content.ts';
import { shellFunctions } from './shell-file.ts';
import { readTree, type SourceTree } from './source-tree.ts';
import { type TarMember, tarStream } from './tar.ts';
import { lookAtTree, TREE_LIBRARY } from './tree-look.ts';
import { freshFunction, planTree, stagesOf, type TreePlan } from './tree-plan.ts';

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
  const files = await readTree(host, tree, decrypt);
  const paths = { files: files.map(({ to }) => to), directories: tree.directories.map(({ to }) => to) };
  const wishes = [request.mode, request.directory_mode, request.owner, request.group];
  const hasWishes = wishes.some((wish) => wish !== undefined);
  const found = await lookAtTree(host, dest, paths, hasWishes);
  if ('failed' in found) return treeResult([found.failed], dest, host.diff);
  const { top } = found;
  const plan = planTree(tree, files, found, request, host.check);
  if (plan.isDone) return treeResult([], top, host.diff);

  const begin = lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(TREE_LIBRARY),
    contentVariables(request),
    validator(request.validate),
    sh`m_sha1= m_top=${top}`,
  );
  const directories = plan.directories.map((to) => raw(`t_directory ${below(to)}`));
  if (plan.fresh.length + plan.single.length === 0) {
    const reply = await host.run(lines(begin, ...directories, ...oneByOne(plan, tree, '')));
    return treeResult([reply], top, host.diff);
  }

  const stages = raw(stagesOf(plan).map(below).join(' '));
  const stage = plan.scratch ? sh`umask 077; mkdir ${plan.scratch}; umask "$ll_umask"` : sh`t_stage ${stages}`;
  const first = await host.run(lines(begin, ...directories, stage));
  if (first.status === 'failed') return treeResult([first], top, host.diff);
  const name = first.fields.stage ?? '';
  const clear = plan.scratch ? sh`rm -rf ${plan.scratch}` : lines(sh`m_stage=${name}`, sh`t_unstage ${stages}`);
  let isClear = false;
  try {
    await send(host, plan, top, name);
    const second = await host.run(
      lines(
        begin,
        sh`m_stage=${name}`,
        plan.fresh.length > 0 && lines(raw(freshFunction(plan)), raw('t_install')),
        ...oneByOne(plan, tree, plan.scratch ? `${plan.scratch}/` : `${top}${name}/`),
        clear,
      ),
    );
    isClear = second.status !== 'failed';
    return treeResult([first, second], top, host.diff);
  } finally {
    if (!isClear) await host.run(lines(shellFunctions(TREE_LIBRARY), sh`m_top=${top}`, clear), { readOnly: true });
  }
}

/** A path of the tree as a word of the script; empty for the destination itself. */
function below(to: string): string {
  return to === '' ? '"${m_top%/}"' : `"$m_top"${quote(to)}`;
}

/** @param from where the contents of these files stand on the host, by number */
function oneByOne(plan: TreePlan, tree: SourceTree, from: string): Sh[] {
  return [
    ...plan.single.map(({ to, mode, index }) => sh`t_file ${raw(below(to))} ${mode} ${`${from}${index}`}`),
    ...plan.settled.map(({ to, mode }) => sh`t_file ${raw(below(to))} ${mode} ${''}`),
    ...tree.links.map(({ target, to }) => sh`t_link ${target} ${raw(below(to))}`),
  ];
}

/** Unpacks what is to be installed where it is wanted, as it comes. */
async function send(host: ActionHost, plan: TreePlan, top: string, stage: string): Promise<void> {
  const members = function* (): Generator<TarMember> {
    for (const { directory, name, content } of plan.fresh)
      yield { name, directory: directory === '' ? stage : `${directory}/${stage}`, content };
    for (const { index, content } of plan.single)
      yield { name: String(index), directory: plan.scratch ? '' : stage, content };
  };
  const unpack = 'umask 077 && exec tar -xof - -C "$1"';
  const channel = await host.exec(sh`sh -c ${unpack} sh ${plan.scratch ?? top}`);
  channel.stdout.resume();
  let complaint = '';
  channel.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-1000);
  });
  // What the program says when it ends early says more than the write that it broke off.
  const broken = await pipeline(tarStream(members()), channel.stdin, { signal: host.signal }).then(
    () => undefined,
    (error: Error) => error,
  );
  const status = await channel.done;
  if (broken && (status === 0 || complaint === '')) throw broken;
  if (status !== 0)
    throw new LamplighterError(
      'MODULE_FAILED',
      `could not unpack in ${top}: ${complaint.trim() || `status ${status}`}`,
    );
}

function treeResult(replies: StepReply[], dest: string, diff: boolean): TaskResult {
  const result: TaskResult = { changed: replies.some(({ status }) => status === 'changed'), dest };
  const last = replies.at(-1);
  if (last?.status === 'failed') Object.assign(result, { failed: true, msg: last.fields.msg });
  const warnings = replies.flatMap((reply) => reply.warnings);
  if (warnings.length > 0) result.warnings = warnings;
  if (diff) result.diff = replies.flatMap((reply): Diff[] => reply.diffs);
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
