import { z } from 'zod';
import { path, str } from '../run/args.ts';
import { commandResult } from '../run/modules/command-result.ts';
import { commandStep } from '../run/modules/command-step.ts';
import { raw, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/**
 * Here `raw` differs from `shell` in its arguments and return values only: no module needs Python on the host.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/raw_module.html
 */
export default defineTask({
  name: 'ansible.builtin.raw',
  summary: 'Runs a line by the login shell, with nothing around it.',
  args: z.strictObject({
    free_form: str().refine((text) => text.trim() !== '', 'no command given'),
    executable: path().optional(),
  }),
  argAliases: { free_form: ['_raw_params'] },
  freeForm: { argument: 'free_form', keyValues: 'known-only' },
  checkMode: 'full',
  returns: {
    rc: "The line's exit status.",
    stdout_lines: 'The output in lines.',
    stderr_lines: 'The error output in lines.',
  },
  example: `
- ansible.builtin.raw: uname -a`,

  step: ({ free_form, executable }) =>
    commandStep({ script: executable === undefined ? raw(free_form) : sh`exec ${executable} -c ${free_form}` }),
  result: (reply) => commandResult(reply, { stripEmptyEnds: false, times: false }),
});
