import type { BlockNode, Node, Play, TaskNode } from '../playbook/model.ts';
import type { BarrierNeed, BarrierRule } from './barriers.ts';
import { type Effective, inherit, inheritFromPlay } from './effective.ts';
import { isSelected, type TagSelection } from './tags.ts';

/** A task with all that it inherits. One for all hosts. */
export interface PlanTask {
  kind: 'task';
  node: TaskNode;
  keywords: Effective;
  /** What surrounds it, without its own: what is included by it inherits that. */
  outer?: Effective;
  handler: boolean;
  /** Whether hosts wait for each other before and after it. */
  barrier: BarrierNeed;
}

export interface PlanBlock {
  kind: 'block';
  node: BlockNode;
  keywords: Effective;
  block: PlanNode[];
  rescue: PlanNode[];
  always: PlanNode[];
}

/** Where notified handlers run: after pre_tasks, after roles and tasks, after post_tasks. */
export interface PlanFlush {
  kind: 'flush';
}

export type PlanNode = PlanTask | PlanBlock | PlanFlush;

export interface PlanPlay {
  play: Play;
  keywords: Effective;
  nodes: PlanNode[];
  /** All handlers in the order in which they run; grows as roles are included. */
  handlers: PlanTask[];
  /** For tasks that are included while the play runs. */
  selection: Selection;
}

/** What decides about single tasks: selected tags, and where hosts must wait for each other. */
export interface Selection {
  tags: TagSelection;
  barrier: BarrierRule;
}

/** A play as the tree that each host walks; tasks that the tags leave out are not in it. */
export function planPlay(play: Play, selection: Selection): PlanPlay {
  const keywords = inheritFromPlay(play);
  const section = (nodes: readonly Node[]): PlanNode[] => planNodes(nodes, keywords, selection);
  const flush: PlanFlush = { kind: 'flush' };
  return {
    play,
    keywords,
    nodes: [
      ...section(play.preTasks),
      flush,
      ...section(play.roleBlocks),
      ...section(play.tasks),
      flush,
      ...section(play.postTasks),
      flush,
    ],
    handlers: planHandlers(play.handlers, keywords, selection),
    selection,
  };
}

/** The nodes below `outer`, without those that the tags leave out. */
export function planNodes(nodes: readonly Node[], outer: Effective, selection: Selection): PlanNode[] {
  const result: PlanNode[] = [];
  for (const node of nodes) {
    const keywords = inherit(outer, node, node.role);
    if (node.kind === 'task') {
      if (isSelected(node, keywords.tags, selection.tags))
        result.push({
          kind: 'task',
          node,
          keywords,
          outer,
          handler: false,
          barrier: selection.barrier({ node, keywords }),
        });
      continue;
    }
    const block: PlanBlock = {
      kind: 'block',
      node,
      keywords,
      block: planNodes(node.block, keywords, selection),
      rescue: planNodes(node.rescue, keywords, selection),
      always: planNodes(node.always, keywords, selection),
    };
    if (block.block.length + block.always.length > 0) result.push(block);
  }
  return result;
}

/** Handlers in a flat list (a handler may stand in a block, whose keywords it inherits); tags do not leave handlers out. */
export function planHandlers(nodes: readonly Node[], outer: Effective, selection: Selection): PlanTask[] {
  return nodes.flatMap((node): PlanTask[] => {
    const keywords = inherit(outer, node, node.role);
    if (node.kind === 'block') return planHandlers(node.block, keywords, selection);
    return [{ kind: 'task', node, keywords, outer, handler: true, barrier: selection.barrier({ node, keywords }) }];
  });
}
