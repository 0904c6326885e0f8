/** What lookups need from the host. */
export interface LookupContext {
  /** The path of a file looked for where Ansible looks for `files`, `templates` or `vars`; `undefined` if absent. */
  findFile(kind: 'files' | 'templates' | 'vars', name: string): string | undefined;
  /** A path relative to the playbook made absolute. */
  resolvePath(name: string): string;
  /** Templates a string that a lookup read or was given (`first_found` terms, `vars`). */
  template?(text: string): unknown;
  /** The plain text of a vault-encrypted file's content. */
  decrypt?(text: string): string;
  warn?(message: string): void;
  /** The names of the hosts that match inventory patterns. */
  hostNames?(patterns: string[]): string[];
  /** Settings by the names that Ansible gives them. */
  settings?: Readonly<Record<string, unknown>>;
}
