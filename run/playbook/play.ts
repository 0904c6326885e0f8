import { checkPlayHandlers } from './check-handlers.ts';
import { checkSharedTemplates, checkTemplates } from './check-templates.ts';
import { attempt, attemptSync, failure, kindOf } from './fail.ts';
import type { Here } from './here.ts';
import { PLAY_KEYWORDS } from './keywords.ts';
import { isTemplate, listOf, type Mapping } from './mapping.ts';
import type { Node, Play, Raw, Role } from './model.ts';
import { readNodes } from './nodes.ts';
import { contentPlaceOf, copyPlaces, keyPlaceOf, placeOf } from './places.ts';
import { readVarsFiles, readVarsPrompt } from './play-vars.ts';
import { readRole } from './role.ts';
import { roleBlock } from './role-block.ts';
import { readRoleUse } from './role-use.ts';
import { checkKeywords, checkKind, checkModuleDefaults, readShared } from './shared.ts';

const ORDERS = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'];
const STRATEGIES = ['linear', 'free', 'host_pinned'];

/** Reads a play. `base` holds what import_playbook says of it. */
export async function readPlay(written: Mapping, base: Here): Promise<Play> {
  const place = placeOf(written)!;
  const { report } = base.context;
  checkKeywords(written, 'a play', PLAY_KEYWORDS, report);
  const node = withoutUser(written);
  const shared = readShared(node, report);
  await attempt(report, () => checkModuleDefaults(shared, base.context.modules));
  checkSharedTemplates(shared, place, base.context);
  const vars = { ...shared.vars, ...base.vars };
  const here: Here = {
    ...base,
    vars,
    moduleDefaults: shared.moduleDefaults ?? [],
    collections: shared.collections ?? [],
    imported: [],
  };
  const hosts = attemptSync(report, () => readHosts(node, base.context)) ?? 'all';
  const play: Play = {
    ...shared,
    kind: 'play',
    place,
    title: shared.name ?? (Array.isArray(hosts) ? hosts.join(',') : String(hosts)),
    hosts,
    hostsPlace: contentPlaceOf(node, 'hosts') ?? place,
    ...attemptSync(report, () => readSettings(node)),
    varsFiles: attemptSync(report, () => readVarsFiles(node, here)) ?? [],
    varsPrompt: attemptSync(report, () => readVarsPrompt(node)) ?? [],
    roles: [],
    roleNames: [],
    preTasks: [],
    roleBlocks: [],
    tasks: [],
    postTasks: [],
    handlers: [],
  };
  if (Object.keys(base.vars).length > 0) {
    play.vars = vars;
    copyPlaces(vars, shared.vars ?? {}, base.vars);
  }
  await readLists(play, node, here);
  checkPlayHandlers(play, here.context.files, report);
  return play;
}

async function readLists(play: Play, node: Mapping, here: Here): Promise<void> {
  const { report } = here.context;
  const list = async (key: string, inner = here): Promise<Node[]> =>
    (await attempt(report, () => readNodes(node[key], `"${key}"`, placeOf(node, key), inner))) ?? [];
  play.preTasks = await list('pre_tasks');
  const roles: Role[] = [];
  const uses =
    node.roles === undefined || node.roles === null
      ? []
      : (attemptSync(report, () => listOf(node.roles, '"roles"', placeOf(node, 'roles'))) ?? []);
  for (const [index, entry] of uses.entries()) {
    const role = await attempt(report, async () =>
      readRole(await readRoleUse(entry, placeOf(node.roles, index), here), here, readNodes),
    );
    if (role) roles.push(role);
  }
  play.roleBlocks = roles.map(roleBlock);
  play.tasks = await list('tasks');
  play.postTasks = await list('post_tasks');
  const own = await list('handlers', { ...here, handlers: true });
  play.roleNames = [...roles, ...here.imported].map(({ name }) => name);
  play.roles = unique([...roles, ...here.imported].flatMap(withDependencies));
  play.handlers = [...handlersOf(roles), ...own, ...handlersOf(here.imported)];
}

function withDependencies(role: Role): Role[] {
  return [...role.dependencies.flatMap(withDependencies), role];
}

/** Two uses that are the same give their variables and handlers once. */
function unique(roles: Role[]): Role[] {
  const seen = new Set<string>();
  return roles.filter((role) => !seen.has(role.identity) && seen.add(role.identity));
}

function handlersOf(roles: Role[]): Node[] {
  return [...new Set(unique(roles).flatMap((role) => role.handlers))];
}

/** `user` is an old name of `remote_user`. */
function withoutUser(node: Mapping): Mapping {
  if (!('user' in node)) return node;
  if ('remote_user' in node)
    throw failure(
      'PLAYBOOK_SHAPE',
      '"user" is the old name of "remote_user": write only one',
      keyPlaceOf(node, 'user'),
    );
  const { user, ...rest } = node;
  const renamed: Mapping = { ...rest, remote_user: user };
  copyPlaces(renamed, node);
  return renamed;
}

function readHosts(node: Mapping, context: Here['context']): Raw {
  const { hosts } = node;
  if (!('hosts' in node)) throw failure('PLAYBOOK_SHAPE', 'a play needs "hosts"', placeOf(node));
  const items = Array.isArray(hosts) ? hosts : [hosts];
  if (hosts === null || hosts === '' || items.length === 0)
    throw failure('PLAYBOOK_SHAPE', 'the hosts of a play cannot be empty', placeOf(node, 'hosts'));
  for (const [index, item] of items.entries())
    if (typeof item !== 'string')
      throw failure(
        'PLAYBOOK_SHAPE',
        `"hosts" takes a pattern or a list of patterns, not ${kindOf(item)}`,
        placeOf(hosts, index) ?? placeOf(node, 'hosts'),
      );
  checkTemplates(hosts, placeOf(node, 'hosts')!, context);
  return hosts;
}

type Settings = Pick<
  Play,
  'gatherFacts' | 'gatherSubset' | 'serial' | 'strategy' | 'order' | 'maxFailPercentage' | 'forceHandlers'
>;

function readSettings(node: Mapping): Settings {
  const settings: Settings = {};
  const given = (key: string): boolean => node[key] !== undefined && node[key] !== null;
  if (given('gather_facts')) settings.gatherFacts = checkKind(node, 'gather_facts', 'bool');
  if (given('gather_subset')) settings.gatherSubset = readSubset(node);
  if (given('force_handlers')) settings.forceHandlers = checkKind(node, 'force_handlers', 'bool');
  if (given('max_fail_percentage')) settings.maxFailPercentage = checkKind(node, 'max_fail_percentage', 'percent');
  if (given('serial')) settings.serial = readSerial(node);
  if (given('order')) settings.order = readWord(node, 'order', ORDERS);
  if (given('strategy')) settings.strategy = readStrategy(node);
  return settings;
}

function readSubset(node: Mapping): Raw {
  const value = node.gather_subset;
  const items = Array.isArray(value) ? value : [value];
  for (const [index, item] of items.entries())
    if (typeof item !== 'string')
      throw failure(
        'PLAYBOOK_SHAPE',
        `"gather_subset" takes names, not ${kindOf(item)}`,
        placeOf(value, index) ?? placeOf(node, 'gather_subset'),
      );
  return value;
}

function readSerial(node: Mapping): Raw[] {
  const value = node.serial;
  if (!Array.isArray(value)) return [checkKind(node, 'serial', 'percent')];
  return value.map((item) => {
    const one: Mapping = { serial: item };
    copyPlaces(one, node);
    return checkKind(one, 'serial', 'percent');
  });
}

function readStrategy(node: Mapping): string {
  const value = node.strategy;
  const name = typeof value === 'string' ? value.replace(/^ansible\.(?:builtin|legacy)\./, '') : value;
  if (name === 'debug')
    throw failure('UNSUPPORTED_KEYWORD', 'the strategy "debug" is not supported', placeOf(node, 'strategy'), {
      hint: 'there is no interactive debugger',
    });
  return readWord({ strategy: name }, 'strategy', STRATEGIES, node);
}

function readWord(node: Mapping, key: string, words: readonly string[], places: Mapping = node): string {
  const value = node[key];
  if (typeof value === 'string' && (words.includes(value) || isTemplate(value))) return value;
  const shown = typeof value === 'string' ? `"${value}"` : kindOf(value);
  throw failure('PLAYBOOK_SHAPE', `"${key}" is one of ${words.join(', ')}, not ${shown}`, placeOf(places, key));
}
