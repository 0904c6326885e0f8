import { z } from 'zod';
import { anything, bool } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { defineTask, type TaskContext, type TaskResult } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/assert_module.html */
export default defineTask({
  name: 'ansible.builtin.assert',
  summary: 'Fails unless every expression holds.',
  args: z.strictObject({
    that: anything().refine((value) => value !== undefined && value !== null, 'conditional required in "that" string'),
    fail_msg: message('fail_msg or msg').optional(),
    success_msg: message('success_msg').optional(),
    quiet: bool().default(false),
  }),
  argAliases: { fail_msg: ['msg'] },
  checkMode: 'reads',
  returns: { assertion: 'The first expression that did not hold.', evaluated_to: 'What it came to.' },
  example: `
- ansible.builtin.assert:
    that:
      - cloud_port | int > 0
      - device_id is match('^[0-9a-f]{12}$')
    fail_msg: The Device ID is the MAC address without colons.`,

  evaluate: (args, context) => {
    const verbose = args.quiet ? {} : { _ansible_verbose_always: true };
    for (const assertion of Array.isArray(args.that) ? args.that : [args.that]) {
      const failure = checked(assertion, context);
      if (failure === undefined) continue;
      return { ...verbose, changed: false, failed: true, msg: args.fail_msg ?? 'Assertion failed', ...failure };
    }
    return { ...verbose, changed: false, msg: args.success_msg ?? 'All assertions passed' };
  },
});

/** What is wrong with an assertion; nothing when it holds. */
function checked(assertion: unknown, context: TaskContext): TaskResult | undefined {
  try {
    const value = typeof assertion === 'string' ? context.evaluate(assertion) : assertion;
    return holds(value) ? undefined : { assertion, evaluated_to: false };
  } catch (error) {
    // Anything else is the runner's own: a value that is not there yet, for example.
    if (!(error instanceof LamplighterError)) throw error;
    return {
      assertion,
      msg: `The conditional check '${assertion}' failed. The error was: ${error.message}`,
    };
  }
}

/** Python's truth. */
function holds(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function message(name: string): z.ZodType<string | string[]> {
  return z
    .any()
    .refine(
      (value) => typeof value === 'string' || (Array.isArray(value) && value.every((line) => typeof line === 'string')),
      `Incorrect type for ${name}, expected a string or a list of strings`,
    ) as unknown as z.ZodType<string | string[]>;
}
