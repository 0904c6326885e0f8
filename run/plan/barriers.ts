import fs from 'node:fs';
import path from 'node:path';
import type { Node, Play, Role, TaskNode } from '../playbook/model.ts';
import type { Effective } from './effective.ts';
import { mentions } from './mentions.ts';

/** Where hosts wait for each other at a task: not at all, or before and after it. */
export type BarrierRule = (task: { node: TaskNode; keywords: Effective }) => boolean;

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
  const looks = (value: unknown): boolean =>
    mentions(value, (text) => OTHER_HOSTS.test(text) || names.some((name) => name.test(text)));
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
    return looks(written) || templateLooks(node, keywords, looks);
  };
}

/** Whether a task looks beyond its own host: not, when the address it looks at is loopback. */
function looksOut({ module, args }: TaskNode): boolean {
  if (!LOOKS_OUT.has(module)) return false;
  if (module !== 'wait_for' && module !== 'mqtt_roundtrip') return true;
  const address = args.host ?? args.address ?? '127.0.0.1';
  return args.from === 'controller' || !LOOPBACK.has(String(address));
}

/** Whether a task's template file looks at other hosts; one that cannot be read before its name is rendered may. */
function templateLooks(node: TaskNode, keywords: Effective, looks: (value: unknown) => boolean): boolean {
  if (node.module !== 'template' || typeof node.args.src !== 'string') return false;
  const { src } = node.args;
  if (src.includes('{{')) return true;
  const bases = [...keywords.roles.map((role) => role.path), path.dirname(node.place.file)];
  const file = [src, ...bases.flatMap((base) => [path.join(base, 'templates', src), path.join(base, src)])].find(
    (each) => fs.existsSync(each),
  );
  return file === undefined || looks(fs.readFileSync(file, 'utf8'));
}

/** Variables whose definitions mention other hosts, directly or by another such variable. */
function namesThatLook(definitions: readonly Record<string, unknown>[]): RegExp[] {
  const found = new Map<string, RegExp>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const values of definitions) {
      for (const [name, value] of Object.entries(values)) {
        if (found.has(name)) continue;
        const patterns = [...found.values()];
        if (mentions(value, (text) => OTHER_HOSTS.test(text) || patterns.some((pattern) => pattern.test(text))))
          found.set(name, new RegExp(`\\b${name}\\b`));
      }
    }
  }
  return [...found.values()];
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
