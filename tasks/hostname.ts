import { z } from 'zod';
import { choice, str } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, sh } from '../run/shell/script.ts';
import { defineTask, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  name: str().refine((name) => /^[^-\s][^\s]*$/.test(name), 'expected a host name'),
  use: choice('alpine', 'debian', 'generic', 'openrc', 'redhat', 'sles', 'systemd').optional(),
});

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/hostname_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.hostname',
  summary: 'Sets the name of the host.',
  args: args as unknown as z.ZodType<Args>,
  checkMode: 'full',
  facts: true,
  returns: { name: 'The name.', ansible_facts: 'hostname, nodename, fqdn and domain.' },
  example: `
- ansible.builtin.hostname:
    name: lamp03`,
  step: ({ name, use }) =>
    lines(
      shellFunctions(new URL('../run/modules/hostname.sh', import.meta.url)),
      sh`m_name=${name} m_use=${use ?? ''}; h_main`,
    ),
  result: (reply, { name }, context) => {
    const result: TaskResult = { ...replyFacts(reply), name };
    if (reply.status === 'failed') return result;
    const { before, fqdn = name } = reply.fields;
    result.ansible_facts = {
      ansible_hostname: name.split('.')[0],
      ansible_nodename: name,
      ansible_fqdn: fqdn,
      ansible_domain: fqdn.split('.').slice(1).join('.'),
    };
    if (context.diff && before !== undefined)
      result.diff = { before: `hostname = ${before}\n`, after: `hostname = ${name}\n` };
    return result;
  },
});
