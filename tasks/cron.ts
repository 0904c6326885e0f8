import { z } from 'zod';
import { bool, choice, path, str } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, sh } from '../run/shell/script.ts';
import { defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const TIMES = ['minute', 'hour', 'day', 'month', 'weekday'] as const;

const args = z
  .strictObject({
    name: str().refine((name) => !/[\r\n]/.test(name), 'cannot hold line feeds'),
    user: str().optional(),
    job: str().optional(),
    cron_file: path().optional(),
    state: choice('present', 'absent').default('present'),
    backup: bool().default(false),
    minute: str().default('*'),
    hour: str().default('*'),
    day: str().default('*'),
    month: str().default('*'),
    weekday: str().default('*'),
    special_time: choice('reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly').optional(),
    disabled: bool().default(false),
    env: bool().default(false),
    insertafter: str().optional(),
    insertbefore: str().optional(),
  })
  .superRefine((value, context) => {
    const fail = (message: string) => context.addIssue({ code: 'custom', message });
    if (value.insertafter !== undefined && value.insertbefore !== undefined)
      fail('parameters are mutually exclusive: insertafter|insertbefore');
    if (value.cron_file === '/etc/crontab') fail('Will not manage /etc/crontab via cron_file, see documentation.');
    if (value.special_time !== undefined && TIMES.some((key) => value[key] !== '*'))
      fail('You must specify time and date fields or special time.');
    if (value.env && value.name.includes(' ')) fail('Invalid name for environment variable');
    if (value.state === 'absent') return;
    if (value.cron_file !== undefined && value.user === undefined)
      fail('To use cron_file=... parameter you must specify user=... as well');
    if (value.job === undefined) fail("You must specify 'job' to install a new cron job or variable");
    if (!value.env && (value.insertafter !== undefined || value.insertbefore !== undefined))
      fail('Insertafter and insertbefore parameters are valid only with env=yes');
  });

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/cron_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.cron',
  summary: 'Keeps jobs and variables in crontabs.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { job: ['value'], day: ['dom'], weekday: ['dow'] },
  checkMode: 'full',
  returns: {
    jobs: 'The names of the jobs in the crontab.',
    envs: 'The names of the variables in it.',
    cron_file: 'The file, when one was named.',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `
- ansible.builtin.cron:
    name: restart the bridge
    minute: "0"
    hour: "4"
    job: systemctl restart mosquitto`,
  step: (args) =>
    lines(
      shellFunctions(new URL('../run/modules/cron.sh', import.meta.url)),
      sh`
m_name=${args.name} m_mode=${args.env ? 'env' : 'job'} m_state=${args.state} m_line=${line(args)}
m_after=${args.insertafter ?? ''} m_before=${args.insertbefore ?? ''} m_user=${args.user ?? ''}
m_cron_file=${args.cron_file ?? ''} m_user_file=${args.cron_file === undefined ? '1' : ''} m_backup=${args.backup ? '1' : ''}
c_main`,
    ),
  result: cronResult,
});

/** The line of the crontab. */
function line(args: Args): string {
  if (args.job === undefined) return '';
  if (args.env) return `${args.name}="${args.job}"`;
  const when = args.special_time === undefined ? TIMES.map((key) => args[key]).join(' ') : `@${args.special_time}`;
  const user = args.cron_file === undefined ? '' : ` ${args.user}`;
  return `${args.disabled ? '#' : ''}${when}${user} ${args.job.replace(/^[\r\n]+|[\r\n]+$/g, '')}`;
}

function cronResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const result: TaskResult = replyFacts(reply);
  const warnings = [...(result.warnings ?? []), ...advice(args)];
  if (warnings.length > 0) result.warnings = warnings;
  if (reply.status === 'failed') return result;
  const { fields } = reply;
  if (fields.removed === undefined)
    Object.assign(result, { jobs: names(fields.jobs ?? ''), envs: names(fields.envs ?? '') });
  else result.state = args.state;
  if (args.cron_file !== undefined) result.cron_file = args.cron_file;
  if (fields.backup_file !== undefined) result.backup_file = fields.backup_file;
  const [diff] = reply.diffs;
  if (context.diff && diff) {
    const header = args.cron_file === undefined ? `crontab${args.user ? ` for user "${args.user}"` : ''}` : diff.path!;
    const afterHeader = fields.removed === undefined ? header : '/dev/null';
    result.diff = { ...diff, beforeHeader: header, afterHeader };
  }
  return result;
}

function names(text: string): string[] {
  return text.split('\n').filter((name) => name !== '');
}

function advice(args: Args): string[] {
  const out: string[] = [];
  const base = args.cron_file?.split('/').at(-1);
  if (base !== undefined && !/^[A-Z0-9_-]+$/i.test(base))
    out.push(
      `Filename portion of cron_file ("${base}") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`,
    );
  if (!args.env && /[\r\n]/.test((args.job ?? '').replace(/^[\r\n]+|[\r\n]+$/g, '')))
    out.push('Job should not contain line breaks');
  return out;
}
