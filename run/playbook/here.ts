import type { Place } from '../errors.ts';
import type { LoadContext } from './context.ts';
import type { Raw, Role } from './model.ts';

/** Where in a play the reader stands: what a task's text alone does not say. */
export interface Here {
  context: LoadContext;
  /** Directory of the playbook that the play is written in. */
  playbookDir: string;
  role?: Role | undefined;
  /** Files of tasks and roles that are being read, outermost first: for relative paths and against circles. */
  trail: readonly Step[];
  /** Reading handlers. */
  handlers: boolean;
  /** Variables that names of imports may use. */
  vars: Record<string, Raw>;
  moduleDefaults: readonly Record<string, Raw>[];
  collections: readonly string[];
  /** `notify` of a block, for those of its tasks that say none. */
  notify?: Raw[] | undefined;
  /** Imported roles that the play then has. */
  imported: Role[];
  /** Where what is being read was included, imported or used. */
  from?: Place | undefined;
  /** What stands here may be skipped, or its failure be ignored: what it lacks is no mistake yet. */
  lenient?: boolean;
  /** Inside a file that was included, where "include" cannot be static. */
  dynamic: boolean;
}

export interface Step {
  kind: 'tasks' | 'role';
  /** A file of tasks; or the role's directory with its entry point. */
  path: string;
  directory: string;
}
