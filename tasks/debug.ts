import { z } from 'zod';
import { anything, int } from '../run/args.ts';
import { defineTask, type TaskContext, type TaskResult } from '../run/task.ts';

/**
 * `var` is a template like every argument (`"{{ name }}"` gives the name of a variable); what comes out is an expression.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/debug_module.html
 */
export default defineTask({
  name: 'ansible.builtin.debug',
  summary: 'Prints a message or the value of an expression.',
  args: z
    .strictObject({
      msg: anything().optional(),
      var: anything().optional(),
      verbosity: int({ min: 0 }).default(0),
    })
    .refine((args) => args.msg === undefined || args.var === undefined, "'msg' and 'var' are incompatible options"),
  checkMode: 'reads',
  returns: { msg: 'The message; with `var`, the value stands under the expression itself.' },
  example: `
- ansible.builtin.debug:
    var: ansible_default_ipv4.address`,

  evaluate: (args, context) => {
    if (args.verbosity > Number(context.variable('ansible_verbosity') ?? 0))
      return { skipped: true, skipped_reason: 'Verbosity threshold not met.' };
    if (args.var === undefined) return { msg: args.msg ?? 'Hello world!' };
    return shownValue(args.var, context);
  },
});

function shownValue(variable: unknown, context: TaskContext): TaskResult {
  if (typeof variable !== 'string') return { [typeName(variable)]: variable };
  try {
    return { [variable]: context.evaluate(variable) };
  } catch (error) {
    if ((error as { code?: string }).code !== 'UNDEFINED_VARIABLE') throw error;
    const reason = Number(context.variable('ansible_verbosity') ?? 0) > 0 ? `: ${(error as Error).message}` : '';
    return { [variable]: `VARIABLE IS NOT DEFINED!${reason}` };
  }
}

/** The key under which Ansible shows a value that is no name: Python's name of its type. */
function typeName(value: unknown): string {
  const name = Array.isArray(value)
    ? 'list'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'int'
          : 'float'
        : value === null
          ? 'NoneType'
          : 'dict';
  return `<class '${name}'>`;
}
