import type { BlockNode, Role } from './model.ts';

/** A use of a role as a block: its keywords over its dependencies and tasks. */
export function roleBlock(role: Role): BlockNode {
  // The `vars:` of the use are among the role's own variables, weaker than blocks' variables are.
  const { vars: _, ...keywords } = role.keywords;
  return { ...keywords, kind: 'block', place: role.place, block: role.tasks, rescue: [], always: [], role };
}
