import { z } from 'zod';
import { bool, choice, path, str } from '../run/args.ts';
import { CONTENT_LIBRARY, contentVariables, fitsScript, validator } from '../run/modules/content.ts';
import { type BlockEdit, editBlock, markedBlock, markerLine } from '../run/modules/edit-block.ts';
import { bytesRegex } from '../run/modules/edit-lines.ts';
import { readRemote, writeRemote } from '../run/modules/edit-remote.ts';
import { editResult } from '../run/modules/edit-result.ts';
import { extendedRegex } from '../run/modules/extended-regex.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments, fits } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { type Look, lines, looking, type Sh, settling, sh } from '../run/shell/script.ts';
import { defineTask, type StepReply, type TaskContext, type TaskResult } from '../run/task.ts';

const OPENING = new URL('../run/modules/lineinfile.sh', import.meta.url);
const LIBRARY = new URL('../run/modules/blockinfile.sh', import.meta.url);

const args = z
  .strictObject({
    path: path(),
    state: choice('present', 'absent').default('present'),
    marker: str().default('# {mark} ANSIBLE MANAGED BLOCK'),
    marker_begin: str().default('BEGIN'),
    marker_end: str().default('END'),
    block: str().default(''),
    insertafter: str().optional(),
    insertbefore: str().optional(),
    create: bool().default(false),
    backup: bool().default(false),
    validate: str().optional(),
    ...fileArguments,
  })
  .refine(
    (value) => value.insertafter === undefined || value.insertbefore === undefined,
    'parameters are mutually exclusive: insertbefore|insertafter',
  );

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/blockinfile_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.blockinfile',
  summary: 'Keeps a block of lines between two marker lines in a file, or removes it.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { path: ['dest', 'destfile', 'name'], block: ['content'], ...FILE_ALIASES },
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    msg: 'What was done: "Block inserted", "Block removed", "File created".',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `- ansible.builtin.blockinfile:
    path: /etc/hosts
    marker: "# {mark} brokers"
    block: |
      10.0.0.1 cloud
      10.0.0.2 lamp`,

  step: (args) => {
    const place = insertion(args);
    const { begin, end, block } = blockEdit(args);
    if (place === undefined || !fitsScript(Buffer.from(args.block))) return undefined;
    const test = settled(args);
    return settling(
      test,
      lines(
        shellFunctions(LIBRARY),
        opening(args, test && 'text'),
        sh`
m_begin=${utf8(begin)}; m_end=${utf8(end)}; m_block=${utf8(markedBlock({ begin, end, block }))}
m_ins=${place.pattern}; m_where=${place.where}
b_edit
l_finish`,
      ),
    );
  },

  result: blockResult,

  action: async (args, host) => {
    const open = opening(args);
    const before = await readRemote(host, open);
    if (before.text === undefined) return blockResult(before.reply, args, host);
    const isNew = before.reply.fields.sum === undefined;
    const edited = editBlock(isNew ? undefined : before.text, blockEdit(args));
    const closing = sh`m_msg=${edited.msg}; m_found=; l_finish`;
    return blockResult(await writeRemote(host, open, before.reply, edited.text, closing), args, host);
  },
});

function blockResult(reply: StepReply, args: Args, context: Pick<TaskContext, 'diff'>): TaskResult {
  const result = editResult(reply, context, { backupFile: true });
  if (reply.fields.missing !== undefined) result.msg = `File ${reply.fields.path ?? args.path} not present`;
  return result;
}

/** A longer block is not sent a second time to be compared. */
const SHORT = 1000;

/** Whether the block stands in the file, once, and the file is otherwise as it shall be. */
function settled(args: Args): Sh | undefined {
  const { begin, end, block } = blockEdit(args);
  // A marker of several lines is never found.
  if (block === '' || block.length > SHORT || /[\r\n]/.test(begin + end)) return undefined;
  const test = fits({ ...args, kind: 'file' });
  const texts = ['\r', begin, end, markedBlock({ begin, end, block })].map(utf8);
  return test && sh`${test} && ll_ahead_text && b_stands ${texts} && ll_ret_seen path`;
}

/** The functions, the arguments, and the file found: a step that goes on knows `m_dest` and `m_old`. */
function opening(args: Args, content?: Look['content']): Sh {
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(OPENING, new Set(['l_open', 'l_size', 'l_finish'])),
    contentVariables({ ...args, follow: true, force: true }),
    looking(args.path, content),
    validator(args.validate),
    // Only together with create is a file that is not there as good as one without the block.
    sh`
m_state=${args.create ? args.state : 'present'}; m_create=${args.create ? '1' : ''}; m_what=Path
l_open ${args.path} || return 0`,
  );
}

/** Where a new block goes, for awk; undefined when the pattern needs Python's own syntax. */
function insertion({ insertafter, insertbefore }: Args): { where: string; pattern: string } | undefined {
  const after = insertafter ?? (insertbefore === undefined ? 'EOF' : undefined);
  if (after === 'EOF') return { where: 'last', pattern: '' };
  if (after === undefined && insertbefore === 'BOF') return { where: 'first', pattern: '' };
  const python = after ?? insertbefore!;
  // What is no pattern at all fails now, before any host is asked.
  bytesRegex(python);
  const pattern = python === '' ? undefined : extendedRegex(python);
  return pattern === undefined ? undefined : { where: after === undefined ? 'before' : 'after', pattern };
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function blockEdit(args: Args): BlockEdit {
  const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const marker = (mark: string) => markerLine(bytes(args.marker), bytes(mark));
  return {
    begin: marker(args.marker_begin),
    end: marker(args.marker_end),
    block: args.state === 'present' ? bytes(args.block) : '',
    insertAfter: args.insertafter,
    insertBefore: args.insertbefore,
  };
}
