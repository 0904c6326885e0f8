import { rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadPlaybook, loadRole, loadTaskFile } from '../../run/playbook/loader.ts';
import type { BlockNode, TaskNode } from '../../run/playbook/model.ts';
import { load, tasksIn, withTree } from './tree.ts';

const model = suite('playbook model');

const one = async (task: string, check: (task: TaskNode) => void, files: Record<string, string> = {}): Promise<void> =>
  withTree({ 'site.yml': `- hosts: all\n  tasks:\n    - ${task}\n`, ...files }, async (directory) => {
    const { playbook } = await load(directory);
    check(tasksIn(playbook.plays[0]!.tasks)[0]!);
  });

const FORMS: [text: string, module: string, args: unknown, template?: string][] = [
  ['copy: {dest: /x, content: "{{ y }}"}', 'copy', { dest: '/x', content: '{{ y }}' }],
  ['copy: dest=/x content="a b"', 'copy', { dest: '/x', content: 'a b' }],
  ['ansible.builtin.copy: dest={{ a + b }}', 'copy', { dest: '{{ a + b }}' }],
  ['ansible.legacy.ping:', 'ping', {}],
  ['action: copy dest=/x content=y', 'copy', { dest: '/x', content: 'y' }],
  ['action: {module: copy, dest: /x}', 'copy', { dest: '/x' }],
  ['action: {module: copy content=z, args: {dest: /x}}', 'copy', { content: 'z', dest: '/x' }],
  [
    '{command: echo "a  b" x=1 creates=/c, args: {chdir: /d}}',
    'command',
    { chdir: '/d', creates: '/c', cmd: 'echo "a  b" x=1' },
  ],
  ['{copy: {dest: /x}, args: {dest: /y, content: z}}', 'copy', { dest: '/x', content: 'z' }],
  ['{copy: {dest: /x}, args: "{{ more }}"}', 'copy', { dest: '/x' }, '{{ more }}'],
  ['copy: "{{ all }}"', 'copy', {}, '{{ all }}'],
  ['action: "{{ what }} a=1"', '{{ what }}', { a: '1' }],
  ['meta: flush_handlers', 'meta', { free_form: 'flush_handlers' }],
  ['set_fact: a=1 b="{{ c }}"', 'set_fact', { a: '1', b: '{{ c }}' }],
];

for (const [text, module, args, template] of FORMS)
  model(`task: ${text}`, () =>
    one(text, (task) => {
      assert.is(task.module, module);
      assert.equal({ ...task.args }, args);
      assert.is(task.argsTemplate, template);
    }),
  );

model('local_action delegates', () => one('local_action: ping', (task) => assert.is(task.delegateTo, 'localhost')));

model('keywords of a task', () =>
  one(
    '{ping: , name: 5, when: [a, b == 1, true], tags: "x, y", loop: [1], loop_control: {loop_var: i, label: "{{ i }}", extended: yes}, register: r, until: r is success, retries: 2, notify: ["{{ h }}"], ignore_errors: yes, environment: {A: 1}, become_user: u, changed_when: false, async: 10, poll: 5, no_log: "{{ z }}", run_once: true, delegate_facts: true, throttle: 1, vars: [{a: 1}, {b: 2}]}',
    (task) => {
      assert.is(task.name, '5');
      assert.equal(
        task.when!.map((each) => each.expression),
        ['a', 'b == 1', true],
      );
      assert.equal(task.tags, ['x', 'y']);
      assert.is(task.loop!.kind, 'loop');
      assert.equal(task.loop!.control, { loopVar: 'i', label: '{{ i }}', extended: true, extendedAllItems: true });
      assert.equal(
        [
          task.register,
          task.retries,
          task.notify,
          task.ignoreErrors,
          task.becomeUser,
          task.async,
          task.poll,
          task.noLog,
        ],
        ['r', 2, ['{{ h }}'], true, 'u', 10, 5, '{{ z }}'],
      );
      assert.equal(
        task.changedWhen!.map((each) => each.expression),
        [false],
      );
      assert.equal(
        task.environment!.map((each) => ({ ...(each as object) })),
        [{ A: 1 }],
      );
      assert.equal({ ...task.vars }, { a: 1, b: 2 });
    },
  ),
);

model('notify of a block reaches its tasks', () =>
  withTree(
    {
      'site.yml':
        '- hosts: all\n  tasks:\n    - block: [{ping: }, {ping: , notify: b}]\n      notify: a\n  handlers: [{name: a, ping: }, {name: b, ping: }]\n',
    },
    async (directory) => {
      const { playbook } = await load(directory);
      assert.equal(
        tasksIn(playbook.plays[0]!.tasks).map((task) => task.notify),
        [['a'], ['b']],
      );
    },
  ),
);

model('a role: variables, parameters, handlers, dependencies', () =>
  withTree(
    {
      'site.yml':
        '- hosts: all\n  roles:\n    - {role: r, vars: {v: use, w: use}, param: 1, tags: t, when: c, become: true}\n    - s\n    - s\n  handlers: [{name: own, ping: }]\n',
      'roles/r/vars/main.yml': 'v: file\n',
      'roles/r/defaults/main/a.yml': 'd: 1\ne: 1\n',
      'roles/r/defaults/main/b.yml': 'd: 2\n',
      'roles/r/meta/main.yml':
        'dependencies: [{role: s, p: 2}]\nargument_specs: {main: {options: {param: {type: int}}}}\n',
      'roles/r/tasks/main.yml': '- ping:\n',
      'roles/r/handlers/main.yml': '- {name: of r, ping: }\n- import_tasks: more.yml\n',
      'roles/r/handlers/more.yml': '- {name: more, ping: }\n',
      'roles/s/tasks/main.yml': '- ping:\n',
      'roles/s/handlers/main.yml': '- {name: of s, ping: }\n',
    },
    async (directory) => {
      const play = (await load(directory)).playbook.plays[0]!;
      const [block, s, again] = play.roleBlocks as [BlockNode, BlockNode, BlockNode];
      const role = block.role!;
      assert.equal({ ...role.vars }, { v: 'file', w: 'use' });
      assert.equal({ ...role.defaults }, { d: 2, e: 1 });
      assert.equal({ ...role.params }, { param: 1 });
      assert.equal([block.tags, block.become, block.vars, block.when!.length], [['t'], true, undefined, 1]);
      assert.equal(Object.keys(role.argumentSpecs), ['main']);
      assert.equal(
        role.dependencies.map((each) => each.name),
        ['s'],
      );
      assert.equal(
        tasksIn([block]).map((task) => `${task.role!.name}: ${task.module}`),
        ['s: ping', 'r: validate_argument_spec', 'r: ping'],
      );
      assert.is(s.role!.identity, again.role!.identity);
      assert.is.not(s.role!.identity, role.dependencies[0]!.identity);
      assert.equal(
        tasksIn(play.handlers).map((task) => task.name),
        ['of s', 'of r', 'more', 'of s', 'own'],
      );
      assert.equal(
        play.roles.map((each) => each.name),
        ['s', 'r', 's'],
      );
      const ids = tasksIn([...play.roleBlocks, ...play.handlers]).map((task) => task.id);
      assert.is(new Set(ids).size, ids.length, 'every task has an id of its own');
    },
  ),
);

model("a collection's role and playbook", () =>
  withTree(
    {
      'site.yml':
        '- hosts: all\n  roles: [ns.coll.r]\n- hosts: all\n  collections: [ns.coll]\n  roles: [r]\n- import_playbook: ns.coll.pb\n',
      'c/ansible_collections/ns/coll/roles/r/tasks/main.yml': '- ping:\n',
      'c/ansible_collections/ns/coll/playbooks/pb.yml': '- hosts: all\n  tasks: [{ping: }]\n',
    },
    async (directory) => {
      const { playbook } = await load(directory, { collectionsPath: [`${directory}/c`] });
      assert.equal(
        playbook.plays.map((play) => tasksIn([...play.roleBlocks, ...play.tasks]).length),
        [1, 1, 1],
      );
      assert.is(playbook.plays[0]!.roles[0]!.name, 'ns.coll.r');
    },
  ),
);

model('import_playbook hands down vars, tags and conditions', () =>
  withTree(
    {
      'site.yml': '- import_playbook: sub/a.yml\n  vars: {x: 1}\n  tags: t\n  when: c\n',
      'sub/a.yml': '- import_playbook: b.yml\n  vars: {x: 2, y: 2}\n',
      'sub/b.yml': '- hosts: all\n  vars: {x: 3, z: 3}\n  roles: [r]\n',
      'sub/roles/r/tasks/main.yml': '- ping:\n',
    },
    async (directory) => {
      const play = (await load(directory)).playbook.plays[0]!;
      assert.equal({ ...play.vars }, { x: 1, y: 2, z: 3 });
      assert.equal([play.tags, play.when!.map((each) => each.expression)], [['t'], ['c']]);
      assert.is(tasksIn(play.roleBlocks).length, 1);
    },
  ),
);

model('files and roles during the run', () =>
  withTree(
    {
      'site.yml': '- hosts: all\n  roles: [r]\n',
      'roles/r/tasks/main.yml': '- include_tasks: x.yml\n',
      'roles/r/tasks/x.yml': '- import_tasks: y.yml\n',
      'roles/r/tasks/y.yml': '- ping:\n',
      'roles/q/tasks/b.yml': '- ping:\n',
      'roles/q/meta/main.yml': 'dependencies: [r]\n',
    },
    async (directory) => {
      const { playbook, context } = await load(directory);
      const include = tasksIn(playbook.plays[0]!.roleBlocks)[0]!;
      const nodes = await loadTaskFile(
        `${directory}/roles/r/tasks/x.yml`,
        { role: include.role, place: include.place },
        context,
      );
      assert.equal(
        tasksIn(nodes).map((task) => [task.module, task.role === include.role]),
        [['ping', true]],
      );
      const role = await loadRole('q', { tasksFrom: 'b.yml' }, include.place, context);
      assert.equal(
        tasksIn(role.tasks).map((task) => [task.module, task.role!.name]),
        [
          ['include_tasks', 'r'],
          ['ping', 'q'],
        ],
      );
    },
  ),
);

model('each file is read once', () =>
  withTree(
    {
      'site.yml': `- hosts: all\n  tasks:\n${'    - import_tasks: t.yml\n'.repeat(50)}`,
      't.yml': '- ping:\n'.repeat(40),
    },
    async (directory) => {
      const { playbook, context } = await load(directory);
      assert.is(tasksIn(playbook.plays[0]!.tasks).length, 2000);
      rmSync(`${directory}/t.yml`);
      const again = await loadPlaybook(`${directory}/site.yml`, context);
      assert.is(tasksIn(again.plays[0]!.tasks).length, 2000);
    },
  ),
);

model('warns of the old include and of an empty file', () =>
  withTree(
    {
      'site.yml': '- hosts: all\n  tasks:\n    - include: a.yml x=1\n    - import_tasks: b.yml\n',
      'a.yml': '- ping:\n',
      'b.yml': '# nothing\n',
    },
    async (directory) => {
      const { playbook, warnings } = await load(directory);
      assert.equal(
        warnings.map((each) => each.place?.line),
        [3, 4],
      );
      assert.equal({ ...(playbook.plays[0]!.tasks[0] as BlockNode).vars }, { x: '1' });
    },
  ),
);

model('warns of braces in conditions', () =>
  withTree(
    {
      'site.yml':
        '- hosts: all\n  roles: [{role: r, when: "{{ a }}"}]\n  tasks:\n    - ping:\n      until: "{{ b }}"\n      when: fine\n    - block: []\n      when: ["{{ c }}"]\n',
      'roles/r/tasks/main.yml': '- ping:\n',
    },
    async (directory) => {
      const { warnings } = await load(directory);
      assert.equal(
        warnings.map((each) => [each.place?.line, /Found: \{\{ (\w) \}\}/.exec(each.message)?.[1]]),
        [
          [2, 'a'],
          [5, 'b'],
          [8, 'c'],
        ],
      );
    },
  ),
);

model.run();
