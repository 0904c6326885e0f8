import { z } from 'zod';
import { list, str } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/group_by_module.html */
export default defineTask({
  name: 'ansible.builtin.group_by',
  summary: 'Puts the host into a group named by a value.',
  args: z.strictObject({ key: groupName(), parents: list(groupName()).default(['all']) }),
  missing: "the 'key' param is required when using group_by",
  checkMode: 'reads',
  control: true,
  returns: { add_group: 'The group.', parent_groups: 'The groups it belongs to.' },
  example: `
- ansible.builtin.group_by:
    key: os_{{ ansible_distribution }}`,
});

/** Ansible puts a dash for each space. */
function groupName(): z.ZodType<string> {
  return str().transform((text) => text.replaceAll(' ', '-')) as unknown as z.ZodType<string>;
}
