import { z } from 'zod';
import { choice, str } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, sh } from '../run/shell/script.ts';
import { defineTask, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    name: str()
      .refine(
        (name) => /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name),
        'expected a time zone, such as Europe/Zurich',
      )
      .optional(),
    hwclock: choice('local', 'UTC').optional(),
  })
  .refine(
    (value) => value.name !== undefined || value.hwclock !== undefined,
    'one of the following is required: hwclock, name',
  );

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/7/collections/community/general/timezone_module.html */
export default defineTask<Args>({
  name: 'community.general.timezone',
  aliases: ['ansible.builtin.timezone'],
  summary: 'Sets the time zone of the host, and what its hardware clock counts in.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { hwclock: ['rtc'] },
  checkMode: 'full',
  returns: { diff: 'The settings before and after.', msg: 'What was executed.' },
  example: `
- community.general.timezone:
    name: Europe/Zurich`,
  step: ({ name, hwclock }) =>
    lines(
      shellFunctions(new URL('../run/modules/timezone.sh', import.meta.url)),
      sh`m_name=${name ?? ''} m_hwclock=${hwclock ?? ''}; z_main`,
    ),
  result: (reply, { name, hwclock }) => {
    const result: TaskResult = replyFacts(reply);
    if (reply.status === 'failed' || reply.status === 'unknown') return result;
    const { note, name_before, hwclock_before } = reply.fields;
    if (note) result.msg = note;
    // As Ansible's, whether or not a diff was asked for.
    result.diff = {
      before: { ...(name ? { name: name_before } : {}), ...(hwclock ? { hwclock: hwclock_before } : {}) },
      after: { ...(name ? { name } : {}), ...(hwclock ? { hwclock } : {}) },
    };
    return result;
  },
});
