import { z } from 'zod';
import { bool, path, str } from '../run/args.ts';
import { CONTENT_LIBRARY, contentVariables, validator } from '../run/modules/content.ts';
import { readRemote, writeRemote } from '../run/modules/edit-remote.ts';
import { editResult } from '../run/modules/edit-result.ts';
import { checkTextEdit, editText } from '../run/modules/edit-text.ts';
import { decodeText, textBytes } from '../run/modules/encode-text.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, looking, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const OPENING = new URL('../run/modules/lineinfile.sh', import.meta.url);

const args = z.strictObject({
  path: path(),
  regexp: str(),
  replace: str().default(''),
  after: str().optional(),
  before: str().optional(),
  backup: bool().default(false),
  validate: str().optional(),
  encoding: str().default('utf-8'),
  ...fileArguments,
});

type Args = z.infer<typeof args>;

/**
 * The file is edited here: its patterns are Python's, over the whole text, and no tool of a host reads them alike.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/replace_module.html
 */
export default defineTask<Args>({
  name: 'ansible.builtin.replace',
  summary: 'Replaces all that a pattern matches in a file.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { path: ['dest', 'destfile', 'name'], ...FILE_ALIASES },
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    msg: 'How many replacements were made.',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `- ansible.builtin.replace:
    path: /etc/mosquitto/mosquitto.conf
    regexp: '^(listener) \\d+$'
    replace: '\\1 50001'`,

  action: async (args, host) => {
    checkTextEdit(args);
    const open = opening(args);
    const read = await readRemote(host, open);
    if (read.text === undefined) return replaceResult(read.reply, host);
    const edited = editText(decodeText(Buffer.from(read.text, 'latin1'), args.encoding), args);
    if (edited.missing !== undefined) {
      const msg = `Pattern for before/after params did not match the given file: ${edited.missing}`;
      return { changed: false, msg, rc: 0 };
    }
    if (edited.replaced === 0 && !hasAttributes(args)) return replaceResult(read.reply, host);
    const bytes = edited.replaced === 0 ? read.text : textBytes(edited.text, args.encoding).toString('latin1');
    const msg = edited.replaced === 0 ? '' : `${edited.replaced} replacements made`;
    return replaceResult(await writeRemote(host, open, read.reply, bytes, sh`m_msg=${msg}; m_found=; l_finish`), host);
  },
});

function hasAttributes({ mode, owner, group, attributes }: Args): boolean {
  return [mode, owner, group, attributes].some((each) => each !== undefined);
}

function opening(args: Args): Sh {
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(OPENING, new Set(['l_open', 'l_finish'])),
    contentVariables({ ...args, follow: true, force: true }),
    looking(args.path),
    validator(args.validate),
    sh`m_state=present; m_create=; m_what=Path; l_open ${args.path} || return 0`,
  );
}

function replaceResult(reply: StepReply, host: Pick<ActionHost, 'diff'>): TaskResult {
  const result = editResult(reply, host, { backupFile: true });
  if (result.failed || result.unknown !== undefined) return result;
  if (Array.isArray(result.diff))
    result.diff = result.diff.map((diff) => {
      const { path } = diff;
      return typeof diff.after === 'string' && path ? { ...diff, beforeHeader: path, afterHeader: path } : diff;
    });
  return { ...result, rc: 0 };
}
