import { z } from 'zod';
import { bool, choice, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import {
  FILE_ALIASES,
  FILE_UNSUPPORTED,
  fileArguments,
  found,
  pathFacts,
  replyFacts,
} from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { touchTime } from '../run/modules/strptime.ts';
import { assigning, isPlain, lines, looking, raw, type Sh, settling, sh } from '../run/shell/script.ts';
import { type Diff, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const STATES = new URL('../run/modules/file-states.sh', import.meta.url);
const byState = new Map<Args['state'], Sh>();
const FORMAT = '%Y%m%d%H%M.%S';

const args = z.strictObject({
  path: path(),
  state: choice('absent', 'directory', 'file', 'hard', 'link', 'touch').optional(),
  src: path().optional(),
  recurse: bool().default(false),
  force: bool().default(false),
  follow: bool().default(true),
  modification_time: str().optional(),
  modification_time_format: str().default(FORMAT),
  access_time: str().optional(),
  access_time_format: str().default(FORMAT),
  ...fileArguments,
});

type Args = z.infer<typeof args>;

export default defineTask<Args>({
  name: 'ansible.builtin.file',
  summary: 'Makes files, directories and links, sets their owners, modes and times, or removes them.',
  args: args as z.ZodType<Args>,
  argAliases: { path: ['dest', 'name'], ...FILE_ALIASES },
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    path: 'The path, for the states absent, directory and file.',
    dest: 'The path, for the states hard, link and touch.',
    state: 'What the path is now.',
  },
  example: `- ansible.builtin.file:
    path: /etc/mosquitto/certs
    state: directory
    owner: mosquitto
    mode: "0750"`,
  step: (args) =>
    settling(
      settled(args),
      lines(
        stateFunctions(args.state),
        looking(args.path),
        raw('f_variables'),
        assigning({
          m_src: args.src,
          m_mode: args.mode,
          m_owner: args.owner,
          m_group: args.group,
          m_mtime: time(args, 'modification_time'),
          m_atime: time(args, 'access_time'),
          m_follow: args.follow,
          m_force: args.force,
          m_recurse: args.recurse,
          m_flags: args.attributes,
          m_state: args.state,
        }),
        sh`f_start ${args.path}`,
        raw('"f_$m_state"'),
      ),
    ),
  result: fileResult,
});

/** Whether the path is already what it shall be. */
function settled(args: Args): Sh | undefined {
  const { path, state, src, recurse } = args;
  if (!isPlain(path) || src !== undefined || recurse || time(args, 'modification_time') || time(args, 'access_time'))
    return undefined;
  if (state === 'absent') return sh`ll_gone ${path} && ll_ret path ${path} && ll_ret state absent`;
  if (state === 'hard' || state === 'link' || state === 'touch') return undefined;
  return found('path', { ...args, kind: state ?? 'any' });
}

/** `preserve` is empty for the runtime; only touch means now when nothing is said. */
function time(args: Args, name: 'modification_time' | 'access_time'): string {
  const value = args[name] ?? (args.state === 'touch' ? 'now' : 'preserve');
  if (value === 'preserve') return '';
  if (value === 'now') return 'now';
  const format = args[`${name}_format`];
  try {
    return touchTime(value, format);
  } catch (error) {
    const why = (error as Error).message;
    throw new LamplighterError(
      'BAD_ARGUMENT',
      `Error while obtaining timestamp for time ${value} using format ${format}: ${why}`,
    );
  }
}

/** The functions that a state needs; all where it is what the path is now. */
function stateFunctions(state: Args['state']): Sh {
  const known = byState.get(state);
  if (known !== undefined) return known;
  const common = ['f_look', 'f_states', 'f_times', 'f_done', 'f_again', 'f_variables', 'f_start'];
  const own = state === undefined ? ['f_directory', 'f_hard', 'f_linked', 'f_link', 'f_file'] : [`f_${state}`];
  if (state === 'link') own.push('f_linked');
  if (state === 'directory' || state === undefined) own.push('f_below');
  const functions = shellFunctions(STATES, new Set([...common, ...own]));
  byState.set(state, functions);
  return functions;
}

function fileResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const { fields } = reply;
  const path = fields.path ?? fields.dest ?? args.path;
  const result: TaskResult = { ...replyFacts(reply) };
  for (const key of ['path', 'dest', 'src', 'state'] as const)
    if (fields[key] !== undefined && fields[key] !== '') result[key] = fields[key];
  Object.assign(result, pathFacts(reply));
  if (context.diff && reply.status !== 'failed') result.diff = fileDiff(reply, path);
  return result;
}

/** Ansible's shape: what differs, as mappings. */
function fileDiff({ fields, diffs }: StepReply, path: string): Diff {
  const before: Record<string, unknown> = { path };
  const after: Record<string, unknown> = { path };
  for (const each of diffs) {
    if (each.before && typeof each.before === 'object') Object.assign(before, each.before, { path });
    if (each.after && typeof each.after === 'object') Object.assign(after, each.after, { path });
  }
  if (fields.before !== undefined && fields.before !== fields.after) {
    before.state = fields.before;
    after.state = fields.after;
  }
  if (fields.target !== undefined) {
    before.src = fields.target;
    after.src = fields.src;
  }
  if (fields.directories !== undefined)
    before.path_content = { directories: nonEmpty(fields.directories), files: nonEmpty(fields.files ?? '') };
  return { path, before, after };
}

function nonEmpty(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
