import { correction } from '../../errors.ts';
import type { Inventory } from '../../inventory/model.ts';
import { constantText } from '../../playbook/mapping.ts';
import type { Node, Play } from '../../playbook/model.ts';
import type { LocatedFinding } from './finding.ts';

/** Warns of hosts that tasks are delegated to, where the inventory has none of that name and one of nearly that name. */
export function misspeltDelegates(play: Play, inventory: Inventory): LocatedFinding[] {
  const below = (nodes: readonly Node[]): LocatedFinding[] =>
    nodes.flatMap((node) => {
      const name = constantText(node.delegateTo);
      const right = name === undefined || inventory.hosts.has(name) ? undefined : nearly(name, inventory);
      const own: LocatedFinding[] =
        right === undefined
          ? []
          : [
              {
                level: 'warning',
                rule: 'host-pattern',
                message: `delegate_to: the inventory has no host "${name}"; did you mean "${right}"?`,
                hosts: [],
                places: [node.delegateToPlace ?? node.place],
              },
            ];
      return node.kind === 'block' ? [...own, ...below([...node.block, ...node.rescue, ...node.always])] : own;
    });
  return below([...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks, ...play.handlers]);
}

function nearly(name: string, inventory: Inventory): string | undefined {
  if (/^(?:localhost|[\d.]+|.*:.*)$/.test(name)) return undefined;
  return correction(name, inventory.hosts.keys())?.right;
}
