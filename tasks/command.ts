import { z } from 'zod';
import { bool, list, path, str } from '../run/args.ts';
import { commandResult } from '../run/modules/command-result.ts';
import { commandStep, expandedWord } from '../run/modules/command-step.ts';
import { shlexSplit } from '../run/modules/shlex.ts';
import { lines, raw, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/command_module.html */
export default defineTask({
  name: 'ansible.builtin.command',
  summary: 'Runs a command without a shell.',
  args: z
    .strictObject({
      cmd: str().optional(),
      argv: list(str()).optional(),
      chdir: path().optional(),
      creates: path().optional(),
      removes: path().optional(),
      stdin: str().optional(),
      stdin_add_newline: bool().default(true),
      strip_empty_ends: bool().default(true),
      expand_argument_vars: bool().default(true),
      executable: path().optional(),
    })
    .superRefine(({ cmd, argv }, context) => {
      const given = (cmd ?? '').trim() !== '';
      if (!given && !argv?.length) context.addIssue({ code: 'custom', message: 'no command given' });
      if (given && argv?.length)
        context.addIssue({ code: 'custom', message: 'only command or argv can be given, not both' });
      if (!given) return;
      try {
        shlexSplit(cmd!);
      } catch (error) {
        context.addIssue({ code: 'custom', path: ['cmd'], message: (error as Error).message });
      }
    }),
  argAliases: { cmd: ['_raw_params'] },
  unsupported: {
    warn: 'removed in Ansible 2.14',
  },
  freeForm: { argument: 'cmd', keyValues: 'known-only' },
  checkMode: 'full',
  returns: {
    cmd: 'The words of the command.',
    rc: "The command's exit status.",
    stdout_lines: 'The output in lines.',
    stderr_lines: 'The error output in lines.',
    start: "When the command began, by the controller's clock.",
    end: 'When it ended.',
    delta: 'How long it took, as h:mm:ss.micros.',
  },
  example: `
- name: Make the password file once
  ansible.builtin.command:
    cmd: mosquitto_passwd -c -b /etc/mosquitto/passwd lamp secret
    creates: /etc/mosquitto/passwd`,

  step: (args) => {
    const words = wordsOf(args).map((word) => (args.expand_argument_vars ? expandedWord(word) : sh`${word}`));
    return lines(
      args.executable !== undefined && sh`ll_warn ${noExecutable(args.executable)}`,
      commandStep({
        ...args,
        stdin: stdinOf(args),
        script: sh`exec ${words}`,
        program: words[0] ?? raw("''"),
      }),
    );
  },
  result: (reply, args) =>
    commandResult(reply, { cmd: wordsOf(args), stripEmptyEnds: args.strip_empty_ends, times: true }),
});

function noExecutable(path: string): string {
  return `As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. Not using '${path}'.`;
}

function wordsOf({ cmd, argv }: { cmd?: string | undefined; argv?: string[] | undefined }): string[] {
  return argv?.length ? argv : shlexSplit(cmd ?? '');
}

function stdinOf(args: { stdin?: string | undefined; stdin_add_newline: boolean }): string | undefined {
  if (args.stdin === undefined) return undefined;
  return args.stdin_add_newline ? `${args.stdin}\n` : args.stdin;
}
