import { z } from 'zod';
import { int, list, path, str } from '../run/args.ts';
import { factStepOf, factsFrom, groupsOfSubset } from '../run/modules/facts.ts';
import { globRegex } from '../run/modules/glob.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/setup_module.html */
export default defineTask({
  name: 'ansible.builtin.setup',
  aliases: ['gather_facts', 'ansible.builtin.gather_facts'],
  summary: 'Gathers facts of the host.',
  args: z.strictObject({
    gather_subset: list(str())
      .default(['all'])
      .superRefine((subset, context) => {
        try {
          groupsOfSubset(subset);
        } catch (error) {
          context.addIssue({ code: 'custom', message: (error as Error).message });
        }
      }),
    filter: list(str()).default([]),
    gather_timeout: int({ min: 1 }).default(10),
    fact_path: path().default('/etc/ansible/facts.d'),
  }),
  unsupported: { parallel: 'there is one fact module here, so nothing to run beside it' },
  checkMode: 'reads',
  facts: true,
  returns: { ansible_facts: 'The facts, each under `ansible_` and its name.' },
  example: `
- ansible.builtin.setup:
    gather_subset: [network, '!hardware']`,
  step: (args) =>
    factStepOf(groupsOfSubset(args.gather_subset), {
      factPath: args.fact_path,
      gatherTimeout: args.gather_timeout,
    }),
  result: (reply, args) => {
    if (reply.status === 'failed')
      return { changed: false, failed: true, msg: reply.fields.msg ?? reply.stderr.trim() };
    const facts = { ...factsFrom(reply), gather_subset: args.gather_subset, module_setup: true };
    return { changed: false, ansible_facts: filtered(facts, args.filter) };
  },
});

/** Facts whose names match a pattern, with or without `ansible_`. */
function filtered(facts: Record<string, unknown>, patterns: string[]): Record<string, unknown> {
  if (patterns.length === 0 || patterns.includes('*')) return facts;
  const wanted = patterns.map((pattern) => globRegex(pattern));
  const kept = Object.entries(facts).filter(([name]) =>
    wanted.some((regex) => regex.test(name) || regex.test(name.replace(/^ansible_/, ''))),
  );
  return Object.fromEntries(kept);
}
