import { z } from 'zod';
import { dict } from '../run/args.ts';
import { argumentErrors, type Spec } from '../run/modules/argument-spec.ts';
import { defineTask } from '../run/task.ts';

/**
 * What a role with meta/argument_specs begins with.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/validate_argument_spec_module.html
 */
export default defineTask({
  name: 'ansible.builtin.validate_argument_spec',
  summary: 'Checks variables against a specification of arguments.',
  args: z.strictObject({
    argument_spec: dict(),
    provided_arguments: dict().default({}),
    validate_args_context: dict().default({}),
  }),
  checkMode: 'reads',
  returns: {
    argument_errors: 'The mistakes that were found.',
    argument_spec_data: 'The specification.',
    validate_args_context: 'What was given as such: of what role the arguments are.',
  },
  example: `
- ansible.builtin.validate_argument_spec:
    argument_spec:
      cloud_port: { type: int, required: true }
      bridges: { type: list, elements: str }`,

  evaluate: ({ argument_spec: spec, provided_arguments: provided, validate_args_context }, context) => {
    const given: Record<string, unknown> = {};
    for (const name of Object.keys(spec)) {
      const value = context.variable(name);
      if (value !== undefined) given[name] = value;
    }
    const errors = argumentErrors(spec as Spec, { ...given, ...provided });
    if (errors.length === 0) return { changed: false, msg: 'The arg spec validation passed', validate_args_context };
    return {
      failed: true,
      msg: `Validation of arguments failed:\n${errors.join('\n')}`,
      argument_errors: errors,
      argument_spec_data: spec,
      validate_args_context,
    };
  },
});
