import { z } from 'zod';
import { roleArgAliases, roleArgs } from '../run/modules/role-args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/import_role_module.html */
export default defineTask({
  name: 'ansible.builtin.import_role',
  summary: 'Puts the tasks of a role here when the playbook is read.',
  args: z.strictObject(roleArgs),
  argAliases: roleArgAliases,
  unsupported: {
    apply: 'what stands on an import already applies to each of its tasks',
    public: 'an imported role always shows its variables to the rest of the play',
  },
  checkMode: 'reads',
  control: true,
  example: `
- ansible.builtin.import_role:
    name: cloud`,
});
