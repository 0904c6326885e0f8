import type { TaskDefinition } from '../task.ts';

/** The modules that a playbook may name. */
export interface ModuleCatalogue {
  /** The definition of a short or fully qualified name or alias. */
  find(name: string): Promise<TaskDefinition | undefined>;
  /** All names that are answered to, short and full. */
  names(): string[];
  /** Whether Ansible, or a collection many people use, has a module of this name that Lamplighter has not. */
  foreign(name: string): boolean;
}
