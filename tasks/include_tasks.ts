import { z } from 'zod';
import { dict, path } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/include_tasks_module.html */
export default defineTask({
  name: 'ansible.builtin.include_tasks',
  summary: 'Runs the tasks of a file, chosen when its turn comes.',
  args: z.strictObject({ file: path(), apply: dict().default({}) }),
  argAliases: { file: ['_raw_params'] },
  freeForm: { argument: 'file', keyValues: 'known-only' },
  checkMode: 'reads',
  control: true,
  example: `
- ansible.builtin.include_tasks: "{{ ansible_os_family | lower }}.yml"`,
});
