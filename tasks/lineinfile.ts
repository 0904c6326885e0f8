import { z } from 'zod';
import { bool, choice, path, str } from '../run/args.ts';
import { CONTENT_LIBRARY, contentVariables, validator } from '../run/modules/content.ts';
import { bytesRegex, editLines, type LineEdit } from '../run/modules/edit-lines.ts';
import { readRemote, writeRemote } from '../run/modules/edit-remote.ts';
import { editResult } from '../run/modules/edit-result.ts';
import { extendedRegex } from '../run/modules/extended-regex.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments, fits } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { inShell, shellPatterns } from '../run/modules/shell-patterns.ts';
import { assigning, type Look, lines, looking, raw, type Sh, settling, sh } from '../run/shell/script.ts';
import { defineTask, type TaskResult } from '../run/task.ts';

const LIBRARY = new URL('../run/modules/lineinfile.sh', import.meta.url);

const args = z
  .strictObject({
    path: path(),
    state: choice('present', 'absent').default('present'),
    regexp: str().optional(),
    search_string: str().optional(),
    line: str().optional(),
    insertafter: str().optional(),
    insertbefore: str().optional(),
    backrefs: bool().default(false),
    create: bool().default(false),
    backup: bool().default(false),
    firstmatch: bool().default(false),
    validate: str().optional(),
    ...fileArguments,
  })
  .superRefine((value, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    const both = (a: keyof typeof value, b: keyof typeof value) => value[a] !== undefined && value[b] !== undefined;
    if (both('insertbefore', 'insertafter')) fail('parameters are mutually exclusive: insertbefore|insertafter');
    if (both('regexp', 'search_string')) fail('parameters are mutually exclusive: regexp|search_string');
    if (value.backrefs && value.search_string !== undefined)
      fail('parameters are mutually exclusive: backrefs|search_string');
    if (value.state === 'absent') {
      if (value.regexp === undefined && value.search_string === undefined && value.line === undefined)
        fail('one of line, search_string, or regexp is required with state=absent');
      return;
    }
    if (value.backrefs && value.regexp === undefined) fail('regexp is required with backrefs=true');
    if (value.line === undefined) fail('line is required with state=present');
  });

type Args = z.infer<typeof args>;

export default defineTask<Args>({
  name: 'ansible.builtin.lineinfile',
  summary: 'Makes sure that a line is in a file, replaces it by a pattern, or removes it.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { path: ['dest', 'destfile', 'name'], regexp: ['regex'], line: ['value'], ...FILE_ALIASES },
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    msg: 'What was done: "line added", "line replaced", "N line(s) removed".',
    found: 'How many lines were removed.',
    backup: 'The copy of what was there, with `backup`.',
  },
  example: `- ansible.builtin.lineinfile:
    path: /etc/mosquitto/mosquitto.conf
    regexp: '^log_type '
    line: log_type error`,

  step: (args) => {
    const patterns = translated(args);
    if (!patterns) return undefined;
    const test = settled(args);
    return settling(
      test,
      lines(
        opening(args, test && 'text'),
        raw('l_variables'),
        assigning({
          m_line: args.line,
          m_search: args.search_string,
          m_regexp: patterns.regexp,
          m_ins: patterns.insert,
          m_after: after(args),
          m_before: args.insertbefore,
          m_firstmatch: args.firstmatch,
          m_has: patterns.has,
        }),
        raw('l_edit; l_finish'),
      ),
    );
  },

  result: (reply, args, context) => warned(args, editResult(reply, context, { always: args.state === 'absent' })),

  action: async (args, host) => {
    const open = opening(args);
    const before = await readRemote(host, open);
    const options = { always: args.state === 'absent' };
    if (before.text === undefined) return warned(args, editResult(before.reply, host, options));
    const edited = editLines(before.text, lineEdit(args));
    const found = args.state === 'absent' ? String(edited.found) : '';
    const reply = await writeRemote(
      host,
      open,
      before.reply,
      edited.text,
      sh`m_msg=${edited.msg}; m_found=${found}; l_finish`,
    );
    return warned(args, editResult(reply, host, options));
  },
});

/** The functions, the arguments, and the file found: a step that goes on knows `m_dest` and `m_old`. */
function opening(args: Args, content?: Look['content']): Sh {
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(LIBRARY),
    contentVariables({ ...args, follow: true, force: true }),
    looking(args.path, content),
    validator(args.validate),
    sh`m_state=${args.state}; m_create=${args.create ? '1' : ''}; l_open ${args.path} || return 0`,
  );
}

/** Whether the line stands where it shall, and the file is otherwise as it shall be. */
function settled(args: Args): Sh | undefined {
  const { state, line, regexp, search_string: search, firstmatch, insertafter, insertbefore } = args;
  if (state !== 'present' || args.backrefs || line === undefined || !/^[^\r\n]+$/.test(line)) return undefined;
  // What ends the search for the place of a new line ends that for the line too.
  if (firstmatch && (insertafter ?? insertbefore) !== undefined) return undefined;
  const found = regexp === undefined ? [] : shellPatterns(regexp);
  if (found === undefined || search === '' || search?.includes('\\') || search?.includes('\n')) return undefined;
  const patterns = search === undefined ? found : [`*${inShell(search)}*`];
  const test = fits({ ...args, kind: 'file' });
  return (
    test && sh`${test} && ll_ahead_text && l_stands ${line} ${firstmatch ? '1' : ''} ${patterns} && ll_ret_seen path`
  );
}

/** EOF when nothing is said. */
function after(args: Args): string | undefined {
  return args.insertafter === undefined && args.insertbefore === undefined ? 'EOF' : args.insertafter;
}

/** The patterns as awk reads them; undefined when one of them needs Python's own syntax, or its groups are used. */
function translated(args: Args): { regexp: string; insert: string; has: string } | undefined {
  const pattern =
    after(args) !== undefined && !['', 'BOF', 'EOF'].includes(after(args)!)
      ? args.insertafter
      : args.insertbefore !== undefined && args.insertbefore !== 'BOF'
        ? args.insertbefore
        : undefined;
  const insert = args.state === 'present' && pattern !== undefined ? pattern : undefined;
  // What is no pattern at all fails now, before any host is asked.
  for (const each of [args.regexp, insert]) if (each !== undefined) bytesRegex(each);
  if (args.backrefs || args.insertafter === '' || args.insertbefore === '') return undefined;
  const regexp = args.regexp === undefined ? '' : extendedRegex(args.regexp);
  const insertRegexp = insert === undefined ? '' : extendedRegex(insert);
  if (regexp === undefined || insertRegexp === undefined) return undefined;
  const what = args.regexp !== undefined ? 'r' : args.search_string !== undefined ? 's' : 'l';
  return { regexp, insert: insertRegexp, has: insert === undefined ? what : `${what}i` };
}

function lineEdit(args: Args): LineEdit {
  const bytes = (text: string | undefined) =>
    text === undefined ? undefined : Buffer.from(text, 'utf8').toString('latin1');
  return {
    state: args.state,
    line: bytes(args.line),
    regexp: args.regexp,
    search: bytes(args.search_string),
    insertAfter: after(args),
    insertBefore: args.insertbefore,
    backrefs: args.backrefs,
    firstMatch: args.firstmatch,
  };
}

const EMPTY =
  'is an empty string, which will match every line in the file. This may have unintended consequences, such as replacing the last line in the file rather than appending.';

function warned(args: Args, result: TaskResult): TaskResult {
  const warnings = [...(result.warnings ?? [])];
  if (args.regexp === '')
    warnings.push(
      `The regular expression ${EMPTY} If this is desired, use '^' to match every line in the file and avoid this warning.`,
    );
  if (args.search_string === '') warnings.push(`The search string ${EMPTY}`);
  return warnings.length > 0 ? { ...result, warnings } : result;
}
