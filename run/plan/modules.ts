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
  /** Their files by short name: .ts in a checkout, .js in the package. */
  private readonly files: ReadonlyMap<string, string>;
  private readonly loaded = new Map<string, Promise<TaskDefinition>>();

  constructor() {
    const found = readdirSync(FOLDER).filter((file) => /^[a-z].*\.[jt]s$/.test(file));
    this.files = new Map(found.map((file) => [file.slice(0, -'.ts'.length), file]));
  }

  async find(name: string): Promise<TaskDefinition | undefined> {
    const short = name.slice(name.lastIndexOf('.') + 1);
    const file = this.files.get(short);
    if (file === undefined) return undefined;
    const definition = await this.load(file);
    if (name === short || name === definition.name || definition.aliases?.includes(name)) return definition;
    return BUILTIN.some((prefix) => name === prefix + short) && definition.name.startsWith('ansible.builtin.')
      ? definition
      : undefined;
  }

  names(): string[] {
    return [...this.files.keys()];
  }

  /** One name a module, sorted. */
  shortNames(): string[] {
    return [...this.files.keys()].sort();
  }

  foreign(name: string): boolean {
    return isForeign(name);
  }

  private load(file: string): Promise<TaskDefinition> {
    let module = this.loaded.get(file);
    if (!module) {
      module = import(new URL(file, FOLDER).href).then((loaded: { default: TaskDefinition }) => loaded.default);
      this.loaded.set(file, module);
    }
    return module;
  }
}
