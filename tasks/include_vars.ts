import { z } from 'zod';
import { bool, choice, int, list, path, str } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/include_vars_module.html */
export default defineTask({
  name: 'ansible.builtin.include_vars',
  summary: 'Loads variables from files of the controller.',
  args: z
    .strictObject({
      file: path().optional(),
      dir: path().optional(),
      name: str().optional(),
      depth: int({ min: 0 }).default(0),
      files_matching: str().refine(isRegex, 'expected a regular expression').optional(),
      ignore_files: list(str()).default([]),
      extensions: list(str()).default(['yaml', 'yml', 'json']),
      ignore_unknown_extensions: bool().default(false),
      hash_behaviour: choice('replace', 'merge').optional(),
    })
    .superRefine((args, context) => {
      if (args.file === undefined && args.dir === undefined)
        context.addIssue({ code: 'custom', message: 'a file or a directory (dir) is needed' });
      if (args.file !== undefined && args.dir !== undefined)
        context.addIssue({
          code: 'custom',
          message: 'You are mixing file only and dir only arguments, these are incompatible',
        });
    }),
  argAliases: { file: ['_raw_params'] },
  freeForm: { argument: 'file', keyValues: 'known-only' },
  checkMode: 'reads',
  control: true,
  returns: {
    ansible_facts: 'The variables.',
    ansible_included_var_files: 'The files they came from.',
  },
  example: `
- ansible.builtin.include_vars: "{{ ansible_distribution | lower }}.yml"`,
});

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
