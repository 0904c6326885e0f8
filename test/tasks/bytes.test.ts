import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskDefinition } from '../../run/task.ts';
import command from '../../tasks/command.ts';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import lineinfile from '../../tasks/lineinfile.ts';
import { runStep, withSession } from '../helpers/step.ts';

const test = suite('tasks: bytes sent');

test('a hundred tasks of a usual play, the runtime included, are under 100 KB', () =>
  withSession(async (open) => {
    const { session, dir } = open;
    const run = <A>(definition: TaskDefinition<A>, args: Record<string, unknown>) =>
      runStep(definition, args, { bench: open });
    for (let i = 0; i < 20; i++) {
      const path = (name: string) => join(dir, `d${i}`, name);
      await run(file, { path: join(dir, `d${i}`), state: 'directory', mode: '0750' });
      await run(copy, { dest: path('listener.conf'), content: `listener ${1883 + i}\nuser mosquitto\n`, mode: '0640' });
      await run(lineinfile, { path: path('listener.conf'), regexp: '^user ', line: 'user root' });
      await run(command, { cmd: `touch ${path('mark')}`, creates: path('mark') });
      const { result } = await run(file, { path: path('mark'), mode: '0600' });
      assert.is(result.failed, undefined);
    }
    assert.ok(session.traffic.sent < 100_000, `${session.traffic.sent} bytes`);
  }));

test.run();
