import type { VaultSecrets } from './playbook/vault.ts';

/*
 * What one run was asked to do. The command line makes it (from its options, the environment and ansible.cfg); plan and
 * execute read it. Defaults are filled in, so that nothing behind this file looks at argv or the environment again.
 */

/** One `-e`: values given in place, or a file still to be read (it may be vaulted). Later ones win. */
export type ExtraVars = { values: Record<string, unknown> } | { file: string };

/** A question to the person at the terminal (`vars_prompt`, `pause`). */
export interface Question {
  text: string;
  /** Do not show what is typed. */
  private: boolean;
}

export interface RunOptions {
  playbooks: string[];
  /** Inventory sources as given: files, directories, or host lists such as `lamp01,lamp02,`. */
  inventory: string[];
  /** Host pattern (`--limit`); `@FILE` has been read. */
  limit?: string;
  check: boolean;
  diff: boolean;
  /** Only what is tagged so; empty means everything. */
  tags: string[];
  skipTags: string[];
  extraVars: ExtraVars[];
  /** Open connections at a time. */
  forks: number;
  verbosity: 0 | 1 | 2 | 3 | 4;
  /** Name (or glob) of the task to begin with. */
  startAtTask?: string;
  remoteUser?: string;
  /** Path of the private key. */
  privateKey?: string;
  /** What holds where no keyword or variable says otherwise. */
  become: { enabled: boolean; user?: string; method?: string };
  passwords: { ssh?: string; become?: string };
  /** The vault passwords; already asked for and read. */
  vault: VaultSecrets;
  /** `ssh`, `openssh`, `local`; absent: ssh. */
  connection?: string;
  /** Where roles and `ansible_collections/` are looked for after the playbook's own. */
  rolesPath?: string[];
  collectionsPath?: string[];
  /** `host_key_checking` of ansible.cfg; absent: ssh_config decides. */
  hostKeyChecking?: boolean;
  /** What ansible.cfg says where a play or task does not say it itself. */
  defaults?: {
    gathering?: 'implicit' | 'explicit' | 'smart';
    anyErrorsFatal?: boolean;
    noLog?: boolean;
    /** Seconds. */
    taskTimeout?: number;
    port?: number;
  };
  /** What ansible.cfg and the environment set, by Ansible's names: for `lookup('config', NAME)`. */
  settings?: Readonly<Record<string, unknown>>;
  /** Seconds that connecting may take. */
  timeout?: number;
  /** Run notified handlers of a host even after it failed. */
  forceHandlers: boolean;
  /** More words for the system's ssh (and what of them the default transport understands). */
  sshCommonArgs?: string;
  sshExtraArgs?: string;
  /** With `check`: exit 3 when anything would change. */
  exitDrift: boolean;
  /** Marks a text as secret: from now on no output of this run shows it. */
  secret(text: string): void;
  /** Asks the person; undefined when nobody can answer (no terminal). */
  ask(question: Question): Promise<string | undefined>;
}

/** What to list instead of running. */
export interface ListRequest {
  hosts: boolean;
  tasks: boolean;
  tags: boolean;
  /** Read and check everything, print only the playbooks' names. */
  syntax: boolean;
}
