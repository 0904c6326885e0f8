import fc, { type Arbitrary } from 'fast-check';
import { CONDITIONS, ITEM_CONDITIONS, LOOPS, VALUES } from './expressions.ts';

/* Random tasks, blocks and includes. A task is what stands in the playbook, as a mapping. */

export type Task = Record<string, unknown>;

const RESULTS = fc.constantFrom('r1', 'r2', 'r3');
const VARIABLES = fc.constantFrom('v1', 'v2', 'v3');
const HANDLERS = fc.constantFrom('one', 'two', 'topic', 'chain');
/** Every host has a directory for itself. */
const HOME = '{{ scratch }}/work/{{ inventory_hostname }}';
const FILES = fc.constantFrom('a', 'b', 'sub/c').map((name) => `${HOME}-${name.replace('/', '-')}`);
const MODES = fc.constantFrom('0644', '0600', 'u=rw,g=r,o=');

const tells: Arbitrary<Task> = fc.oneof(
  VALUES.map((msg) => ({ debug: { msg } })),
  fc.constantFrom({ debug: { var: 'v1' } }, { debug: { var: 'r1.rc' } }, { debug: { var: 'v4' } }, { debug: null }),
);

const sets: Arbitrary<Task> = fc
  .record({ name: VARIABLES, value: VALUES })
  .map(({ name, value }) => ({ set_fact: { [name]: value } }));

const judges: Arbitrary<Task> = fc.oneof(
  CONDITIONS.map((that) => ({ assert: { that, fail_msg: 'no on {{ inventory_hostname }}' } })),
  CONDITIONS.map((when) => ({ fail: { msg: 'stop {{ v1 }}' }, when })),
);

const commands: Arbitrary<Task> = fc
  .record(
    {
      module: fc.constantFrom('command', 'shell', 'ansible.builtin.command'),
      script: fc.constantFrom('echo out', 'echo {{ v1 }}', 'true', 'false', 'echo {{ item | default("alone") }}'),
      changed_when: fc.oneof(fc.boolean(), fc.constantFrom('v1 == 1', 'r9.rc == 0')),
      failed_when: fc.oneof(
        fc.constant(false),
        fc.constantFrom('r9.rc == 1', "'2' in r9.stdout", ['r9.rc == 0', 'not v2']),
      ),
    },
    { requiredKeys: ['module', 'script'] },
  )
  .map(({ module, script, changed_when, failed_when }) => ({
    [module]: script,
    ...(changed_when === undefined ? {} : { changed_when }),
    ...(failed_when === undefined ? {} : { failed_when }),
    register: 'r9',
  }));

const files: Arbitrary<Task> = fc.oneof(
  fc
    .record({ path: FILES, state: fc.constantFrom('touch', 'absent', 'file', 'directory'), mode: MODES })
    .map(({ path, state, mode }) => ({
      file:
        state === 'touch'
          ? { path, state, mode }
          : state === 'directory'
            ? { path: `${path}.d/e`, state }
            : { path, state },
    })),
  fc
    .record({
      dest: FILES,
      content: fc.constantFrom('one\n', '{{ v1 }}\n', 'one\ntwo\n', '{{ v4 | to_json }}'),
      mode: MODES,
    })
    .map(({ dest, content, mode }) => ({ copy: { dest, content, mode } })),
  fc
    .record({ path: FILES, line: fc.constantFrom('one', 'three {{ v1 }}'), create: fc.boolean() })
    .map(({ path, line, create }) => ({ lineinfile: { path, line, create, mode: '0644' } })),
  fc
    .record({ path: FILES, block: fc.constantFrom('x\ny', '{{ v1 }}'), state: fc.constantFrom('present', 'absent') })
    .map(({ path, block, state }) => ({ blockinfile: { path, block, state, create: true, mode: '0644' } })),
  fc.record({ path: FILES, replace: fc.constantFrom('ONE', '<\\1>') }).map(({ path, replace }) => ({
    replace: { path, regexp: '(one)', replace },
  })),
  FILES.map((path) => ({ stat: { path } })),
  FILES.map((src) => ({ slurp: { src } })),
  FILES.map((dest) => ({ template: { src: 'motd.j2', dest, mode: '0644' } })),
);

const metas: Arbitrary<Task> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Task>({ meta: 'flush_handlers' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Task>(
      { meta: 'end_host', when: 'number | int == 2' },
      { meta: 'noop' },
      { meta: 'clear_facts' },
    ),
  },
);

const includes: Arbitrary<Task> = fc.oneof(
  fc
    .record({
      file: fc.constantFrom('tells', 'registers', 'fails', 'inner-loop', 'tagged'),
      kind: fc.constantFrom('include_tasks', 'import_tasks'),
      vars: fc.option(fc.constant({ told: 'by {{ inventory_hostname }}', outer: 'o' }), { nil: undefined }),
    })
    .map(({ file, kind, vars }) => ({
      [kind]: `tasks/${file}.yaml`,
      ...(vars || file === 'inner-loop' ? { vars: vars ?? { outer: 'p' } } : {}),
    })),
  fc
    .record({
      name: fc.constantFrom('served', 'base', 'outer', 'tasksfrom'),
      kind: fc.constantFrom('include_role', 'import_role'),
      vars: fc.option(fc.constant({ served_word: 'given {{ v1 }}' }), { nil: undefined }),
    })
    .map(({ name, kind, vars }) => ({ [kind]: { name }, ...(vars ? { vars } : {}) })),
);

const LOOPABLE = new Set([
  'debug',
  'command',
  'shell',
  'ansible.builtin.command',
  'set_fact',
  'include_tasks',
  'include_role',
  'assert',
]);
/** Keywords that may stand on an include; others would be refused. */
const ON_INCLUDES = ['when', 'tags', 'loop', 'ignore_errors', 'register', 'run_once'];

const DICE = 16;

/** A module with random keywords around it. */
const single: Arbitrary<Task> = fc
  .record(
    {
      // Most tasks have few of the keywords: each is taken when its number is below a percentage.
      dice: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: DICE, maxLength: DICE }),
      own: fc.oneof(
        { weight: 5, arbitrary: tells },
        { weight: 3, arbitrary: sets },
        { weight: 2, arbitrary: judges },
        { weight: 6, arbitrary: commands },
        { weight: 4, arbitrary: files },
        { weight: 1, arbitrary: metas },
        { weight: 3, arbitrary: includes },
      ),
      when: CONDITIONS,
      loop: LOOPS,
      itemWhen: ITEM_CONDITIONS,
      register: RESULTS,
      notify: fc.oneof(HANDLERS, fc.uniqueArray(HANDLERS, { minLength: 1, maxLength: 2 })),
      ignore_errors: fc.constant(true),
      tags: fc.constantFrom<unknown>('one', ['two', 'three'], 'always', 'never'),
      run_once: fc.constant(true),
      delegate_to: fc.constantFrom('h1', 'h3', '{{ groups.lamps | first }}'),
      vars: fc.constantFrom({ v1: 7 }, { v4: ['{{ inventory_hostname }}'] }),
      until: fc.constantFrom('r9 is succeeded', 'r9.rc == 0 or v2'),
      no_log: fc.constant(true),
      environment: fc.constant({ WORD: '{{ v1 }}' }),
      throttle: fc.constant(1),
      become: fc.constant(false),
    },
    { requiredKeys: ['own', 'dice'] },
  )
  .map(({ dice, ...all }) => {
    const left = dice.values();
    return compose(all, () => left.next().value ?? 99);
  });

type Parts = { own: Task } & Partial<Record<string, unknown>>;

function compose(all: Parts, dice: () => number): Task {
  const task: Task = { ...all.own };
  const module = Object.keys(task).find(
    (key) => !['when', 'register', 'changed_when', 'failed_when', 'vars'].includes(key),
  )!;
  const isInclude = /^(?:include|import)_/.test(module);
  const isImport = module.startsWith('import_');
  const runs = ['command', 'shell', 'ansible.builtin.command'].includes(module);
  const give = (key: string, percent: number): boolean => {
    const chosen = dice() < percent && all[key] !== undefined;
    return (
      chosen && module !== 'meta' && (!isInclude || ON_INCLUDES.includes(key)) && (key !== 'run_once' || !isInclude)
    );
  };
  if (give('when', 30)) task.when = all.when;
  if (give('loop', 30) && LOOPABLE.has(module)) {
    Object.assign(task, all.loop as Task);
    if (dice() < 40 && task.when === undefined) task.when = all.itemWhen;
  }
  if (!isImport && give('register', 40) && task.register === undefined) task.register = all.register;
  if (give('notify', 25)) task.notify = all.notify;
  if (!isImport && give('ignore_errors', 20)) task.ignore_errors = all.ignore_errors;
  if (give('tags', 10)) task.tags = all.tags;
  if (give('run_once', 6)) task.run_once = all.run_once;
  if (give('delegate_to', 8)) task.delegate_to = all.delegate_to;
  if (give('vars', 12) && !isInclude) task.vars = all.vars;
  if (runs && give('until', 12)) Object.assign(task, { until: all.until, retries: 2, delay: 0 });
  if (give('no_log', 3)) task.no_log = true;
  if (runs && give('environment', 8)) task.environment = all.environment;
  if (give('throttle', 4)) task.throttle = 1;
  if (give('become', 2)) task.become = false;
  return task;
}

/** Tasks, some of them blocks. */
export function tasks(size: { min: number; max: number }, depth = 2): Arbitrary<Task[]> {
  const each =
    depth === 0
      ? single
      : fc.oneof({ weight: 7, arbitrary: single }, { weight: 1, arbitrary: fc.constant(0).chain(() => block(depth)) });
  return fc.array(each, { minLength: size.min, maxLength: size.max });
}

function block(depth: number): Arbitrary<Task> {
  return fc
    .record(
      {
        block: tasks({ min: 1, max: 2 }, depth - 1),
        rescue: tasks({ min: 1, max: 1 }, depth - 1),
        always: tasks({ min: 1, max: 1 }, depth - 1),
        when: CONDITIONS,
        vars: fc.constantFrom({ v1: 3 }, { v3: 'from the block' }),
        tags: fc.constant('one'),
        ignore_errors: fc.constant(true),
      },
      { requiredKeys: ['block'] },
    )
    .map((made) => ({
      ...made,
      ...(made.rescue
        ? {
            rescue: [
              { debug: { msg: '{{ ansible_failed_task.name }} {{ ansible_failed_result.failed }}' } },
              ...made.rescue,
            ],
          }
        : {}),
    }));
}
