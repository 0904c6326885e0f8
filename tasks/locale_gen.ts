import { z } from 'zod';
import { choice, str } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, sh } from '../run/shell/script.ts';
import { defineTask, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  name: str().refine((name) => /^[A-Za-z][\w.@-]*$/.test(name), 'expected a locale, such as de_CH.UTF-8'),
  state: choice('present', 'absent').default('present'),
});

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/7/collections/community/general/locale_gen_module.html */
export default defineTask<Args>({
  name: 'community.general.locale_gen',
  aliases: ['ansible.builtin.locale_gen'],
  summary: 'Makes and removes locales.',
  args: args as unknown as z.ZodType<Args>,
  checkMode: 'full',
  returns: { name: 'The locale.', msg: 'Always OK.' },
  example: `
- community.general.locale_gen:
    name: de_CH.UTF-8`,
  step: ({ name, state }) =>
    lines(
      shellFunctions(new URL('../run/modules/locale-gen.sh', import.meta.url)),
      sh`m_name=${name} m_state=${state}; l_main`,
    ),
  result: (reply, { name }, context) => {
    const result: TaskResult = replyFacts(reply);
    if (reply.status === 'failed' || reply.status === 'unknown') return result;
    if (context.diff) result.diff = reply.diffs;
    return { ...result, name, msg: 'OK' };
  },
});
