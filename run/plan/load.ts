import path from 'node:path';
import { LamplighterError, nearest, type Place } from '../errors.ts';
import { loadInventory } from '../inventory/loader.ts';
import type { Host, Inventory } from '../inventory/model.ts';
import type { RunOptions } from '../options.ts';
import { type LoadContext, loadContext } from '../playbook/context.ts';
import { YamlFiles } from '../playbook/files.ts';
import { loadPlaybook } from '../playbook/loader.ts';
import type { Play, Playbook } from '../playbook/model.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import type { SeenTemplate } from './inspect/unknown-names.ts';
import { Modules } from './modules.ts';
import { layer, VariableScope } from './scope.ts';
import { services } from './services.ts';
import { Templar } from './templar.ts';

/** All that a run reads before it touches a host. */
export interface Loaded {
  inventory: Inventory;
  playbooks: Playbook[];
  extra: Record<string, unknown>;
  templar: Templar;
  modules: Modules;
  context: LoadContext;
  vault: VaultSecrets;
  /** All templates of the playbooks and their roles. */
  templates?: readonly SeenTemplate[];
  /** Directory of the playbook under way; changes from one to the next. */
  playbookDir: { current: string };
  /** Reads the inventory's sources once more. */
  reloadInventory: () => Promise<Inventory>;
}

/**
 * Reads inventory, extra variables and playbooks, and checks what can be checked without a host.
 * @throws LamplighterError for everything that a person wrote wrongly
 */
export async function loadRun(options: RunOptions, warn: (message: string, place?: Place) => void): Promise<Loaded> {
  const { vault } = options;
  const files = new YamlFiles(vault);
  const extra = extraVariables(options, files);
  const playbookDir = { current: path.dirname(path.resolve(options.playbooks[0] ?? '.')) };
  const templar: Templar = new Templar(
    services({
      playbookDir: () => playbookDir.current,
      vault,
      warn,
      template: (text, scope) => templar.value(text, scope),
      settings: options.settings,
    }),
  );
  const modules = new Modules();
  const render = (text: string, vars: Record<string, unknown>, place: Place): string =>
    String(templar.value(text, new VariableScope([layer(extra, true), layer(vars, true)], templar.evaluate), place));
  const templates: SeenTemplate[] = [];
  const context = loadContext(
    {
      seeTemplate: (template, place) => templates.push({ template, place }),
      modules,
      rolesPath: options.rolesPath ?? [],
      collectionsPath: options.collectionsPath ?? [],
      vault,
      render,
      warn,
    },
    files,
  );
  const readInventory = (): Promise<Inventory> => loadInventory(options.inventory, { vault, files, warn });
  const inventory = await readInventory();
  if (options.inventory.length === 0)
    warn('no inventory: there is no inventory.yaml here and -i names none, so only localhost is known');
  checkLimit(inventory, options.limit);
  const playbooks: Playbook[] = [];
  for (const file of options.playbooks) playbooks.push(await loadPlaybook(file, context));
  return {
    ...{ inventory, playbooks, extra, templar, modules, context, vault, templates, playbookDir },
    reloadInventory: readInventory,
  };
}

/** @throws LamplighterError HOST_PATTERN when `--limit` leaves no host */
function checkLimit(inventory: Inventory, limit: string | undefined): void {
  if (limit === undefined || inventory.select(limit).length > 0) return;
  const near = nearest(limit, [...inventory.hosts.keys(), ...inventory.groups.keys()]);
  throw new LamplighterError('HOST_PATTERN', 'Specified hosts and/or --limit does not match any hosts', {
    hint: near ? `--limit ${limit}: did you mean "${near}"?` : `--limit ${limit}: --list-hosts shows what there is`,
  });
}

function extraVariables(options: RunOptions, files: YamlFiles): Record<string, unknown> {
  const extra: Record<string, unknown> = {};
  for (const each of options.extraVars) {
    if ('values' in each) {
      Object.assign(extra, each.values);
      continue;
    }
    const values = files.read(each.file) ?? {};
    if (typeof values !== 'object' || Array.isArray(values))
      throw new LamplighterError('USAGE', `-e @${each.file}: expected a mapping of variables`);
    Object.assign(extra, values);
  }
  return extra;
}

/** The hosts of a play, in its order, after `--limit`. @throws LamplighterError HOST_PATTERN; those of templates */
export function playHosts(loaded: Loaded, options: { limit?: string | undefined }, play: Play): Host[] {
  const hosts = matchingHosts(loaded, options, play);
  switch (play.order) {
    case 'sorted':
      return hosts.toSorted(byName);
    case 'reverse_sorted':
      return hosts.toSorted(byName).reverse();
    case 'reverse_inventory':
      return hosts.toReversed();
    case 'shuffle':
      return shuffled(hosts);
    default:
      return hosts;
  }
}

/** The same in the inventory's order. */
export function matchingHosts(loaded: Loaded, options: { limit?: string | undefined }, play: Play): Host[] {
  const { inventory, templar, extra } = loaded;
  const scope = new VariableScope([layer(extra, true), layer(play.vars ?? {}, true)], templar.evaluate);
  const pattern = templar.value(play.hosts, scope, play.hostsPlace);
  const selected = inventory.select(Array.isArray(pattern) ? pattern.map(String) : String(pattern), play.hostsPlace);
  const limit = options.limit === undefined ? undefined : new Set(inventory.select(options.limit));
  return limit ? selected.filter((host) => limit.has(host)) : selected;
}

function byName(a: Host, b: Host): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function shuffled(hosts: readonly Host[]): Host[] {
  const rest = [...hosts];
  const result: Host[] = [];
  while (rest.length > 0) result.push(...rest.splice(Math.floor(Math.random() * rest.length), 1));
  return result;
}
