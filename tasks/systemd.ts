import { z } from 'zod';
import { bool, choice, str } from '../run/args.ts';
import { SYSTEMD_ALIASES, SYSTEMD_FIELDS } from '../run/modules/unit-arguments.ts';
import { unitResult } from '../run/modules/unit-result.ts';
import { unitStep } from '../run/modules/unit-step.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/systemd_service_module.html */
export default defineTask({
  name: 'ansible.builtin.systemd',
  aliases: ['systemd_service', 'ansible.builtin.systemd_service'],
  summary: 'Starts, stops, enables and masks systemd units.',
  args: z
    .strictObject({
      name: str()
        .refine(
          (name) => !/[*?[]/.test(name),
          'This module does not currently support using glob patterns in a service name',
        )
        .optional(),
      state: choice('reloaded', 'restarted', 'started', 'stopped').optional(),
      enabled: bool().optional(),
      ...SYSTEMD_FIELDS,
    })
    .superRefine((args, context) => {
      const issue = (message: string) => context.addIssue({ code: 'custom', message });
      const unit = [args.state, args.enabled, args.masked].some((value) => value !== undefined);
      // A name alone asks for the unit's status.
      if (!unit && args.name === undefined && !args.daemon_reload && !args.daemon_reexec)
        issue('one of the following is required: name, daemon_reload, daemon_reexec');
      if (unit && args.name === undefined) issue("missing parameter(s) required by 'state', 'enabled', 'masked': name");
    }),
  argAliases: SYSTEMD_ALIASES,
  checkMode: 'full',
  returns: {
    name: 'The unit.',
    state: 'started or stopped, as it is now.',
    enabled: 'Whether it starts at boot.',
    status: 'What `systemctl show` said of it before.',
  },
  example: `
- ansible.builtin.systemd:
    name: mosquitto
    state: restarted
    daemon_reload: true`,
  step: unitStep,
  result: unitResult,
});
