import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { complaint, lighter, scratch } from '../helpers/lighter.ts';

/* Which changes are a block's own: nested blocks on this machine, for real and as a dry run, which has to say the same. */

const test = suite('rollback in blocks');

for (const mode of [[], ['--check']])
  test(`an inner rescue puts back the inner block, the outer one both ${mode}`, async () => {
    const files = scratch();
    const write = (name: string) => ({ copy: { content: name, dest: files.path(name) } });
    const look = (name: string) => ({ stat: { path: files.path(name) }, register: name });
    const say = (...names: string[]) => names.map((name) => `${name} {{ ${name}.stat.exists }}`).join(' ');
    try {
      const inner = {
        block: [write('deep'), { fail: { msg: 'inner' } }],
        rescue: [{ rollback: {} }, look('deep'), look('inside'), { fail: { msg: say('deep', 'inside') } }],
      };
      const outer = {
        block: [write('inside'), inner],
        rescue: [{ rollback: {} }, look('inside'), look('outside'), { debug: { msg: say('inside', 'outside') } }],
      };
      const plays = [{ hosts: 'all', gather_facts: false, tasks: [write('outside'), outer] }];
      const book = files.write('site.yaml', stringify(plays));
      const run = await lighter(['-i', 'here,', '-c', 'local', book, ...mode]);
      assert.is(run.exitCode, 0, complaint(run));
      assert.equal(
        run.tasks.filter(({ module }) => ['fail', 'debug'].includes(module)).map(({ result }) => result.msg),
        ['inner', 'deep False inside True', 'inside False outside True'],
      );
    } finally {
      files.remove();
    }
  });

test.run();
