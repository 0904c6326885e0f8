import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { bool, float, str } from '../run/args.ts';
import { timestamp } from '../run/modules/command-result.ts';
import { type ActionHost, defineTask } from '../run/task.ts';

/**
 * Ansible cuts fractions off (`minutes: 0.5` waits one second); here they count.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/pause_module.html
 */
export default defineTask({
  name: 'ansible.builtin.pause',
  summary: 'Waits for a time or for a person, once for all hosts.',
  args: z
    .strictObject({
      seconds: float().optional(),
      minutes: float().optional(),
      prompt: str().optional(),
      echo: bool().default(true),
    })
    .refine(
      (args) => args.seconds === undefined || args.minutes === undefined,
      'parameters are mutually exclusive: minutes|seconds',
    ),
  checkMode: 'reads',
  returns: {
    user_input: 'What was typed.',
    start: 'When the pause began.',
    stop: 'When it ended.',
    delta: 'Whole seconds between them.',
    stdout: 'A sentence saying how long it was.',
    echo: 'Whether the input was shown.',
  },
  example: `
- ansible.builtin.pause:
    prompt: Plug the lamp in, then press Enter`,

  action: async (args, host) => {
    const start = Date.now();
    const asked =
      args.minutes !== undefined ? args.minutes * 60 : args.seconds !== undefined ? args.seconds : undefined;
    const limit = asked === undefined ? undefined : Math.max(1, asked);
    const warnings: string[] = [];
    let input = '';
    if (limit !== undefined) {
      const note = args.prompt === undefined ? '' : `: ${args.prompt}`;
      host.progress(`pausing for ${limit} seconds${note}`);
      await sleep(limit * 1000, undefined, { signal: host.signal });
    } else if (process.stdin.isTTY) {
      input = await ask(args.prompt ?? 'Press enter to continue, Ctrl+C to interrupt', args.echo, host);
    } else {
      warnings.push('Not waiting for response to prompt as stdin is not interactive');
    }
    const stop = Date.now();
    const seconds = (stop - start) / 1000;
    const inMinutes = args.seconds === undefined;
    return {
      changed: false,
      rc: 0,
      stderr: '',
      stdout: `Paused for ${pythonFloat(inMinutes ? seconds / 60 : seconds)} ${inMinutes ? 'minutes' : 'seconds'}`,
      start: timestamp(start),
      stop: timestamp(stop),
      delta: Math.floor(seconds),
      echo: args.echo,
      user_input: input,
      ...(warnings.length > 0 ? { warnings } : {}),
    };
  },
});

/** One line from the terminal; what is typed stays invisible without `echo`. */
async function ask(prompt: string, echo: boolean, host: ActionHost): Promise<string> {
  let hidden = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  try {
    const answer = terminal.question(`${prompt}${echo ? '' : ' (output is hidden)'}:\n`, { signal: host.signal });
    hidden = !echo;
    return await answer;
  } finally {
    terminal.close();
  }
}

/** Two decimals at most and one at least, as Python prints a rounded float. */
function pythonFloat(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
