import { z } from 'zod';
import { bool, dict } from '../run/args.ts';
import { roleArgAliases, roleArgs } from '../run/modules/role-args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/include_role_module.html */
export default defineTask({
  name: 'ansible.builtin.include_role',
  summary: 'Runs a role, chosen when its turn comes.',
  args: z.strictObject({ ...roleArgs, public: bool().default(false), apply: dict().default({}) }),
  argAliases: roleArgAliases,
  checkMode: 'reads',
  control: true,
  example: `
- ansible.builtin.include_role:
    name: lamp
    tasks_from: bridge.yml`,
});
