import fs from 'node:fs';
import path from 'node:path';
import type { Node, Play, Role, TaskNode } from '../playbook/model.ts';
import type { Effective } from './effective.ts';
import { mentions } from './mentions.ts';

/**
 * Where hosts wait for each other at a task: not at all (false), before and after it (true), or when one of these
 * expressions names a host of the play: it is all that the task looks at.
 */
export type BarrierNeed = boolean | readonly string[];
export type BarrierRule = (task: { node: TaskNode; keywords: Effective }) => BarrierNeed;

/** Modules that look at the network, at other hosts or at files of the controller that another host may have written. */
const LOOKS_OUT = new Set([
  'wait_for',
  'uri',
  'get_url',
  'fetch',
  'add_host',
  'group_by',
  'pause',
  'mqtt_roundtrip',
  'mqtt_bridge_verify',
]);
/** Commands may look anywhere; they count once some task runs on a part of the hosts only. */
const MAY_LOOK_OUT = new Set([...LOOKS_OUT, 'command', 'shell', 'raw', 'script']);
/** Metas that end or refresh something for all. */
const JOINT_META = new Set(['refresh_inventory', 'clear_host_errors', 'end_play', 'end_batch']);
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);
const OTHER_HOSTS = /\bhostvars\b|\bansible_play_(?:hosts|batch)\b|\bplay_hosts\b/;
/** `hostvars[NAME]`, where the name holds no more than one level of brackets. */
const ONE_HOST = /\bhostvars\s*\[((?:[^[\]]|\[[^[\]]*\])*)\]/g;
const SPLITS_HOSTS = /\bgroup_names\b|\binventory_hostname\b|\bgroups\b/;

/**
 * Where Ansible's `linear` order can be seen although hosts go at their own pace: around what looks at other hosts or runs
 * for all of them. What cannot be known is a barrier.
 */
export function barrierRule(play: Play, inventoryVariables: readonly Record<string, unknown>[]): BarrierRule {
  if (play.strategy === 'free' || play.strategy === 'host_pinned') return () => false;
  if (play.strategy === 'linear' || play.anyErrorsFatal !== undefined || play.maxFailPercentage !== undefined)
    return () => true;
  const roles = allRoles(play.roles);
  const definitions = [
    play.vars ?? {},
    ...roles.flatMap((role) => [role.defaults, role.vars, role.params]),
    ...inventoryVariables,
  ];
  const names = namesThatLook(definitions);
  const looks = (value: unknown): BarrierNeed => needOf(value, names);
  const mayLook = tasksOf(play).some((task) => MAY_LOOK_OUT.has(task.module));

  return ({ node, keywords }) => {
    if (keywords.runOnce !== undefined || keywords.delegateTo !== undefined || keywords.throttle !== undefined)
      return true;
    if (keywords.anyErrorsFatal !== undefined || looksOut(node)) return true;
    if (node.module === 'meta') return JOINT_META.has(String(node.args.free_form));
    const conditions = keywords.when.map((condition) => condition.expression);
    if (mayLook && mentions(conditions, (text) => SPLITS_HOSTS.test(text))) return true;
    const { changedWhen, failedWhen, until, loop, name, args, argsTemplate } = node;
    const written = [
      args,
      argsTemplate,
      conditions,
      loop?.value,
      changedWhen,
      failedWhen,
      until,
      name,
      keywords.vars,
      keywords.environment,
    ];
    return either(looks(written), templateLooks(node, keywords, looks));
  };
}

/** Whether variables, as they are written, mention other hosts. */
export function looksAtHosts(variables: Record<string, unknown>): boolean {
  return mentions(variables, (text) => OTHER_HOSTS.test(text));
}

/** Whether a task looks beyond its own host: not, when the address it looks at is loopback. */
function looksOut({ module, args }: TaskNode): boolean {
  if (!LOOKS_OUT.has(module)) return false;
  if (module !== 'wait_for' && module !== 'mqtt_roundtrip') return true;
  const address = args.host ?? args.address ?? '127.0.0.1';
  return args.from === 'controller' || !LOOPBACK.has(String(address));
}

/** Whether a task's template file looks at other hosts; one that cannot be read before its name is rendered may. */
function templateLooks(node: TaskNode, keywords: Effective, looks: (value: unknown) => BarrierNeed): BarrierNeed {
  if (node.module !== 'template' || typeof node.args.src !== 'string') return false;
  const { src } = node.args;
  if (src.includes('{{')) return true;
  const bases = [...keywords.roles.map((role) => role.path), path.dirname(node.place.file)];
  const file = [src, ...bases.flatMap((base) => [path.join(base, 'templates', src), path.join(base, src)])].find(
    (each) => fs.existsSync(each),
  );
  return file === undefined || looks(fs.readFileSync(file, 'utf8'));
}

/** A variable whose definitions mention other hosts, as a pattern of its name, and what they need. */
interface Looker {
  pattern: RegExp;
  need: BarrierNeed;
}

/** What a value, as it is written, needs of the hosts whose variables it mentions, directly or by one of the lookers. */
function needOf(value: unknown, lookers: readonly Looker[]): BarrierNeed {
  let need: BarrierNeed = false;
  mentions(value, (text) => {
    const found: string[] = [];
    const rest = text.replace(ONE_HOST, (_, name: string) => {
      found.push(name.trim());
      return '';
    });
    need = either(need, OTHER_HOSTS.test(rest) || (found.length > 0 && found));
    for (const looker of lookers) if (looker.pattern.test(text)) need = either(need, looker.need);
    return need === true;
  });
  return need;
}

function either(one: BarrierNeed, other: BarrierNeed): BarrierNeed {
  if (one === true || other === true) return true;
  if (one === false || other === false) return one || other;
  return [...new Set([...one, ...other])];
}

/** Variables whose definitions mention other hosts, directly or by another such variable. */
function namesThatLook(definitions: readonly Record<string, unknown>[]): Looker[] {
  const found = new Map<string, Looker>();
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false;
    for (const values of definitions) {
      for (const [name, value] of Object.entries(values)) {
        const known = found.get(name);
        const before = known?.need ?? false;
        const need = either(before, needOf(value, [...found.values()]));
        if (isSame(need, before)) continue;
        isGrowing = true;
        found.set(name, { pattern: known?.pattern ?? new RegExp(`\\b${name}\\b`), need });
      }
    }
  }
  return [...found.values()];
}

/** Whether a need is no more than it was. */
function isSame(need: BarrierNeed, before: BarrierNeed): boolean {
  if (typeof need === 'boolean' || typeof before === 'boolean') return need === before;
  return need.length === before.length;
}

function tasksOf(play: Play): TaskNode[] {
  const below = (nodes: readonly Node[]): TaskNode[] =>
    nodes.flatMap((node) => (node.kind === 'task' ? [node] : below([...node.block, ...node.rescue, ...node.always])));
  return below([...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks, ...play.handlers]);
}

/** Roles with those that they depend on. */
export function allRoles(roles: readonly Role[]): Role[] {
  return roles.flatMap((role) => [...allRoles(role.dependencies), role]);
}
