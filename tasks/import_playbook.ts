import { z } from 'zod';
import { path } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/import_playbook_module.html */
export default defineTask({
  name: 'ansible.builtin.import_playbook',
  summary: 'Puts the plays of another playbook here.',
  args: z.strictObject({ file: path() }),
  argAliases: { file: ['_raw_params'] },
  freeForm: { argument: 'file', keyValues: 'none' },
  checkMode: 'reads',
  control: true,
  example: `
- ansible.builtin.import_playbook: clouds.yml`,
});
