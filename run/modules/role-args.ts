import type { z } from 'zod';
import { bool, str } from '../args.ts';

/** A file of a role: Ansible takes its last part only (`tasks_from: ../x.yml` is `x.yml`). */
function roleFile(): z.ZodType<string> {
  return str().transform((text) => text.split('/').at(-1)!) as unknown as z.ZodType<string>;
}

/** What `include_role` and `import_role` have in common. */
export const roleArgs = {
  name: str(),
  tasks_from: roleFile().default('main'),
  vars_from: roleFile().default('main'),
  defaults_from: roleFile().default('main'),
  handlers_from: roleFile().default('main'),
  allow_duplicates: bool().default(true),
  rolespec_validate: bool().default(true),
};

/** `role` is another name of `name`. */
export const roleArgAliases = { name: ['role'] };
