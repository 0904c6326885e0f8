import { z } from 'zod';
import { path } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/import_tasks_module.html */
export default defineTask({
  name: 'ansible.builtin.import_tasks',
  summary: 'Puts the tasks of a file here when the playbook is read.',
  args: z.strictObject({ file: path() }),
  argAliases: { file: ['_raw_params'] },
  unsupported: { apply: 'what stands on an import already applies to each of its tasks' },
  freeForm: { argument: 'file', keyValues: 'known-only' },
  checkMode: 'reads',
  control: true,
  example: `
- ansible.builtin.import_tasks: firewall.yml`,
});
