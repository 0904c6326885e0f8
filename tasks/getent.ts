import { z } from 'zod';
import { bool, str } from '../run/args.ts';
import { sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/getent_module.html */
export default defineTask({
  name: 'ansible.builtin.getent',
  summary: 'Looks up users, groups, hosts and other databases of the host.',
  args: z.strictObject({
    database: str(),
    key: str().default(''),
    split: str().optional(),
    service: str().optional(),
    fail_key: bool().default(true),
  }),
  checkMode: 'reads',
  facts: true,
  returns: { ansible_facts: '`getent_DATABASE`: key -> the fields behind it.' },
  example: `
- ansible.builtin.getent:
    database: passwd
    key: mosquitto`,
  step: ({ database, key, service }) => {
    const words = [...(service === undefined ? [] : ['-s', service]), database, ...(key === '' ? [] : [key])];
    return sh`
command -v getent >/dev/null || ll_fail 'Failed to find required executable "getent" in paths'
getent ${words}; m_rc=$?
ll_ret rc "$m_rc"; return 0`;
  },
  result: (reply, args) => {
    if (reply.status === 'failed')
      return { changed: false, failed: true, msg: reply.fields.msg ?? reply.stderr.trim() };
    const fact = `getent_${args.database}`;
    switch (reply.fields.rc) {
      case '0':
        return { changed: false, ansible_facts: { [fact]: entries(reply.stdout, separator(args)) } };
      case '1':
        return { changed: false, failed: true, msg: 'Missing arguments, or database unknown.' };
      case '2':
        if (args.fail_key)
          return { changed: false, failed: true, msg: 'One or more supplied key could not be found in the database.' };
        return {
          changed: false,
          msg: 'One or more supplied key could not be found in the database.',
          ansible_facts: { [fact]: { [args.key]: null } },
        };
      case '3':
        return { changed: false, failed: true, msg: 'Enumeration not supported on this database.' };
      default:
        return { changed: false, failed: true, msg: 'Unexpected failure!' };
    }
  },
});

function separator({ database, split }: { database: string; split?: string | undefined }): string | undefined {
  return split ?? (['passwd', 'shadow', 'group', 'gshadow'].includes(database) ? ':' : undefined);
}

/** A key that comes more than once (a host with two addresses) has a list for each time. */
function entries(output: string, split: string | undefined): Record<string, unknown> {
  const found: Record<string, string[][]> = {};
  for (const line of output.split('\n').filter((each) => each !== '')) {
    const [key, ...fields] = split === undefined ? line.trim().split(/\s+/) : line.split(split);
    found[key!] = [...(found[key!] ?? []), fields];
  }
  return Object.fromEntries(Object.entries(found).map(([key, lists]) => [key, lists.length === 1 ? lists[0] : lists]));
}
