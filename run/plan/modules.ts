import { readdirSync } from 'node:fs';
import type { ModuleCatalogue } from '../playbook/catalogue.ts';
import { isForeign } from '../playbook/foreign-modules.ts';
import type { TaskDefinition } from '../task.ts';

const FOLDER = new URL('../../tasks/', import.meta.url);

/** Collections whose short names a playbook may leave out. */
const BUILTIN = ['ansible.builtin.', 'ansible.legacy.'];

/**
 * The modules of tasks/, one file each, found by file name and imported when a playbook names them. A fully qualified
 * name must be the module's own, one of its aliases, or of ansible.builtin's.
 */
export class Modules implements ModuleCatalogue {
  private readonly files: ReadonlySet<string>;
  private readonly loaded = new Map<string, Promise<TaskDefinition>>();

  constructor() {
    this.files = new Set(
      readdirSync(FOLDER).flatMap((file) => (/^[a-z].*\.[jt]s$/.test(file) ? [file.replace(/\.[jt]s$/, '')] : [])),
    );
  }

  async find(name: string): Promise<TaskDefinition | undefined> {
    const short = name.slice(name.lastIndexOf('.') + 1);
    if (!this.files.has(short)) return undefined;
    const definition = await this.load(short);
    if (name === short || name === definition.name || definition.aliases?.includes(name)) return definition;
    return BUILTIN.some((prefix) => name === prefix + short) && definition.name.startsWith('ansible.builtin.')
      ? definition
      : undefined;
  }

  names(): string[] {
    return [...this.files];
  }

  /** One name a module, sorted. */
  shortNames(): string[] {
    return [...this.files].sort();
  }

  foreign(name: string): boolean {
    return isForeign(name);
  }

  private load(short: string): Promise<TaskDefinition> {
    let module = this.loaded.get(short);
    if (!module) {
      module = import(new URL(`${short}.ts`, FOLDER).href).then((file: { default: TaskDefinition }) => file.default);
      this.loaded.set(short, module);
    }
    return module;
  }
}
