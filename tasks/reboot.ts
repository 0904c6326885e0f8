import { z } from 'zod';
import { int, list, str } from '../run/args.ts';
import { reboot } from '../run/modules/reboot.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/reboot_module.html */
export default defineTask({
  name: 'ansible.builtin.reboot',
  summary: 'Reboots the host and waits until it is up again.',
  args: z.strictObject({
    pre_reboot_delay: int().default(0),
    post_reboot_delay: int().default(0),
    reboot_timeout: int({ min: 0 }).default(600),
    connect_timeout: int({ min: 1 }).default(10),
    test_command: str().default('whoami'),
    msg: str().default('Reboot initiated by Ansible'),
    search_paths: list(str()).default(['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin']),
    boot_time_command: str().default('cat /proc/sys/kernel/random/boot_id'),
    reboot_command: str().optional(),
  }),
  argAliases: {
    pre_reboot_delay: ['pre_reboot_delay_sec'],
    post_reboot_delay: ['post_reboot_delay_sec'],
    reboot_timeout: ['reboot_timeout_sec'],
    connect_timeout: ['connect_timeout_sec'],
  },
  checkMode: 'full',
  solo: true,
  returns: { rebooted: 'Whether it was.', elapsed: 'Whole seconds from the command until the host was up.' },
  example: `
- ansible.builtin.reboot:
    reboot_timeout: 300`,
  action: reboot,
});
