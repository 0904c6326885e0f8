import { createHash } from 'node:crypto';
import { LamplighterError } from '../errors.ts';
import { assigning, isPlain, knowing, lines, looking, quote, raw, type Sh, settling, sh } from '../shell/script.ts';
import type { ActionHost, StepReply, TaskContext, TaskResult } from '../task.ts';
import { expandedWord } from './command-step.ts';
import { found, pathFacts, replyFacts } from './file-arguments.ts';
import { shellFunctions } from './shell-file.ts';
import { shlexSplit } from './shlex.ts';

/*
 * A content on its way to a file of a host: what `copy` and `template` share. Small texts travel in the step; what is
 * bigger or binary is compared by hash first and then streamed on a channel of its own.
 */

export interface ContentRequest {
  dest: string;
  /** The file's name when `dest` is a directory; empty for `copy: content=`. */
  name: string;
  mode?: string | undefined;
  owner?: string | undefined;
  group?: string | undefined;
  attributes?: string | undefined;
  unsafe_writes: boolean;
  directory_mode?: string | undefined;
  follow: boolean;
  force: boolean;
  backup: boolean;
  validate?: string | undefined;
  /** SHA-1 that the content must have. */
  checksum?: string | undefined;
}

export const CONTENT_LIBRARY = new URL('./content.sh', import.meta.url);

/** Above this a content does not ride in the script. */
const INLINE_LIMIT = 48 * 1024;

/** Whether a content can stand in a script: short, no NUL, valid UTF-8. */
export function fitsScript(content: Buffer): boolean {
  return (
    content.length <= INLINE_LIMIT && !content.includes(0) && Buffer.from(content.toString('utf8')).equals(content)
  );
}

export function sha1(content: Buffer): string {
  return createHash('sha1').update(content).digest('hex');
}

export function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

/** Where the step takes the content from: the script, a file of the host, or later. */
export type ContentSource = { text: string } | { remote: string } | 'later';

/** Compares and, if it differs, installs: one visit. With `later` the field `upload` says where the content is wanted. */
export function contentStep(request: ContentRequest, source: ContentSource, hash: string): Sh {
  return settling(
    settled(request, hash),
    lines(
      shellFunctions(CONTENT_LIBRARY),
      contentVariables(request),
      validator(request.validate),
      looking(request.dest.endsWith('/') ? request.dest + request.name : request.dest, 'sum'),
      sh`m_sha1=${hash}`,
      source === 'later'
        ? raw('m_new=')
        : 'text' in source
          ? sh`ll_temp; m_new=$ll_tmp; printf %s ${source.text} >"$m_new"`
          : sh`m_new=${source.remote}`,
      sh`c_dest ${request.dest} ${request.name}`,
      raw('c_install'),
    ),
  );
}

/** Whether the file has this content already, and all else that is asked for. */
function settled(request: ContentRequest, hash: string): Sh | undefined {
  if (!isPlain(request.dest) || request.dest.endsWith('/') || !request.force) return undefined;
  return found('dest', { ...request, kind: 'file', sum: hash });
}

/** The request as the variables of content.sh. */
export function contentVariables(request: Omit<ContentRequest, 'dest' | 'name'>): Sh {
  return lines(
    raw('c_variables'),
    assigning({
      m_mode: request.mode,
      m_owner: request.owner,
      m_group: request.group,
      m_flags: request.attributes,
      m_unsafe: request.unsafe_writes,
      m_directory_mode: request.directory_mode,
      m_follow: request.follow,
      m_force: request.force,
      m_backup: request.backup,
      m_validate: request.validate,
      m_checksum: request.checksum,
    }),
  );
}

/**
 * The function `c_validate`: the command of `validate`, its words as Ansible splits them, `%s` the file to judge.
 * @throws LamplighterError BAD_ARGUMENT when `%s` is missing or a quote is left open
 */
export function validator(command: string | undefined): Sh | undefined {
  if (command === undefined) return undefined;
  if (!command.includes('%s')) throw new LamplighterError('BAD_ARGUMENT', `validate must contain %s: ${command}`);
  let words: string[];
  try {
    words = shlexSplit(command);
  } catch (error) {
    throw new LamplighterError('BAD_ARGUMENT', `validate: ${(error as Error).message}: ${command}`);
  }
  const quoted = words.map((word) =>
    word.includes('%s')
      ? word
          .split('%s')
          .map((part) => (part === '' ? '' : quote(part.replaceAll('%%', '%'))))
          .join('"$m_new"')
      : expandedWord(word.replaceAll('%%', '%')).text,
  );
  return raw(`c_validate() { ${quoted.join(' ')}; }`);
}

/** Hash first; the content travels only when it is wanted. @param open opens the content anew, as a path or a stream */
export async function streamContent(
  host: ActionHost,
  request: ContentRequest,
  hash: string,
  upload: (path: string) => Promise<void>,
): Promise<StepReply> {
  const first = await host.run(contentStep(request, 'later', hash));
  const path = first.fields.upload;
  if (path === undefined || first.status === 'failed') return first;
  try {
    await upload(path);
    return await host.run(contentStep(request, { remote: path }, hash));
  } finally {
    await host.run(sh`rm -f ${path}`, { readOnly: true });
  }
}

/** What the controller knows of a content, for `toldResult`. */
export function told(content: Buffer, src: string): Sh {
  return knowing({ sha1: sha1(content), md5: md5(content), src });
}

/** `contentResult` with what `told` knew. */
export function toldResult(reply: StepReply, context: Pick<TaskContext, 'diff'>): TaskResult {
  const { sha1 = '', md5: md5sum, src } = reply.fields;
  return contentResult(reply, context, { checksum: sha1, md5sum, src: src === '' ? undefined : src });
}

/** Ansible's return values of `copy`. */
export function contentResult(
  reply: StepReply,
  context: Pick<TaskContext, 'diff'>,
  content: { src?: string | undefined; checksum: string; md5sum?: string | undefined },
): TaskResult {
  const { fields } = reply;
  const result: TaskResult = { ...replyFacts(reply) };
  if (fields.dest !== undefined) result.dest = fields.dest;
  if (content.src !== undefined) result.src = content.src;
  if (reply.status === 'failed') {
    if (fields.exit_status !== undefined) {
      result.exit_status = Number(fields.exit_status);
      result.stdout = fields.stdout ?? '';
      result.stderr = fields.stderr ?? '';
    }
    if (fields.expected_checksum !== undefined) {
      result.checksum = fields.checksum;
      result.expected_checksum = fields.expected_checksum;
    }
    return result;
  }
  Object.assign(result, pathFacts(reply));
  if (fields.kept === undefined) result.checksum = content.checksum;
  if (fields.copied !== undefined && content.md5sum !== undefined) result.md5sum = content.md5sum;
  if (fields.backup_file) result.backup_file = fields.backup_file;
  if (context.diff)
    result.diff = reply.diffs.map((diff) =>
      typeof diff.after === 'string' && content.src !== undefined ? { ...diff, afterHeader: content.src } : diff,
    );
  return result;
}
