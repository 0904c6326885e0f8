/*
 * The keywords of https://docs.ansible.com/ansible/2.14/reference_appendices/playbooks_keywords.html and what their
 * values must be. A template may stand for any value except where `static` says no.
 */

export type KeywordKind = 'any' | 'bool' | 'int' | 'number' | 'string' | 'percent';

/** Keywords with one plain value that a play, a block and a task share: keyword -> field of SharedKeywords and its kind. */
export const SHARED: Record<string, { field: string; kind: KeywordKind }> = {
  become: { field: 'become', kind: 'bool' },
  become_user: { field: 'becomeUser', kind: 'string' },
  become_method: { field: 'becomeMethod', kind: 'string' },
  become_flags: { field: 'becomeFlags', kind: 'string' },
  become_exe: { field: 'becomeExe', kind: 'string' },
  no_log: { field: 'noLog', kind: 'bool' },
  ignore_errors: { field: 'ignoreErrors', kind: 'bool' },
  ignore_unreachable: { field: 'ignoreUnreachable', kind: 'bool' },
  check_mode: { field: 'checkMode', kind: 'bool' },
  diff: { field: 'diff', kind: 'bool' },
  any_errors_fatal: { field: 'anyErrorsFatal', kind: 'bool' },
  run_once: { field: 'runOnce', kind: 'bool' },
  throttle: { field: 'throttle', kind: 'int' },
  timeout: { field: 'timeout', kind: 'int' },
  connection: { field: 'connection', kind: 'string' },
  remote_user: { field: 'remoteUser', kind: 'string' },
  port: { field: 'port', kind: 'int' },
};

/**
 * Words that Ansible knows for a keyword. Lamplighter has only some of them, and says so where a host comes to one; a word
 * that is none of them and nearly one is a mistake.
 */
export const WORDS: Record<string, readonly string[]> = {
  become_method: 'sudo su doas runas pbrun pfexec dzdo ksu machinectl enable sesu pmrun sudosu'.split(' '),
  connection:
    'ssh openssh local smart paramiko paramiko_ssh docker podman buildah kubectl oc chroot jail lxc lxd nsenter winrm psrp network_cli netconf httpapi'.split(
      ' ',
    ),
};

export const DELEGATION: Record<string, { field: string; kind: KeywordKind }> = {
  delegate_to: { field: 'delegateTo', kind: 'string' },
  delegate_facts: { field: 'delegateFacts', kind: 'bool' },
};

/** Shared keywords whose values have a shape of their own (shared.ts). */
const SHAPED = ['name', 'tags', 'vars', 'environment', 'module_defaults', 'collections'];

const BASE = [...Object.keys(SHARED), ...SHAPED];

export const TASK_KEYWORDS = [
  ...BASE,
  ...Object.keys(DELEGATION),
  ...['when', 'action', 'local_action', 'args', 'register', 'loop', 'loop_control', 'until', 'retries', 'delay'],
  ...['changed_when', 'failed_when', 'notify', 'async', 'poll'],
];
export const HANDLER_KEYWORDS = [...TASK_KEYWORDS, 'listen'];
export const BLOCK_KEYWORDS = [...BASE, ...Object.keys(DELEGATION), ...['when', 'notify', 'block', 'rescue', 'always']];
export const PLAY_KEYWORDS = [
  ...BASE,
  ...['hosts', 'user', 'gather_facts', 'gather_subset', 'vars_files', 'vars_prompt', 'serial', 'strategy', 'order'],
  ...['max_fail_percentage', 'force_handlers', 'roles', 'pre_tasks', 'tasks', 'post_tasks', 'handlers'],
];
/** What is not among these in an entry of `roles` is a parameter. */
export const ROLE_KEYWORDS = [...BASE, ...Object.keys(DELEGATION), 'when', 'role'];
export const IMPORT_PLAYBOOK_KEYWORDS = ['name', 'tags', 'when', 'vars'];
/** What may stand on an include that is carried out during the run; the rest goes under its `apply`. */
export const INCLUDE_KEYWORDS = new Set([
  ...['action', 'args', 'collections', 'ignore_errors', 'loop', 'loop_control', 'name', 'no_log', 'register'],
  ...['run_once', 'tags', 'timeout', 'vars', 'when', 'listen'],
]);

/** Keywords that Ansible has and Lamplighter has not -> why. */
export const UNSUPPORTED: Record<string, string> = {
  debugger: 'there is no interactive debugger: run with -vvv, or stop with the pause module',
  fact_path: 'facts of facts.d directories are not gathered',
  gather_timeout: 'facts are gathered with the first batch of tasks, under the same time limit: see "timeout"',
};
