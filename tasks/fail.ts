import { z } from 'zod';
import { anything } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/fail_module.html */
export default defineTask({
  name: 'ansible.builtin.fail',
  summary: 'Fails with a message.',
  args: z.strictObject({ msg: anything().default('Failed as requested from task') }),
  checkMode: 'reads',
  example: `
- ansible.builtin.fail:
    msg: This lamp has no Ethernet.
  when: ansible_eth0 is not defined`,
  evaluate: ({ msg }) => ({ failed: true, changed: false, msg }),
});
