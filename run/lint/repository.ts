import { dirname, resolve } from 'node:path';
import type { LamplighterError, Place } from '../errors.ts';
import { loadInventory } from '../inventory/loader.ts';
import type { Inventory } from '../inventory/model.ts';
import type { LocatedFinding } from '../plan/inspect/finding.ts';
import { missingIncludes } from '../plan/inspect/includes.ts';
import { type InspectionOptions, inspectRun } from '../plan/inspect/inspect.ts';
import { Names } from '../plan/inspect/names.ts';
import { unknownReferences } from '../plan/inspect/references.ts';
import { withResults } from '../plan/inspect/registered.ts';
import { misspeltFolders, variablesOfNobody } from '../plan/inspect/strays.ts';
import { unknownAttributes } from '../plan/inspect/unknown-attributes.ts';
import { type SeenTemplate, type UnknownName, unknownNames } from '../plan/inspect/unknown-names.ts';
import { Modules } from '../plan/modules.ts';
import { layer, VariableScope } from '../plan/scope.ts';
import { services } from '../plan/services.ts';
import { Templar } from '../plan/templar.ts';
import { checkTemplates } from '../playbook/check-templates.ts';
import { type LoadContext, loadContext } from '../playbook/context.ts';
import { attempt, attemptSync, didYouMean } from '../playbook/fail.ts';
import { YamlFiles } from '../playbook/files.ts';
import { loadPlaybook, loadRole, loadTaskFile } from '../playbook/loader.ts';
import type { Node, Playbook, TaskNode } from '../playbook/model.ts';
import { tasksBelow, tasksOfPlay } from '../playbook/tasks-below.ts';
import { compileTemplateFile } from '../playbook/template-file.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { discover, type Found, filesBelow } from './discover.ts';
import { fixesOf } from './fixes.ts';
import { type Problem, problemOf, problemOfFinding, sorted } from './problem.ts';
import { recursiveVariables } from './recursion.ts';
import { tasksOfRole, unquotedModes, unusedHandlers } from './tasks.ts';

export interface LintOptions {
  /** Files and directories. */
  paths: string[];
  inventory: string[];
  /** Variables that are given from outside. */
  extra: Record<string, unknown>;
  /** Files of such variables. */
  extraFiles: string[];
  rolesPath: string[];
  collectionsPath: string[];
  vault: VaultSecrets;
}

/** Finds all mistakes, and what is doubtful, in playbooks, roles, variables and templates. Touches no host. */
export async function lint(options: LintOptions): Promise<Problem[]> {
  const repository = new Repository(options);
  await repository.read();
  return sorted(repository.problems).map(fixesOf);
}

/** Everything is looked at: no host and no task is left out. */
const INSPECTION: InspectionOptions = { check: true, diff: false, verbosity: 0, tags: [], skipTags: [], forks: 1 };

/** One look at everything. */
class Repository {
  readonly problems: Problem[] = [];
  private readonly options: LintOptions;
  private readonly files: YamlFiles;
  private readonly context: LoadContext;
  private readonly templates: SeenTemplate[] = [];
  private readonly names = new Names();
  private readonly tasks: TaskNode[] = [];
  private readonly handlers: Node[] = [];
  private readonly varsFiles: string[] = [];
  private readonly playbooks: Playbook[] = [];
  private readonly modules = new Modules();
  private readonly templar: Templar;

  constructor(options: LintOptions) {
    this.options = options;
    this.files = new YamlFiles(options.vault, this.report);
    this.templar = this.makeTemplar();
    this.context = loadContext(
      {
        modules: this.modules,
        rolesPath: options.rolesPath,
        collectionsPath: options.collectionsPath,
        vault: options.vault,
        render: (text, vars, place) =>
          String(this.templar.value(text, new VariableScope([layer(vars, true)], this.templar.evaluate), place)),
        warn: (message, place, code) =>
          this.problems.push({ code: code ?? 'DOUBTFUL', severity: 'warning', message, place }),
        report: this.report,
        seeTemplate: (template, place) => this.templates.push({ template, place }),
      },
      this.files,
    );
  }

  async read(): Promise<void> {
    const found = discover(
      this.options.paths.map((path) => resolve(path)),
      this.files,
      this.report,
    );
    for (const playbook of found.playbooks) await this.playbook(playbook);
    for (const role of found.roles) if (!this.wasRead(role)) await this.role(role);
    for (const file of found.tasks) if (!this.context.playbookDirs.has(file)) await this.taskFile(file, found);
    this.found(misspeltFolders(new Set([...found.roles, ...this.rolesRead()])));
    const inventory = await this.inventory();
    if (inventory && inventory.hosts.size > 0)
      for (const playbook of this.playbooks) await this.site(playbook, inventory);
    for (const file of this.variableFiles(found)) this.variables(file);
    for (const file of found.data) this.names.addVariables(this.files.read(file));
    for (const file of this.templateFiles(found)) this.template(file);
    for (const task of this.tasks) this.problems.push(...unquotedModes(task));
    this.namesInYaml();
    this.problems.push(...recursiveVariables(this.templates, this.names));
    if (inventory && inventory.hosts.size > 0) this.references(inventory);
    this.problems.push(...unusedHandlers(this.handlers, this.names.notified));
    // What an encrypted file defines is not known: silence is better than a false alarm.
    if (!this.names.isOpen && !this.problems.some(({ code }) => code === 'VAULT'))
      this.problems.push(
        ...unknownNames(this.templates, this.names.variables).map(undefinedVariable),
        ...unknownAttributes(
          this.templates,
          await withResults(this.names.values, { playbooks: this.playbooks, modules: this.modules }),
        ).map(undefinedVariable),
      );
  }

  private readonly report = (error: LamplighterError): void => {
    this.problems.push(problemOf(error));
  };

  private found(findings: readonly LocatedFinding[]): void {
    this.problems.push(...findings.map(problemOfFinding));
  }

  private makeTemplar(): Templar {
    const { vault } = this.options;
    const warn = (): void => {};
    const template = (text: string, scope: VariableScope): unknown => this.templar.value(text, scope);
    return new Templar(services({ playbookDir: () => process.cwd(), vault, warn, template }));
  }

  private async playbook(file: string): Promise<void> {
    const playbook = await attempt(this.report, () => loadPlaybook(file, this.context));
    if (playbook) this.playbooks.push(playbook);
    for (const play of playbook?.plays ?? []) {
      this.tasks.push(...tasksOfPlay(play));
      this.handlers.push(...play.handlers);
      for (const role of play.roles) this.roleVariables(role);
      this.varsFiles.push(...play.varsFiles.flatMap(({ value, place }) => filesNamed(value, place)));
    }
  }

  private async role(directory: string): Promise<void> {
    const at = { file: directory, line: 1, column: 1 };
    const playbookDir = dirname(dirname(directory));
    const role = await attempt(this.report, () => loadRole(directory, { playbookDir }, at, this.context));
    if (!role) return;
    this.tasks.push(...tasksOfRole(role));
    this.handlers.push(...role.handlers);
    this.roleVariables(role);
  }

  private roleVariables(role: { defaults: object; vars: object; params: object }): void {
    for (const vars of [role.defaults, role.vars, role.params]) this.names.addVariables(vars);
  }

  private async taskFile(file: string, found: Found): Promise<void> {
    const directory = found.roles.find((role) => file.startsWith(`${role}/`));
    const place = { file, line: 1, column: 1 };
    const nodes = await attempt(this.report, async () => {
      const playbookDir = directory === undefined ? dirname(dirname(file)) : dirname(dirname(directory));
      const role =
        directory === undefined ? undefined : await loadRole(directory, { playbookDir }, place, this.context);
      const handlers = file.includes('/handlers/');
      return loadTaskFile(file, { place, playbookDir, handlers, ...(role ? { role } : {}) }, this.context);
    });
    this.tasks.push(...tasksBelow(nodes ?? []));
  }

  private wasRead(directory: string): boolean {
    return this.files.paths().some((path) => path.startsWith(`${directory}/tasks/`));
  }

  /** What only all hosts together show: a clash of brokers, a connection that cannot be. Each playbook is a run of its own. */
  private async site(playbook: Playbook, inventory: Inventory): Promise<void> {
    const { options, templar, modules, context } = this;
    const loaded = {
      ...{ inventory, playbooks: [playbook], extra: options.extra, templar, modules, context, vault: options.vault },
      playbookDir: { current: dirname(playbook.file) },
      reloadInventory: () => Promise.resolve(inventory),
    };
    const found = await attempt(this.report, () => inspectRun(loaded, INSPECTION));
    this.found(found ?? []);
  }

  private async inventory(): Promise<Inventory | undefined> {
    const { vault } = this.options;
    const inventory = await attempt(this.report, () =>
      loadInventory(this.options.inventory, { vault, files: this.files, warn: this.context.warn }),
    );
    if (!inventory) return undefined;
    for (const group of inventory.groups.values()) this.names.addVariables(group.vars);
    for (const host of inventory.hosts.values()) {
      this.names.addVariables(host.vars);
      attemptSync(this.report, () => this.names.addVariables(inventory.variables(host, undefined)));
    }
    return inventory;
  }

  /** What names groups and hosts, against those that there are. */
  private references(inventory: Inventory): void {
    this.found(unknownReferences(this.templates, inventory));
    const beside = [...this.playbooks.map(({ file }) => file), ...this.options.inventory.map((each) => resolve(each))];
    const directories = beside.map((file) => (this.files.kind(file) === 'directory' ? file : dirname(file)));
    this.found(variablesOfNobody(new Set(directories), inventory, this.files));
  }

  private rolesRead(): string[] {
    return this.tasks.flatMap((task) => (task.role ? [task.role.path] : []));
  }

  /** Files of variables below the paths, beside the playbooks, and those of roles that were read. */
  private variableFiles(found: Found): Set<string> {
    const beside = found.playbooks.flatMap((file) =>
      ['group_vars', 'host_vars', 'vars'].map((folder) => resolve(dirname(file), folder)),
    );
    const below = beside.filter((folder) => this.files.kind(folder) === 'directory').flatMap(filesBelow);
    const named = this.varsFiles.filter((file) => this.files.isFile(file));
    return new Set([
      ...this.options.extraFiles,
      ...named,
      ...found.variables,
      ...below.filter((file) => /\.(?:ya?ml|json)$|\/[^./]+$/.test(file)),
    ]);
  }

  private variables(file: string): void {
    const place = { file, line: 1, column: 1 };
    const data = attemptSync(this.report, () => this.files.read(file, place));
    this.names.addVariables(data);
    this.names.addDefinitions(data);
    checkTemplates(data, place, this.context);
  }

  private templateFiles(found: Found): Set<string> {
    const roles = new Set(this.tasks.flatMap((task) => (task.role ? [resolve(task.role.path, 'templates')] : [])));
    const below = [...roles].filter((folder) => this.files.kind(folder) === 'directory').flatMap(filesBelow);
    const own = new Set(
      this.tasks
        .filter((task) => Object.keys(task.args).some((key) => /_string$/.test(key)))
        .map(({ args }) => args.src),
    );
    // A task that sets its own delimiters says nothing about them to who reads the file alone.
    return new Set([...found.templates, ...below].filter((file) => ![...own].some((src) => file.endsWith(`/${src}`))));
  }

  private template(file: string): void {
    const template = attemptSync(this.report, () => compileTemplateFile(file, this.context));
    if (!template) return;
    const seen = { template, place: { file, line: 1, column: 1 } };
    this.templates.push(seen);
    const playbookDirs = this.playbooks.map((playbook) => dirname(playbook.file));
    this.found(missingIncludes(seen, playbookDirs, this.files));
  }

  private namesInYaml(): void {
    for (const path of this.files.paths()) this.names.scan(this.files.read(path));
    for (const name of Object.keys(this.options.extra)) this.names.variables.add(name);
  }
}

function undefinedVariable({ name, place, near }: UnknownName): Problem {
  return {
    code: 'UNDEFINED_VARIABLE',
    severity: 'warning',
    message: `nothing defines the variable "${name}"${didYouMean(near)}`,
    place,
    hint: near === undefined ? 'if it comes from outside (-e), say so: {{ name | default(…) }}' : undefined,
  };
}

/** Where the files of `vars_files` may be. */
function filesNamed(value: unknown, { file }: Place): string[] {
  const names = Array.isArray(value) ? value : [value];
  const folder = dirname(file);
  return names.flatMap((name) =>
    typeof name === 'string' ? [resolve(folder, 'vars', name), resolve(folder, name)] : [],
  );
}
