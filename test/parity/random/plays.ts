import fc, { type Arbitrary } from 'fast-check';
import { CONDITIONS, VALUES } from './expressions.ts';
import { type Task, tasks } from './tasks.ts';

/** A random playbook and the arguments it is run with. */
export interface RandomPlaybook {
  plays: Task[];
  args: string[];
}

const PLAY = fc.record(
  {
    hosts: fc.constantFrom('h1,h2', 'h1,h2', 'all', 'lamps', 'h1', 'h1'),
    pre_tasks: tasks({ min: 1, max: 1 }, 0),
    roles: fc.constantFrom<unknown[]>(['base'], [{ role: 'served', served_word: 'w' }], ['outer']),
    tasks: tasks({ min: 2, max: 5 }),
    post_tasks: tasks({ min: 1, max: 1 }, 0),
    handler: VALUES,
    handlerWhen: CONDITIONS,
    strategy: fc.constantFrom('linear', 'free'),
    serial: fc.constantFrom<unknown>(1, [1, 2], '50%', '{{ 2 }}'),
    any_errors_fatal: fc.constant(true),
    max_fail_percentage: fc.constantFrom(0, 40, 70),
    force_handlers: fc.constant(true),
    ignore_errors: fc.constant(true),
    order: fc.constantFrom('reverse_inventory', 'sorted'),
    environment: fc.constant({ PLAY: 'p' }),
    module_defaults: fc.constant({ debug: { msg: 'by default' } }),
  },
  { requiredKeys: ['hosts', 'tasks', 'handler'] },
);

const RARE = [
  'strategy',
  'serial',
  'any_errors_fatal',
  'max_fail_percentage',
  'force_handlers',
  'ignore_errors',
  'order',
  'module_defaults',
] as const;

const ARGUMENTS = fc.oneof(
  { weight: 8, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<string[]>(
      ['--tags', 'one'],
      ['--skip-tags', 'two'],
      ['-e', 'v1=5'],
      ['--limit', 'h1:h3'],
      ['--force-handlers'],
    ),
  },
);

/** One play, now and then two. */
export const PLAYBOOKS: Arbitrary<RandomPlaybook> = fc.record({
  plays: fc.array(
    fc
      .record({
        made: PLAY,
        rare: fc.oneof(
          { weight: 2, arbitrary: fc.constant('none') },
          { weight: 1, arbitrary: fc.constantFrom(...RARE) },
        ),
      })
      .map(({ made, rare }) => {
        const { handler, handlerWhen, ...play } = made;
        for (const keyword of RARE) if (keyword !== rare) delete play[keyword];
        return {
          ...play,
          gather_facts: false,
          vars: { v1: 1, v2: true, v4: ['x', 'y'] },
          handlers: [
            { name: 'one', debug: { msg: handler } },
            {
              name: 'two',
              command: 'echo two',
              listen: 'topic',
              ...(handlerWhen === undefined ? {} : { when: handlerWhen }),
            },
            { name: 'listens too', debug: { msg: 'topic' }, listen: ['topic'] },
            { name: 'chain', command: 'echo chain', notify: 'one' },
          ],
        } as Task;
      }),
    { minLength: 1, maxLength: 1 },
  ),
  args: ARGUMENTS,
});
