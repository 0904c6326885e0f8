import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  after,
  comparePositions,
  enterHandlers,
  enterIncludes,
  type Failure,
  fail,
  isRescued,
  next,
  orderOf,
  type Position,
  start,
} from '../../run/execute/cursor.ts';
import { NOTHING_INHERITED } from '../../run/plan/effective.ts';
import type { PlanBlock, PlanNode, PlanTask } from '../../run/plan/program.ts';

const test = suite('cursor');
const place = { file: 'site.yaml', line: 1, column: 1 };
const failure: Failure = { task: { name: 't', action: 'fail', args: {} }, result: { failed: true } };

function task(name: string): PlanTask {
  const node: PlanTask['node'] = { kind: 'task', id: 1, name, module: 'debug', moduleName: 'debug', args: {}, place };
  return { kind: 'task', node, keywords: NOTHING_INHERITED, handler: false, barrier: false };
}

function block(sections: { block: PlanNode[]; rescue?: PlanNode[]; always?: PlanNode[] }): PlanBlock {
  const { rescue = [], always = [] } = sections;
  const node: PlanBlock['node'] = { kind: 'block', place, block: [], rescue: [], always: [] };
  return { kind: 'block', node, keywords: NOTHING_INHERITED, block: sections.block, rescue, always };
}

/** Walks a play, failing at the named tasks, and tells the names in the order of their turns. */
function walk(nodes: PlanNode[], failing: string[] = []): string[] {
  const names: string[] = [];
  let position = start(nodes);
  for (;;) {
    const step = next(position);
    if (step.kind !== 'node') return step.kind === 'failed' ? [...names, 'FAILED'] : names;
    const name = step.node.kind === 'task' ? step.node.node.name! : 'flush';
    names.push(name);
    if (!failing.includes(name)) {
      position = after(step.at);
      continue;
    }
    const onward = fail(step.at, failure);
    if (!onward) return [...names, 'FAILED'];
    position = onward.position;
  }
}

const cases: { name: string; nodes: PlanNode[]; failing?: string[]; expected: string[] }[] = [
  { name: 'a list', nodes: [task('a'), task('b')], expected: ['a', 'b'] },
  { name: 'a failure without a block', nodes: [task('a'), task('b')], failing: ['a'], expected: ['a', 'FAILED'] },
  {
    name: 'a block without a failure',
    nodes: [block({ block: [task('a')], rescue: [task('r')], always: [task('z')] }), task('b')],
    expected: ['a', 'z', 'b'],
  },
  {
    name: 'a rescue',
    nodes: [block({ block: [task('a'), task('x')], rescue: [task('r')], always: [task('z')] }), task('b')],
    failing: ['a'],
    expected: ['a', 'r', 'z', 'b'],
  },
  {
    name: 'always, and the failure again',
    nodes: [block({ block: [task('a')], always: [task('z')] }), task('b')],
    failing: ['a'],
    expected: ['a', 'z', 'FAILED'],
  },
  {
    name: 'a failure in rescue',
    nodes: [block({ block: [task('a')], rescue: [task('r')], always: [task('z')] }), task('b')],
    failing: ['a', 'r'],
    expected: ['a', 'r', 'z', 'FAILED'],
  },
  {
    name: 'an inner always on the way to an outer rescue',
    nodes: [block({ block: [block({ block: [task('a')], always: [task('z')] })], rescue: [task('r')] }), task('b')],
    failing: ['a'],
    expected: ['a', 'z', 'r', 'b'],
  },
];

for (const each of cases) test(each.name, () => assert.equal(walk(each.nodes, each.failing), each.expected));

test('knows whether a failure comes to a rescue, and which failure a rescue deals with', () => {
  const nodes = [block({ block: [task('a')], rescue: [task('r')] })];
  const first = next(start(nodes));
  assert.is(first.kind, 'node');
  const { at } = first as Extract<typeof first, { kind: 'node' }>;
  assert.ok(isRescued(at));
  const rescue = fail(at, failure)!;
  assert.ok(rescue.rescued);
});

test('walks the lists of an include one after the other, and comes back to a flush behind its handlers', () => {
  const nodes = [task('include'), task('b')];
  const names: string[] = [];
  let position = enterIncludes(start(nodes), [
    { nodes: [task('one')], layers: [] },
    { nodes: [task('two')], layers: [] },
  ]);
  for (let step = next(position); step.kind === 'node'; step = next(position)) {
    names.push((step.node as PlanTask).node.name!);
    position = after(step.at);
  }
  assert.equal(names, ['one', 'two', 'b']);
  const behind = next(after(enterHandlers(start(nodes), [task('h')], 0)));
  assert.is((behind as { node: PlanTask }).node.node.name, 'include');
});

test('numbers positions in the order of the walk, whatever is included or flushed', () => {
  const shape: fc.Arbitrary<PlanNode[]> = fc.letrec((tie) => ({
    nodes: fc.array(
      fc.oneof(
        { maxDepth: 3 },
        fc.constant(task('t') as PlanNode),
        fc
          .record({ block: tie('nodes'), rescue: tie('nodes'), always: tie('nodes') })
          .map((sections) => block(sections as never)),
      ),
      { maxLength: 5 },
    ),
  })).nodes as fc.Arbitrary<PlanNode[]>;
  fc.assert(
    fc.property(shape, fc.array(fc.boolean()), (nodes, fails) => {
      const seen: Position[] = [];
      let position = start(nodes);
      for (let turn = 0; turn < 300; turn++) {
        const step = next(position);
        if (step.kind !== 'node') break;
        seen.push(step.at);
        const onward = fails[turn % Math.max(1, fails.length)] ? fail(step.at, failure) : undefined;
        position = onward?.position ?? after(step.at);
      }
      for (let i = 1; i < seen.length; i++) {
        assert.ok(orderOf(seen[i]!) > orderOf(seen[i - 1]!));
        assert.ok(comparePositions(seen[i]!, seen[i - 1]!) > 0);
      }
    }),
  );
});

test.run();
