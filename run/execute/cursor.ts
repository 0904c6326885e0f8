import type { PlanBlock, PlanNode, PlanTask } from '../plan/program.ts';
import type { Layer } from '../plan/scope.ts';
import type { TaskResult } from '../task.ts';

/*
 * Where a host stands in a play. Positions are never changed, only replaced, so that going back to the place of a task
 * that failed while later ones were under way is keeping an old position.
 */

/** A task that failed, as `rescue` and `always` see it. */
export interface Failure {
  task: { name: string; action: string; args: Record<string, unknown> };
  result: TaskResult;
}

/** One list of nodes being walked: a play's, a block's section, an included file's, the notified handlers. */
export interface Frame {
  kind: 'play' | 'block' | 'rescue' | 'always' | 'include' | 'handlers';
  nodes: readonly PlanNode[];
  parent: Position | undefined;
  block?: PlanBlock;
  /** What `always` raises again at its end. */
  failure?: Failure;
  /** Variables of an include, seen by all below, nearest first. */
  layers: readonly Layer[];
  /** Which of several lists that stand in the same place, one after the other: items of an include's loop, flushes. */
  round: number;
  /** The list that comes after this one in the same place. */
  next?: Frame;
}

export interface Position {
  frame: Frame;
  index: number;
}

/** What a host does next: a node, or the end of the play, or the failure of the host. */
export type Next =
  | { kind: 'node'; node: Exclude<PlanNode, PlanBlock>; at: Position }
  | { kind: 'end' }
  | { kind: 'failed'; failure: Failure };

export function start(nodes: readonly PlanNode[]): Position {
  return { frame: { kind: 'play', nodes, parent: undefined, layers: [], round: 0 }, index: 0 };
}

/** Behind the last node of a play. */
export function end(nodes: readonly PlanNode[]): Position {
  return { ...start(nodes), index: nodes.length };
}

/** The first node at or after a position, entering blocks and leaving finished lists, without the tasks left out. */
export function next(position: Position, leaveOut: (task: PlanTask) => boolean = () => false): Next {
  let at = position;
  for (;;) {
    const node = at.frame.nodes[at.index];
    if (node === undefined) {
      const left = leave(at.frame);
      if (!left) return { kind: 'end' };
      if (left.kind !== 'at') return left;
      at = left.at;
    } else if (node.kind === 'task' && leaveOut(node)) {
      at = after(at);
    } else if (node.kind === 'block') {
      const { layers } = at.frame;
      at = { frame: { kind: 'block', nodes: node.block, parent: at, block: node, layers, round: 0 }, index: 0 };
    } else {
      return { kind: 'node', node, at };
    }
  }
}

/** The position behind a node. */
export function after(at: Position): Position {
  return { frame: at.frame, index: at.index + 1 };
}

/** Lists walked one after the other in place of what stands at `at`; behind them comes what follows `at`. */
export function enterIncludes(
  at: Position,
  lists: readonly { nodes: readonly PlanNode[]; layers: readonly Layer[] }[],
): Position {
  let first: Frame | undefined;
  lists.toReversed().forEach(({ nodes, layers }, fromEnd) => {
    const round = lists.length - 1 - fromEnd;
    const frame: Frame = { kind: 'include', nodes, parent: at, layers: [...layers, ...at.frame.layers], round };
    if (first) frame.next = first;
    first = frame;
  });
  return first ? { frame: first, index: 0 } : after(at);
}

/** Notified handlers, run where a flush stands; behind them the flush is looked at again. */
export function enterHandlers(at: Position, handlers: readonly PlanNode[], round: number): Position {
  return { frame: { kind: 'handlers', nodes: handlers, parent: at, layers: [], round }, index: 0 };
}

/**
 * Where a host goes on after a failure at `at`: the nearest `rescue`, or the `always` on the way out, or nowhere.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_blocks.html
 */
export function fail(at: Position, failure: Failure): { position: Position; rescued: boolean } | undefined {
  for (let place: Position | undefined = at; place; place = place.frame.parent) {
    const { frame } = place;
    if (!frame.block || !frame.parent) continue;
    if (frame.kind === 'block' && frame.block.rescue.length > 0)
      return { position: section(frame, 'rescue', failure), rescued: true };
    if ((frame.kind === 'block' || frame.kind === 'rescue') && frame.block.always.length > 0)
      return { position: section(frame, 'always', failure), rescued: false };
  }
  return undefined;
}

/** Whether a failure at `at` would come to a `rescue`. */
export function isRescued(at: Position): boolean {
  for (let place: Position | undefined = at; place; place = place.frame.parent) {
    if (place.frame.kind === 'block' && place.frame.block!.rescue.length > 0) return true;
  }
  return false;
}

/** Sorts positions of one play in the order in which a host walks them. */
export function comparePositions(a: Position, b: Position): number {
  const left = path(a);
  const right = path(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]! - right[i]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Where a task stands among the blocks of a run, as the journal on the host keeps it; undefined outside of blocks. */
export function placeInBlock(at: Position, play: number): string | undefined {
  for (let place: Position | undefined = at; place; place = place.frame.parent)
    if (place.frame.kind === 'block') return [play, ...path(at)].join('-');
  return undefined;
}

/** What the places of the block begin with whose `rescue` or `always` a position stands in. */
export function blockOfRescue(at: Position, play: number): string | undefined {
  for (let place: Position | undefined = at; place; place = place.frame.parent) {
    const { kind, parent } = place.frame;
    if (parent && (kind === 'rescue' || kind === 'always')) return `${[play, ...path(parent)].join('-')}-0-0-`;
  }
  return undefined;
}

const SECTION_ORDER = { play: 0, handlers: 0, include: 0, block: 0, rescue: 1, always: 2 } as const;

function path(position: Position): number[] {
  const steps: number[] = [];
  for (let at: Position | undefined = position; at; at = at.frame.parent)
    steps.unshift(SECTION_ORDER[at.frame.kind], at.frame.round, at.index);
  return steps;
}

/**
 * A number for a position that grows in the order in which a host walks a play: each list shares out the room of what it
 * stands for. Reports sort by it, also tasks that were included while others were under way.
 */
export function orderOf(position: Position): number {
  const { start, width } = room(position.frame);
  return start + (width * position.index) / (position.frame.nodes.length + 1);
}

function room(frame: Frame): { start: number; width: number } {
  if (!frame.parent) return { start: 0, width: 1 };
  const outer = room(frame.parent.frame);
  const width = outer.width / (frame.parent.frame.nodes.length + 1);
  const start = outer.start + width * frame.parent.index;
  const section = width / 4;
  const inSection = section / 2 ** (frame.round + 1);
  return { start: start + section * (SECTION_ORDER[frame.kind] + 1) + section - 2 * inSection, width: inSection };
}

function section(frame: Frame, kind: 'rescue' | 'always', failure: Failure | undefined): Position {
  const next: Frame = {
    kind,
    nodes: frame.block![kind],
    parent: frame.parent,
    block: frame.block!,
    layers: frame.layers,
    round: 0,
  };
  if (failure) next.failure = failure;
  return { frame: next, index: 0 };
}

function leave(frame: Frame): { kind: 'at'; at: Position } | Extract<Next, { kind: 'failed' }> | undefined {
  if (!frame.parent) return undefined;
  if ((frame.kind === 'block' || frame.kind === 'rescue') && frame.block!.always.length > 0)
    return { kind: 'at', at: section(frame, 'always', undefined) };
  if (frame.kind === 'always' && frame.failure) {
    const onward = fail(frame.parent, frame.failure);
    return onward ? { kind: 'at', at: onward.position } : { kind: 'failed', failure: frame.failure };
  }
  if (frame.next) return { kind: 'at', at: { frame: frame.next, index: 0 } };
  // A flush stays where it is until no handler is notified any more.
  return { kind: 'at', at: frame.kind === 'handlers' ? frame.parent : after(frame.parent) };
}
