import type { Condition, Raw, Role, SharedKeywords } from '../playbook/model.ts';

/** The keywords of a task with what it inherits: lists outermost first, single values the nearest written. */
export interface Effective {
  tags: readonly Raw[];
  when: readonly Condition[];
  environment: readonly Raw[];
  /** `vars:` of the enclosing blocks and of the task, outermost first; a play's own are not among them. */
  vars: readonly Record<string, Raw>[];
  /** `vars:` of the includes around the task, outermost first: stronger than registered results. */
  params: readonly Record<string, Raw>[];
  moduleDefaults: readonly Record<string, Raw>[];
  /** Roles around the task, outermost first. */
  roles: readonly Role[];
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
  delegateFacts?: Raw;
  throttle?: Raw;
  timeout?: Raw;
  connection?: Raw;
  remoteUser?: Raw;
  port?: Raw;
}

const SINGLE = [
  'become',
  'becomeUser',
  'becomeMethod',
  'becomeFlags',
  'becomeExe',
  'noLog',
  'ignoreErrors',
  'ignoreUnreachable',
  'checkMode',
  'diff',
  'anyErrorsFatal',
  'runOnce',
  'delegateTo',
  'delegateFacts',
  'throttle',
  'timeout',
  'connection',
  'remoteUser',
  'port',
] as const satisfies readonly (keyof SharedKeywords & keyof Effective)[];

/** What stands above a play. */
export const NOTHING_INHERITED: Effective = {
  tags: [],
  when: [],
  environment: [],
  vars: [],
  params: [],
  moduleDefaults: [],
  roles: [],
};

/**
 * The keywords of a node below `outer`.
 * Source: https://docs.ansible.com/ansible/2.14/reference_appendices/playbooks_keywords.html
 */
export function inherit(outer: Effective, own: SharedKeywords, role?: Role): Effective {
  const result: Effective = {
    ...outer,
    tags: own.tags ? [...outer.tags, ...own.tags] : outer.tags,
    when: own.when ? [...outer.when, ...own.when] : outer.when,
    environment: own.environment ? [...outer.environment, ...own.environment] : outer.environment,
    vars: own.vars ? [...outer.vars, own.vars] : outer.vars,
    moduleDefaults: own.moduleDefaults ? [...outer.moduleDefaults, ...own.moduleDefaults] : outer.moduleDefaults,
    roles: role && outer.roles.at(-1) !== role ? [...outer.roles, role] : outer.roles,
  };
  for (const keyword of SINGLE) if (own[keyword] !== undefined) result[keyword] = own[keyword];
  return result;
}

/** A play's keywords as what its tasks inherit; its `vars` are a level of their own and stay out. */
export function inheritFromPlay(play: SharedKeywords): Effective {
  const { vars: _, name: __, ...keywords } = play;
  return inherit(NOTHING_INHERITED, keywords);
}
