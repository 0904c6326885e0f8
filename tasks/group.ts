import { z } from 'zod';
import { bool, choice, int } from '../run/args.ts';
import { accountDiff, accountName, accountResult } from '../run/modules/accounts.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

const args = z
  .strictObject({
    name: accountName(),
    state: choice('present', 'absent').default('present'),
    gid: int({ min: 0 }).optional(),
    system: bool().default(false),
    local: bool().default(false),
    non_unique: bool().default(false),
  })
  .refine((value) => !value.non_unique || value.gid !== undefined, {
    message: 'non_unique is True but all of the following are missing: gid',
  });

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/group_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.group',
  summary: 'Makes, changes and removes groups.',
  args: args as unknown as z.ZodType<Args>,
  checkMode: 'full',
  returns: {
    name: 'The group.',
    state: 'present or absent.',
    gid: 'Its number.',
    system: 'Whether a system group was asked for.',
  },
  example: `
- ansible.builtin.group:
    name: lamps
    system: true`,
  step: (args) =>
    lines(
      shellFunctions(new URL('../run/modules/accounts.sh', import.meta.url)),
      shellFunctions(new URL('../run/modules/group.sh', import.meta.url)),
      sh`
m_name=${args.name} m_state=${args.state} m_gid=${args.gid ?? ''} m_system=${args.system ? '1' : ''}
m_local=${args.local ? '1' : ''} m_non_unique=${args.non_unique ? '1' : ''} m_l=${args.local ? 'l' : ''}
g_main`,
    ),
  result: (reply, args, context) => {
    const result = { ...accountResult(reply), name: args.name };
    if (reply.status === 'failed') return result;
    const { gid } = reply.fields;
    return {
      ...result,
      state: args.state,
      ...(args.state === 'present' ? { system: args.system } : {}),
      ...(gid ? { gid: Number(gid) } : {}),
      ...accountDiff(reply, context, args.name),
    };
  },
});
