import { LamplighterError } from '../errors.ts';
import { contentStep, sha1 } from '../modules/content.ts';
import { lines, raw, sh } from '../shell/script.ts';
import type { ActionHost, Diff, StepReply, TaskResult } from '../task.ts';

/** The file that a module keeps, by Ansible's arguments. */
export interface KeptFile {
  path: string;
  mode?: string | undefined;
  owner?: string | undefined;
  group?: string | undefined;
  attributes?: string | undefined;
  unsafe_writes: boolean;
  backup: boolean;
}

/**
 * The contents of files of the host by any names, in one visit; those that are not there are left out.
 * @throws LamplighterError MODULE_FAILED for a directory, or what may not be read
 */
export async function readFiles(
  host: ActionHost,
  paths: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, Buffer>> {
  const wanted = Object.entries(paths).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (wanted.length === 0) return {};
  const reply = await host.run(
    lines(
      raw(`x_read() {
  ll_home "$2"
  ll_read "$ll_path"
  case $? in
  0) ll_ret_bytes "$1" "$ll_at" ;;
  1) ;;
  3) ll_fail "$2 is a directory" ;;
  *) ll_fail "$2 may not be read" ;;
  esac
}`),
      ...wanted.map(([name, path]) => sh`x_read ${name} ${path}`),
    ),
  );
  if (reply.status === 'failed') throw new LamplighterError('MODULE_FAILED', reply.fields.msg ?? reply.stderr.trim());
  return Object.fromEntries(
    wanted.flatMap(([name]) => {
      const content = reply.fields[name];
      return content === undefined ? [] : [[name, Buffer.from(content, 'base64')] as const];
    }),
  );
}

/** @throws LamplighterError FILE_NOT_FOUND for what has to be there */
export function required(content: Buffer | undefined, path: string | undefined, what: string): Buffer {
  if (content !== undefined) return content;
  throw new LamplighterError('FILE_NOT_FOUND', `${what}: there is no file ${path} on the host`);
}

/** Installs a text, or only its owner and mode where the text is there already. The diff shows `diff`, never the text. */
export async function keepFile(host: ActionHost, file: KeptFile, text: string, diff: Diff): Promise<TaskResult> {
  const { path, backup, mode, owner, group, attributes, unsafe_writes } = file;
  const request = { dest: path, name: '', mode, owner, group, attributes, unsafe_writes, backup };
  const reply = await host.run(
    contentStep({ ...request, follow: false, force: true }, { text }, sha1(Buffer.from(text))),
  );
  return told(reply, host, { path, ...diff });
}

/** Removes the file. */
export async function dropFile(host: ActionHost, { path, backup }: KeptFile, diff: Diff): Promise<TaskResult> {
  const reply = await host.run(sh`
ll_home ${path}
m_dest=$ll_path
ll_stat "$m_dest"
[ "$ll_kind" != absent ] || return 0
if [ ${backup ? 1 : 0} = 1 ]; then ll_backup "$m_dest"; ll_ret backup_file "$ll_value"; fi
ll_remove "$m_dest"`);
  return told(reply, host, { path, ...diff });
}

function told(reply: StepReply, host: ActionHost, diff: Diff): TaskResult {
  // What the step recorded of the texts would show them.
  const others = reply.diffs.filter(({ before, after }) => !isPem(before) && !isPem(after));
  const rewritten = others.length < reply.diffs.length;
  return {
    changed: reply.status === 'changed',
    ...(reply.status === 'failed' ? { failed: true, msg: reply.fields.msg } : {}),
    ...(reply.fields.backup_file ? { backup_file: reply.fields.backup_file } : {}),
    ...(reply.warnings.length > 0 ? { warnings: reply.warnings } : {}),
    ...(host.diff && reply.diffs.length > 0 ? { diff: [...others, ...(rewritten ? [diff] : [])] } : {}),
  };
}

function isPem(text: unknown): boolean {
  return typeof text === 'string' && text.includes('-----BEGIN ');
}
