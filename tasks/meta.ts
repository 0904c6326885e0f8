import { z } from 'zod';
import { choice } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/meta_module.html */
export default defineTask({
  name: 'ansible.builtin.meta',
  summary: 'Steers the run: flushes handlers, ends a host or a play, forgets facts, reopens connections.',
  args: z.strictObject({
    free_form: choice(
      'flush_handlers',
      'refresh_inventory',
      'noop',
      'clear_facts',
      'clear_host_errors',
      'end_play',
      'end_host',
      'end_batch',
      'reset_connection',
    ),
  }),
  argAliases: { free_form: ['_raw_params'] },
  freeForm: { argument: 'free_form', keyValues: 'none' },
  checkMode: 'reads',
  control: true,
  example: `
- ansible.builtin.meta: flush_handlers`,
});
