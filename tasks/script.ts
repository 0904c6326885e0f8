import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { bool, path, str } from '../run/args.ts';
import { commandResult } from '../run/modules/command-result.ts';
import { type CommandStep, commandStep } from '../run/modules/command-step.ts';
import { shlexWords } from '../run/modules/shlex.ts';
import { quote, raw, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type TaskContext, type TaskResult } from '../run/task.ts';

/** Scripts longer than this are streamed to the host instead of riding in the step. */
const INLINE_BYTES = 32 * 1024;

interface ScriptArgs {
  cmd: string;
  chdir?: string | undefined;
  creates?: string | undefined;
  removes?: string | undefined;
  executable?: string | undefined;
  decrypt: boolean;
}

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/script_module.html */
export default defineTask<ScriptArgs>({
  name: 'ansible.builtin.script',
  summary: 'Runs a script of the controller on the host.',
  args: z
    .strictObject({
      cmd: str().refine((text) => text.trim() !== '', 'no script given'),
      chdir: path().optional(),
      creates: path().optional(),
      removes: path().optional(),
      executable: str().optional(),
      decrypt: bool().default(true),
    })
    .superRefine(({ cmd, chdir }, context) => {
      if (chdir !== undefined && !chdir.startsWith('/'))
        context.addIssue({
          code: 'custom',
          path: ['chdir'],
          message: `chdir ${chdir} must be an absolute path for a Unix-aware remote node`,
        });
      try {
        shlexWords(cmd);
      } catch (error) {
        context.addIssue({ code: 'custom', path: ['cmd'], message: (error as Error).message });
      }
    }) as unknown as z.ZodType<ScriptArgs>,
  argAliases: { cmd: ['_raw_params', 'free_form'] },
  freeForm: { argument: 'cmd', keyValues: 'known-only' },
  checkMode: 'full',
  returns: {
    rc: "The script's exit status.",
    stdout_lines: 'The output in lines.',
    stderr_lines: 'The error output in lines.',
  },
  example: `
- ansible.builtin.script: collect.sh --all
  args:
    creates: /var/lib/collected`,

  step: async (args, context) => {
    const script = await readScript(args, context);
    if (!script.inline) return undefined;
    return commandStep({
      ...conditions(args),
      prepare: sh`
ll_temp; m_script=$ll_tmp
printf %s ${script.content.toString('utf8')} >"$m_script"; chmod 700 "$m_script"; export m_script`,
      script: runLine(args, script.content, raw('"$m_script"')),
    });
  },
  result: (reply, args) => scriptResult(commandResult(reply, { stripEmptyEnds: false, times: false }), args),

  action: async (args, host) => {
    const script = await readScript(args, host);
    const remote = `/tmp/.ll-script-${host.host.replace(/[^A-Za-z0-9.-]/g, '_')}-${process.pid}-${Date.now().toString(36)}`;
    if (!host.check) await host.upload(Readable.from([script.content]), remote);
    const body = commandStep({
      ...conditions(args),
      prepare: sh`chmod 700 ${remote}`,
      script: runLine(args, script.content, sh`${remote}`),
    });
    try {
      const reply = await host.run(body);
      return scriptResult(commandResult(reply, { stripEmptyEnds: false, times: false }), args);
    } finally {
      if (!host.check) await host.run(sh`rm -f ${remote}`);
    }
  },
});

interface Script {
  content: Buffer;
  /** Short, and text: it may travel inside the step. */
  inline: boolean;
}

async function readScript(args: ScriptArgs, context: TaskContext | ActionHost): Promise<Script> {
  const name = shlexWords(args.cmd)[0]!.text;
  const content = await context.readFile(context.findFile('files', name), { decrypt: args.decrypt });
  const text = content.toString('utf8');
  const inline = content.length <= INLINE_BYTES && !content.includes(0) && Buffer.from(text, 'utf8').equals(content);
  return { content, inline };
}

function conditions(args: ScriptArgs): Pick<CommandStep, 'chdir' | 'creates' | 'removes'> {
  return { chdir: args.chdir, creates: args.creates, removes: args.removes };
}

/**
 * The line that runs the script, with its arguments as written. The interpreter is called by name, since scratch often
 * lies on a file system mounted noexec; only a binary has to be executed itself.
 */
function runLine({ cmd, executable }: ScriptArgs, content: Buffer, file: Sh): Sh {
  const words = raw(cmd.slice(shlexWords(cmd)[0]!.end));
  if (executable !== undefined && executable !== '') return sh`${raw(executable)} ${file}${words}`;
  if (content.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return sh`${file}${words}`;
  return sh`${interpreter(content)} ${file}${words}`;
}

/** The kernel's reading of `#!`: a program and at most one argument. A text without it is for `sh`. */
function interpreter(content: Buffer): Sh {
  const firstLine = content.subarray(0, 256).toString('latin1').split('\n', 1)[0]!;
  const match = /^#![ \t]*([^ \t]+)[ \t]*(.*?)[ \t\r]*$/.exec(firstLine);
  if (match === null) return raw('/bin/sh');
  const [, program, argument] = match;
  return raw([program!.replace(/\r$/, ''), ...(argument ? [argument] : [])].map(quote).join(' '));
}

/** Ansible skips a script where it says "ok" of a command. */
function scriptResult(result: TaskResult, args: ScriptArgs): TaskResult {
  if (typeof result.msg !== 'string') return result;
  const name = basename(shlexWords(args.cmd)[0]!.text);
  if (/^(Did|Would) not run command since/.test(result.msg)) {
    const exists = result.msg.endsWith('exists');
    const option = exists ? args.creates : args.removes;
    const reason = exists ? 'exists, matching creates option' : 'does not exist, matching removes option';
    return { changed: false, skipped: true, msg: `${option} ${reason}` };
  }
  if (result.unknown !== undefined)
    return {
      changed: result.changed === true,
      skipped: result.changed !== true,
      msg: result.msg,
      unknown: `the script ${name} was not run in check mode`,
    };
  return result;
}
