import { LamplighterError } from '../../errors.ts';
import type { Host } from '../../inventory/model.ts';
import type { Node, Play } from '../../playbook/model.ts';
import { type Loaded, playHosts } from '../load.ts';
import { inspectConnections } from './connections.ts';
import { misspeltDelegates } from './delegates.ts';
import type { LocatedFinding } from './finding.ts';

/**
 * What the plays and the inventory say of the hosts themselves: connections to them, tasks that are delegated to them. Warns
 * of patterns that match nothing.
 * @throws LamplighterError HOST_PATTERN
 */
export function inspectHosts(loaded: Loaded, options: { limit?: string | undefined }): LocatedFinding[] {
  const { inventory, playbooks, playbookDir, extra } = loaded;
  const hosts = new Set<Host>();
  const delegates: LocatedFinding[] = [];
  for (const play of playbooks.flatMap(({ plays }) => plays)) {
    for (const host of hostsOf(play, loaded, options)) hosts.add(host);
    if (!uses(play, ADDING)) delegates.push(...misspeltDelegates(play, inventory));
    // From here on there may be hosts and groups that nobody knows yet.
    if (uses(play, [...ADDING, ...INCLUDING])) break;
  }
  const given = new Set(Object.keys(extra));
  return [...inspectConnections(hosts, inventory, playbookDir.current, given), ...delegates];
}

/** @throws LamplighterError HOST_PATTERN */
function hostsOf(play: Play, loaded: Loaded, options: { limit?: string | undefined }): Host[] {
  try {
    return playHosts(loaded, options, play);
  } catch (error) {
    // A pattern made of what only the run knows.
    if (error instanceof LamplighterError && error.code !== 'HOST_PATTERN') return [];
    throw error;
  }
}

/** What adds hosts or groups while a play runs, and what may hold that. */
const ADDING = ['add_host', 'group_by'];
const INCLUDING = ['include_tasks', 'include_role'];

/** Whether a play has a task of one of these modules. */
function uses(play: Play, modules: readonly string[]): boolean {
  const below = (nodes: readonly Node[]): boolean =>
    nodes.some((node) => {
      if (node.kind === 'block') return below([...node.block, ...node.rescue, ...node.always]);
      return modules.includes(node.module);
    });
  return below([...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks, ...play.handlers]);
}
