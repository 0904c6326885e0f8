import { z } from 'zod';
import { bool } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/set_fact_module.html */
export default defineTask({
  name: 'ansible.builtin.set_fact',
  summary: 'Sets variables of the host.',
  args: z.looseObject({ cacheable: bool().default(false) }).superRefine(({ cacheable: _, ...facts }, context) => {
    const names = Object.keys(facts);
    if (names.length === 0)
      context.addIssue({
        code: 'custom',
        message: 'No key/value pairs provided, at least one is required for this action to succeed',
      });
    for (const name of names.filter((each) => !IDENTIFIER.test(each)))
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `The variable name '${name}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
      });
  }),
  checkMode: 'reads',
  returns: {
    ansible_facts: 'The variables that were set.',
    _ansible_facts_cacheable: 'Whether they are facts to be kept, weaker than variables of the play.',
  },
  example: `
- ansible.builtin.set_fact:
    device_id: "{{ ansible_eth0.macaddress | replace(':', '') }}"`,

  evaluate: ({ cacheable, ...facts }) => ({
    ansible_facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plainBoolean(value)])),
    ...(cacheable ? { _ansible_facts_cacheable: true } : {}),
  }),
});

/** A template gives text; Ansible makes booleans of these four words again. */
function plainBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  if (word === 'true' || word === 'yes') return true;
  if (word === 'false' || word === 'no') return false;
  return value;
}
