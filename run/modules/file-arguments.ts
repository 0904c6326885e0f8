import { bool, fileMode, str } from '../args.ts';
import { type Sh, sh } from '../shell/script.ts';
import type { StepReply } from '../task.ts';

/*
 * What the modules that work on files have in common: Ansible's "file common arguments" and the facts of a path that it
 * adds to every result with a path. Source: ansible.module_utils.basic (FILE_COMMON_ARGUMENTS, add_path_info), 2.14.
 */

export const fileArguments = {
  mode: fileMode().optional(),
  owner: str().optional(),
  group: str().optional(),
  attributes: str().optional(),
  unsafe_writes: bool().default(false),
};

export const FILE_ALIASES = { attributes: ['attr'] };

const SELINUX = 'SELinux contexts are not set; a file gets the context that the host gives to its directory';
export const FILE_UNSUPPORTED = { seuser: SELINUX, serole: SELINUX, setype: SELINUX, selevel: SELINUX };

/** What of a path's attributes the arguments ask for. */
interface WantedAttributes {
  mode?: string | undefined;
  owner?: string | undefined;
  group?: string | undefined;
  attributes?: string | undefined;
}

/** What a path that a step looks at shall be: of this kind, with these attributes and, where it is given, a content of this SHA-1. */
interface Wanted extends WantedAttributes {
  kind: 'file' | 'directory' | 'any';
  sum?: string;
}

/** A test for `settling`: the path is that already. Undefined where what was seen ahead does not tell. */
export function fits(wanted: Wanted): Sh | undefined {
  const words = wordsOf(wanted);
  return words && sh`ll_fits ${words}`;
}

/** The same; the path is returned as `key`, with its facts. */
export function found(key: 'path' | 'dest', wanted: Wanted): Sh | undefined {
  const words = wordsOf(wanted);
  return words && sh`ll_found ${key} ${words}`;
}

/** Symbolic modes, numbers of owners and attributes of chattr are not told by what was seen. */
function wordsOf({ kind, mode = '', owner = '', group = '', attributes, sum = '' }: Wanted): string[] | undefined {
  if (attributes !== undefined || !/^[0-7]{0,4}$/.test(mode) || /^\d/.test(owner) || /^\d/.test(group))
    return undefined;
  const words = [kind, mode === '' ? '' : mode.padStart(4, '0'), owner, group, sum];
  while (words.at(-1) === '') words.pop();
  return words;
}

/** What `ll_ret_stat` wrote: `-` for what is not known. A name may hold blanks. */
export function statField(text = 'absent') {
  const [kind, mode, uid, gid, size, mtime, inode, nlink, ...names] = text.split(' ');
  const [user, group] = names.join(' ').split(':');
  return { kind, mode, uid, gid, size, mtime, inode, nlink, user, group };
}

/** The path's facts as Ansible returns them, from what `ll_ret_stat` wrote; none for a path that is not there. */
export function pathFacts(reply: StepReply): Record<string, unknown> {
  const { kind, mode, uid, gid, user, group, size, nlink } = statField(reply.fields.stat);
  if (kind === undefined || kind === 'absent') return {};
  const facts: Record<string, unknown> = { state: pathState(kind, Number(nlink)) };
  // Ansible writes a mode as '0%03o': 0644, and 01777.
  if (mode !== undefined && mode !== '-') facts.mode = `0${mode.replace(/^0+/, '').padStart(3, '0')}`;
  if (isNumber(uid)) facts.uid = Number(uid);
  if (isNumber(gid)) facts.gid = Number(gid);
  // A user who is only predicted has a name and no number yet; a number without a name stands for itself.
  facts.owner = user === '-' ? uid : user;
  facts.group = group === '-' ? gid : group;
  if (facts.group === '-') delete facts.group;
  if (isNumber(size)) facts.size = Number(size);
  return facts;
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d+$/.test(text);
}

/** Ansible's `state` of a path: link, directory, hard (a file with other names) or file, which all else counts as. */
function pathState(kind: string, nlink: number): string {
  if (kind === 'link' || kind === 'directory') return kind;
  return nlink > 1 ? 'hard' : 'file';
}

/** What every result has of the reply: failure with its message, what is unknown, warnings. */
export function replyFacts(reply: StepReply): Record<string, unknown> {
  return {
    changed: reply.status === 'changed',
    ...(reply.status === 'failed' ? { failed: true, msg: reply.fields.msg } : {}),
    ...(reply.status === 'unknown' ? { skipped: true, unknown: reply.fields.msg ?? '', msg: reply.fields.msg } : {}),
    ...(reply.warnings.length > 0 ? { warnings: reply.warnings } : {}),
  };
}
