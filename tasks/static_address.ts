import { isIP } from 'node:net';
import { z } from 'zod';
import { choice, int, list, str } from '../run/args.ts';
import { changeAddress } from '../run/modules/static-address/change.ts';
import { canonical, complaints } from '../run/modules/static-address/request.ts';
import { defineTask, type Finding, type InspectedTask } from '../run/task.ts';

const args = z
  .strictObject({
    address: list(str()),
    gateway: list(str()).default([]),
    dns: list(str()).default([]),
    interface: str()
      .refine(
        (name) => /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}$/.test(name),
        'expected the name of an interface, such as eth0',
      )
      .optional(),
    backend: choice('netplan', 'ifupdown', 'networkmanager', 'networkd').optional(),
    timeout: int({ min: 10, max: 3600 }).default(60),
    connect_to: str().optional(),
  })
  .superRefine((value, context) => {
    if (value.address.length === 0)
      context.addIssue({ code: 'custom', path: ['address'], message: 'address names no address' });
    for (const { about, message } of complaints(value)) context.addIssue({ code: 'custom', path: [about], message });
  });

type Args = z.infer<typeof args>;

/** Source: interfaces(5), netplan(5), nm-settings-keyfile(5), systemd.network(5). */
export default defineTask<Args>({
  name: 'lamplighter.system.static_address',
  summary:
    'Gives a host a fixed address by netplan, ifupdown, NetworkManager or systemd-networkd; the host goes back by itself when it cannot be reached there.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { address: ['addresses'], gateway: ['gateways'], dns: ['dns_nameservers'], interface: ['ifname'] },
  checkMode: 'full',
  solo: true,
  facts: true,
  returns: {
    backend: 'Which of the four has the interface in hand.',
    interface: 'The interface.',
    files: 'The files that say it.',
    ansible_facts: 'ansible_host, the address at which the host is reached from here on, when that has changed.',
  },
  example: `
- name: Fixed address
  static_address:
    address: 192.168.1.20/24
    gateway: 192.168.1.1
    dns: [8.8.8.8, 8.8.4.4]`,
  action: changeAddress,
  inspect: twice,
});

/** An address that two hosts are to have. */
function twice(tasks: readonly InspectedTask[]): Finding[] {
  const first = new Map<string, { task: InspectedTask; path: (string | number)[] }>();
  const found: Finding[] = [];
  for (const task of tasks) {
    const { address } = task.args as { address?: unknown };
    const all = Array.isArray(address) ? address : [address];
    all.forEach((each, i) => {
      const bare = String(each).split('/')[0]!;
      if (isIP(bare) === 0) return;
      const at = { task, path: Array.isArray(address) ? ['address', i] : ['address'] };
      const other = first.get(canonical(bare));
      if (!other) first.set(canonical(bare), at);
      else if (other.task.host !== task.host)
        found.push({
          level: 'error',
          rule: 'duplicate-address',
          message: `${other.task.host} and ${task.host} are both to have the address ${bare}`,
          hint: 'Give each host an address of its own.',
          at: [at, other],
        });
    });
  }
  return found;
}
