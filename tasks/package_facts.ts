import { z } from 'zod';
import { choice, list } from '../run/args.ts';
import { raw } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/package_facts_module.html */
export default defineTask({
  name: 'ansible.builtin.package_facts',
  summary: 'Lists the installed packages as facts.',
  args: z.strictObject({
    manager: list(choice('auto', 'apt')).default(['auto']),
    strategy: choice('first', 'all').default('first'),
  }),
  checkMode: 'reads',
  facts: true,
  returns: {
    ansible_facts: '`packages`: name -> a list of its versions, each with name, version, arch, category, source.',
  },
  example: `
- ansible.builtin.package_facts:
- ansible.builtin.debug:
    msg: "{{ ansible_facts.packages['mosquitto'][0].version }}"`,
  step: () =>
    raw(`command -v dpkg-query >/dev/null ||
  ll_fail 'Could not detect a supported package manager from the following list: [apt], or the required Python library is not installed.'
dpkg-query -W -f='\${db:Status-Status} \${Package} \${Version} \${Architecture} \${Section} \${Origin}\\n'`),
  result: (reply) => {
    if (reply.status === 'failed')
      return { changed: false, failed: true, msg: reply.fields.msg ?? reply.stderr.trim() };
    const packages: Record<string, Record<string, string>[]> = {};
    for (const line of reply.stdout.split('\n')) {
      const [status, name, version, arch, category, origin] = line.split(' ');
      if (status !== 'installed' || name === undefined) continue;
      const entry = { name, version: version!, arch: arch!, category: category!, origin: origin ?? '', source: 'apt' };
      packages[name] = [...(packages[name] ?? []), entry];
    }
    return { changed: false, ansible_facts: { packages } };
  },
});
