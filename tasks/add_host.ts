import { z } from 'zod';
import { list, str } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/**
 * Every further argument becomes a variable of the new host.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/add_host_module.html
 */
export default defineTask({
  name: 'ansible.builtin.add_host',
  summary: 'Adds a host to the inventory of this run.',
  args: z.looseObject({ name: str(), groups: list(str()).default([]) }),
  argAliases: { name: ['host', 'hostname'], groups: ['group', 'groupname'] },
  missing: 'name, host or hostname needs to be provided',
  checkMode: 'reads',
  control: true,
  returns: { add_host: 'The name, groups and variables of the host.' },
  example: `
- ansible.builtin.add_host:
    name: "{{ cloud_address }}"
    groups: clouds`,
});
