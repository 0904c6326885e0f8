import { z } from 'zod';
import { bool, choice, list, path, str } from '../run/args.ts';
import { CONTENT_LIBRARY, contentVariables } from '../run/modules/content.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments, pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, looking, sh } from '../run/shell/script.ts';
import { defineTask, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    path: path(),
    section: str().optional(),
    option: str().optional(),
    value: str().optional(),
    values: list(str()).optional(),
    state: choice('present', 'absent').default('present'),
    exclusive: bool().default(true),
    no_extra_spaces: bool().default(false),
    allow_no_value: bool().default(false),
    create: bool().default(true),
    backup: bool().default(false),
    ...fileArguments,
  })
  .superRefine((value, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    if (value.value !== undefined && value.values !== undefined)
      fail('parameters are mutually exclusive: value|values');
    if (value.state === 'present' && !value.allow_no_value && value.value === undefined && !value.values?.length)
      fail("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.");
  });

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/7/collections/community/general/ini_file_module.html */
export default defineTask<Args>({
  name: 'community.general.ini_file',
  aliases: ['ansible.builtin.ini_file'],
  summary: 'Sets and removes single options of INI files.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { path: ['dest'], ...FILE_ALIASES },
  unsupported: FILE_UNSUPPORTED,
  checkMode: 'full',
  returns: {
    msg: 'What was done: "option changed", "option added", "section removed" …',
    path: 'The file.',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `
- community.general.ini_file:
    path: /etc/systemd/timesyncd.conf
    section: Time
    option: NTP
    value: ntp.example.com
    no_extra_spaces: true`,
  step: (args) => {
    const values = args.value === undefined ? (args.values ?? []) : [args.value];
    return lines(
      shellFunctions(CONTENT_LIBRARY),
      shellFunctions(new URL('../run/modules/ini-file.sh', import.meta.url)),
      contentVariables({ ...args, follow: true, force: true }),
      looking(args.path),
      sh`
m_section=${args.section ?? ''} m_option=${args.option ?? ''} m_values=${values.join('\x1e')} m_count=${values.length}
m_state=${args.state} m_exclusive=${args.exclusive ? '1' : ''} m_equals=${args.no_extra_spaces ? '=' : ' = '}
m_no_value=${args.allow_no_value ? '1' : ''} m_create=${args.create ? '1' : ''}
i_main ${args.path}`,
    );
  },
  result: (reply, _args, context) => {
    const { fields } = reply;
    const result: TaskResult = replyFacts(reply);
    if (reply.status === 'failed') return fields.rc === undefined ? result : { ...result, rc: Number(fields.rc) };
    if (reply.status === 'unknown') return result;
    Object.assign(result, pathFacts(reply), { path: fields.path, msg: fields.note });
    if (fields.backup_file) result.backup_file = fields.backup_file;
    if (context.diff) {
      const header = `${fields.path} (content)`;
      result.diff = reply.diffs.map((diff) =>
        typeof diff.after === 'string' ? { ...diff, beforeHeader: header, afterHeader: header } : diff,
      );
    }
    return result;
  },
});
