import { z } from 'zod';
import { choice, int, list, path, str } from '../run/args.ts';
import { addressHex, TCP_STATES } from '../run/modules/proc-net.ts';
import { pythonRegex } from '../run/modules/python-regex.ts';
import { type WaitRequest, waitFromHere, waitResult, waitStep } from '../run/modules/wait-for.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/wait_for_module.html */
export default defineTask<WaitRequest>({
  name: 'ansible.builtin.wait_for',
  summary: 'Waits for a port, a file, a text in either, or the end of connections.',
  args: z
    .strictObject({
      host: str().default('127.0.0.1'),
      port: int({ min: 1, max: 65535 }).optional(),
      path: path().optional(),
      state: choice('absent', 'drained', 'present', 'started', 'stopped').default('started'),
      search_regex: str().optional(),
      delay: int({ min: 0 }).default(0),
      timeout: int({ min: 0 }).default(300),
      sleep: int({ min: 0 }).default(1),
      connect_timeout: int({ min: 1 }).default(5),
      exclude_hosts: list(str()).optional(),
      active_connection_states: list(str()).default([
        'ESTABLISHED',
        'FIN_WAIT1',
        'FIN_WAIT2',
        'SYN_RECV',
        'SYN_SENT',
        'TIME_WAIT',
      ]),
      msg: str().optional(),
    })
    .superRefine((args, context) => {
      const issue = (message: string) => context.addIssue({ code: 'custom', message });
      const { state } = args;
      if (args.port !== undefined && args.path !== undefined)
        issue('port and path parameter can not both be passed to wait_for');
      if (args.path !== undefined && (state === 'stopped' || state === 'drained'))
        issue(`state=${state} should only be used for checking a port in the wait_for module`);
      if (args.exclude_hosts !== undefined && state !== 'drained')
        issue('exclude_hosts should only be with state=drained');
      if (state === 'drained' && args.port === undefined) issue('state=drained needs a port');
      if (state === 'drained')
        for (const host of [args.host, ...(args.exclude_hosts ?? [])])
          if (addressHex(host) === undefined) issue(`state=drained needs addresses: "${host}" is a name`);
      for (const each of args.active_connection_states)
        if (!(each in TCP_STATES)) issue(`unknown active_connection_state (${each}) defined`);
      try {
        if (args.search_regex !== undefined) pythonRegex(args.search_regex);
      } catch (error) {
        issue(`Invalid regular expression: ${(error as Error).message}`);
      }
    }) as unknown as z.ZodType<WaitRequest>,
  checkMode: 'full',
  returns: {
    elapsed: 'Whole seconds it took.',
    match_groups: 'Groups of search_regex.',
    match_groupdict: 'Named groups of search_regex.',
    state: 'As asked.',
    port: 'As asked.',
    path: 'As asked.',
    search_regex: 'As asked.',
  },
  example: `
- ansible.builtin.wait_for:
    port: 1883
    timeout: 30`,
  step: waitStep,
  result: waitResult,
  action: waitFromHere,
});
