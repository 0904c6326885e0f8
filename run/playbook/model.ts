import type { Place } from '../errors.ts';

/*
 * What a playbook says, read and checked, not yet evaluated. Values that may hold templates stay as written (`Raw`);
 * `placeOf(container, key)` of places.ts says where each was written. Keywords that were not written are absent.
 */

/** A YAML value as written: string (maybe a template), number, boolean, null, list, mapping, VaultText, UnsafeText. */
export type Raw = unknown;

/** An expression as in `when`, or a constant. */
export interface Condition {
  expression: string | boolean;
  place: Place;
}

/** Keywords that a play, a block and a task share; the nearest one wins, `when`/`tags`/`vars`/`environment` add up. */
export interface SharedKeywords {
  name?: string;
  tags?: Raw[];
  when?: Condition[];
  vars?: Record<string, Raw>;
  environment?: Raw[];
  become?: Raw;
  becomeUser?: Raw;
  becomeMethod?: Raw;
  becomeFlags?: Raw;
  becomeExe?: Raw;
  noLog?: Raw;
  ignoreErrors?: Raw;
  ignoreUnreachable?: Raw;
  checkMode?: Raw;
  diff?: Raw;
  anyErrorsFatal?: Raw;
  runOnce?: Raw;
  delegateTo?: Raw;
  delegateToPlace?: Place;
  delegateFacts?: Raw;
  throttle?: Raw;
  timeout?: Raw;
  connection?: Raw;
  remoteUser?: Raw;
  port?: Raw;
  moduleDefaults?: Record<string, Raw>[];
  collections?: string[];
}

/** A role as it is used at one place: its files read, its parameters attached. */
export interface Role {
  name: string;
  /** `namespace.collection` of a collection's role. */
  collection?: string;
  /** Directory of the role. */
  path: string;
  /** defaults/main.yml: the weakest variables. */
  defaults: Record<string, Raw>;
  /** `vars:` given where the role is used, and over them those of vars/main.yml. */
  vars: Record<string, Raw>;
  /** Parameters given where the role is used: every key there that is no keyword. Stronger than set_fact. */
  params: Record<string, Raw>;
  /**
   * Same for uses of a role with the same name, parameters, vars, tags, conditions and files: without `allowDuplicates`,
   * the second such use in a play is skipped on a host on which the first came to its end after running a task.
   */
  identity: string;
  allowDuplicates: boolean;
  /** Roles that run before this one. */
  dependencies: Role[];
  /** A block for each dependency, then the role's own tasks, of its entry point. */
  tasks: Node[];
  /** Handlers of the dependencies, then the role's own. */
  handlers: Node[];
  /** `tasks_from`, else `main`. */
  entryPoint: string;
  /** Specifications of parameters by entry point, from meta/argument_specs.yml or meta/main.yml. */
  argumentSpecs: Record<string, Raw>;
  /** Whether parameters are to be checked against the specification (`rolespec_validate`). */
  validate: boolean;
  place: Place;
  keywords: SharedKeywords;
}

export interface Loop {
  /** `loop`, or what follows `with_` (`items`, `dict`, `fileglob` …). */
  kind: string;
  value: Raw;
  place: Place;
  control: {
    loopVar: string;
    indexVar?: string;
    label?: Raw;
    pause?: Raw;
    extended: boolean;
    extendedAllItems: boolean;
  };
}

export interface TaskNode extends SharedKeywords {
  kind: 'task';
  /** Order of writing within the run; the same for every host. */
  id: number;
  place: Place;
  /** The module as written (`apt`, `ansible.builtin.apt`; may be a template); short name of the module once known. */
  moduleName: string;
  module: string;
  /** File of the module where it is one that the repository brings along, in Python. */
  pythonFile?: string;
  /** Arguments as written, aliases not yet resolved, the bare string under the module's free-form argument. */
  args: Record<string, Raw>;
  /** `args: "{{ x }}"`: a whole mapping by template, merged below `args`. */
  argsTemplate?: string;
  register?: string;
  loop?: Loop;
  until?: Condition[];
  retries?: Raw;
  delay?: Raw;
  changedWhen?: Condition[];
  failedWhen?: Condition[];
  notify?: Raw[];
  listen?: Raw[];
  async?: Raw;
  poll?: Raw;
  /** `apply` of include_tasks and include_role: keywords for what is included. */
  apply?: SharedKeywords;
  /** The role this task stands in, the innermost. */
  role?: Role;
}

export interface BlockNode extends SharedKeywords {
  kind: 'block';
  place: Place;
  block: Node[];
  rescue: Node[];
  always: Node[];
  /** Where the block is a role, an import or an include: what it came from, for `--list-tasks` and search paths. */
  role?: Role;
  /** File that the children were read from. */
  file?: string;
}

export type Node = TaskNode | BlockNode;

export interface Play extends SharedKeywords {
  kind: 'play';
  place: Place;
  /** Shown name: `name`, or the hosts. */
  title: string;
  hosts: Raw;
  /** Where the patterns stand. */
  hostsPlace: Place;
  gatherFacts?: Raw;
  gatherSubset?: Raw;
  /** Each a path, or a list of paths of which the first that exists counts. */
  varsFiles: { value: Raw; place: Place }[];
  varsPrompt: {
    name: string;
    prompt: string;
    private: boolean;
    confirm: boolean;
    unsafe: boolean;
    default?: Raw;
    place: Place;
  }[];
  serial?: Raw[];
  strategy?: string;
  order?: string;
  maxFailPercentage?: Raw;
  forceHandlers?: Raw;
  /** All roles whose variables the play sees: those of `roles:` and of import_role, dependencies before their dependents. */
  roles: Role[];
  /** The names of those that the play names itself, as often as it does. */
  roleNames: string[];
  preTasks: Node[];
  /** Roles first (each as a block with `role` set), then `tasks`. */
  roleBlocks: BlockNode[];
  tasks: Node[];
  postTasks: Node[];
  /** All handlers that are known before the run: of the roles, of the play, of imported roles, in the order they run in. */
  handlers: Node[];
}

export interface Playbook {
  file: string;
  plays: Play[];
}
