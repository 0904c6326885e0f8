import { z } from 'zod';
import { bool, path, str } from '../run/args.ts';
import { commandResult } from '../run/modules/command-result.ts';
import { commandStep } from '../run/modules/command-step.ts';
import { raw, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/shell_module.html */
export default defineTask({
  name: 'ansible.builtin.shell',
  summary: 'Runs a command line by a shell.',
  args: z.strictObject({
    cmd: str().refine((text) => text.trim() !== '', 'no command given'),
    executable: path().optional(),
    chdir: path().optional(),
    creates: path().optional(),
    removes: path().optional(),
    stdin: str().optional(),
    stdin_add_newline: bool().default(true),
    strip_empty_ends: bool().default(true),
  }),
  argAliases: { cmd: ['_raw_params'] },
  unsupported: {
    argv: 'the command module takes a list; a shell takes a line',
    expand_argument_vars: 'a shell always expands its variables; the command module has this option',
    warn: 'removed in Ansible 2.14',
  },
  freeForm: { argument: 'cmd', keyValues: 'known-only' },
  checkMode: 'full',
  returns: {
    cmd: 'The line.',
    rc: "The line's exit status.",
    stdout_lines: 'The output in lines.',
    stderr_lines: 'The error output in lines.',
    start: "When the command began, by the controller's clock.",
    end: 'When it ended.',
    delta: 'How long it took, as h:mm:ss.micros.',
  },
  example: `
- name: Count the bridges
  ansible.builtin.shell: grep -h '^connection ' /etc/mosquitto/conf.d/*.conf | wc -l
  register: bridges
  changed_when: false`,

  step: (args) =>
    commandStep({
      ...args,
      stdin: args.stdin === undefined ? undefined : args.stdin + (args.stdin_add_newline ? '\n' : ''),
      script: args.executable === undefined ? raw(args.cmd) : sh`exec ${args.executable} -c ${args.cmd}`,
    }),
  result: (reply, args) => commandResult(reply, { cmd: args.cmd, stripEmptyEnds: args.strip_empty_ends, times: true }),
});
