import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSelected } from '../../run/plan/tags.ts';
import type { TaskNode } from '../../run/playbook/model.ts';

const test = suite('tags');
const place = { file: 'p.yaml', line: 1, column: 1 };

/** Tags of the task, `--tags`, `--skip-tags`, and whether it runs; checked against ansible-core's evaluate_tags. */
const cases: [tags: string[], only: string[], skip: string[], runs: boolean][] = [
  [[], [], [], true],
  [['a'], [], [], true],
  [['a'], ['a'], [], true],
  [['a'], ['b'], [], false],
  [['a,b'], ['b'], [], true],
  [[], ['a'], [], false],
  [[], ['untagged'], [], true],
  [['a'], ['untagged'], [], false],
  [['a'], ['tagged'], [], true],
  [[], ['tagged'], [], false],
  [['always'], ['x'], [], true],
  [['always'], ['x'], ['always'], false],
  [['never'], [], [], false],
  [['never', 'a'], ['a'], [], true],
  [['never'], ['never'], [], true],
  [['never', 'a'], ['tagged'], [], false],
  [['a'], [], ['a'], false],
  [['a', 'b'], ['a'], ['b'], false],
  [['always'], [], ['all'], true],
  [['a'], [], ['all'], false],
  [['a'], [], ['tagged'], false],
  [[], [], ['tagged'], true],
  [[], [], ['untagged'], false],
];

for (const [tags, only, skip, runs] of cases) {
  test(`[${tags}] under --tags [${only}] --skip-tags [${skip}]`, () => {
    const task: TaskNode = { kind: 'task', id: 1, place, module: 'debug', moduleName: 'debug', args: {}, tags };
    assert.is(isSelected(task, tags, { only, skip }), runs);
  });
}

test.run();
