import { z } from 'zod';
import { str } from '../run/args.ts';
import { sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/ping_module.html */
export default defineTask({
  name: 'ansible.builtin.ping',
  summary: "Checks that the host's shell answers.",
  args: z.strictObject({ data: str().default('pong') }),
  checkMode: 'reads',
  returns: { ping: 'What was given as data.' },
  step: ({ data }) => (data === 'crash' ? sh`ll_fail boom` : sh`ll_ret ping ${data}`),
});
