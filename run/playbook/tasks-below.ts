import type { Node, Play, TaskNode } from './model.ts';

/** Tasks at any depth of blocks. */
export function tasksBelow(nodes: readonly Node[]): TaskNode[] {
  return nodes.flatMap((node) =>
    node.kind === 'task' ? [node] : tasksBelow([...node.block, ...node.rescue, ...node.always]),
  );
}

/** Those of a play, with its roles' and handlers'. */
export function tasksOfPlay(play: Play): TaskNode[] {
  return tasksBelow([...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks, ...play.handlers]);
}
