import type { Place } from '../errors.ts';
import type { Template } from '../jinja/template.ts';
import type { ModuleCatalogue } from './catalogue.ts';
import { type Report, raise } from './fail.ts';
import { YamlFiles } from './files.ts';
import type { Raw } from './model.ts';
import type { VaultSecrets } from './vault.ts';

/** What is doubtful in a playbook. */
export type WarningCode =
  | 'BRACES_IN_CONDITION'
  | 'DEPRECATED'
  | 'EMPTY_FILE'
  // A mistake if the task that needs it ever comes to run.
  | 'FILE_NOT_FOUND'
  | 'ROLE_NOT_FOUND'
  | 'TEMPLATE_SYNTAX'
  | 'UNSUPPORTED_MODULE'
  | 'UNSUPPORTED_ARGUMENT'
  | 'UNKNOWN_ARGUMENT'
  | 'BAD_ARGUMENT'
  | 'MISSING_ARGUMENT'
  // Names that match nothing, keys that are passed over.
  | 'HOST_PATTERN'
  | 'INVENTORY_SHAPE';

/** What reading playbooks needs of the run. */
export interface LoadSettings {
  modules: ModuleCatalogue;
  /** Where roles are looked for after the playbook's own `roles/`. */
  rolesPath: readonly string[];
  /** Directories that hold `ansible_collections/`. */
  collectionsPath: readonly string[];
  vault?: VaultSecrets | undefined;
  /**
   * Renders a name that must be known before any host is: of an import, a role. `vars` are the play's, the role's and the
   * import's; the caller adds the extra variables. @throws LamplighterError UNDEFINED_VARIABLE
   */
  render(text: string, vars: Record<string, Raw>, place: Place): string;
  warn(message: string, place?: Place, code?: WarningCode): void;
  /** Hears of every mistake; without it the first one is thrown. */
  report?: Report;
  /** Hears of every template and expression that was compiled. */
  seeTemplate?: SeeTemplate;
}

export type SeeTemplate = (template: Template, place: Place) => void;

/** The settings with what is shared by all that is read in a run. */
export interface LoadContext extends LoadSettings {
  report: Report;
  files: YamlFiles;
  /** The next task's id. */
  ids: { next: number };
  /** Template files that were compiled, each once; undefined for one that is wrong or no text. */
  templateFiles: Map<string, Template | undefined>;
  /** Files of tasks that were read -> directory of the playbook they were read for. */
  playbookDirs: Map<string, string>;
}

/** `files` may be shared with the inventory. */
export function loadContext(settings: LoadSettings, files = new YamlFiles(settings.vault)): LoadContext {
  return {
    ...settings,
    report: settings.report ?? raise,
    files,
    ids: { next: 1 },
    templateFiles: new Map(),
    playbookDirs: new Map(),
  };
}
