import { bool, str } from '../args.ts';

/** What `include_role` and `import_role` have in common. */
export const roleArgs = {
  name: str(),
  tasks_from: str().default('main'),
  vars_from: str().default('main'),
  defaults_from: str().default('main'),
  handlers_from: str().default('main'),
  allow_duplicates: bool().default(true),
  rolespec_validate: bool().default(true),
};

/** `role` is another name of `name`. */
export const roleArgAliases = { name: ['role'] };
