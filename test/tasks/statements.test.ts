import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskDefinition } from '../../run/task.ts';
import addHost from '../../tasks/add_host.ts';
import groupBy from '../../tasks/group_by.ts';
import importPlaybook from '../../tasks/import_playbook.ts';
import importRole from '../../tasks/import_role.ts';
import importTasks from '../../tasks/import_tasks.ts';
import includeRole from '../../tasks/include_role.ts';
import includeTasks from '../../tasks/include_tasks.ts';
import includeVars from '../../tasks/include_vars.ts';
import meta from '../../tasks/meta.ts';

/** Statements of the language: the executor carries them out; here are their arguments. */
const test = suite('arguments of statements');

function cases<A>(definition: TaskDefinition<A>, good: [object, object][], bad: object[]): void {
  test(definition.name, () => {
    assert.is(definition.control, true);
    for (const [given, expected] of good) assert.equal(definition.args.parse(given), expected);
    for (const given of bad) assert.not.ok(definition.args.safeParse(given).success, JSON.stringify(given));
  });
}

cases(meta, [[{ free_form: 'flush_handlers' }, { free_form: 'flush_handlers' }]], [{ free_form: 'flush' }, {}]);
cases(
  includeTasks,
  [
    [{ file: 'a.yml' }, { file: 'a.yml', apply: {} }],
    [
      { file: 'a.yml', apply: { tags: 'x' } },
      { file: 'a.yml', apply: { tags: 'x' } },
    ],
  ],
  [{}, { file: '' }, { file: 'a', apply: 'b' }, { file: 'a', vars: {} }],
);
cases(importTasks, [[{ file: 'a.yml' }, { file: 'a.yml' }]], [{ file: 'a', apply: {} }]);
cases(importPlaybook, [[{ file: 'a.yml' }, { file: 'a.yml' }]], [{}]);
const role = {
  name: 'lamp',
  tasks_from: 'main',
  vars_from: 'main',
  defaults_from: 'main',
  handlers_from: 'main',
  allow_duplicates: true,
  rolespec_validate: true,
};
cases(
  includeRole,
  [
    [{ name: 'lamp' }, { ...role, public: false, apply: {} }],
    [
      { name: 'lamp', tasks_from: '../x/y.yml', public: 'yes', allow_duplicates: 'no' },
      { ...role, tasks_from: 'y.yml', public: true, allow_duplicates: false, apply: {} },
    ],
  ],
  [{}, { name: 'a', task_from: 'b' }],
);
cases(
  importRole,
  [[{ name: 'lamp' }, role]],
  [
    { name: 'a', public: true },
    { name: 'a', apply: {} },
  ],
);
cases(
  includeVars,
  [
    [
      { dir: 'vars', ignore_files: 'a.yml, b.yml', hash_behaviour: 'merge' },
      {
        dir: 'vars',
        depth: 0,
        ignore_files: ['a.yml', 'b.yml'],
        extensions: ['yaml', 'yml', 'json'],
        ignore_unknown_extensions: false,
        hash_behaviour: 'merge',
      },
    ],
  ],
  [{}, { file: 'a', dir: 'b' }, { dir: 'a', files_matching: '(' }, { file: 'a', hash_behaviour: 'deep' }],
);
cases(
  addHost,
  [
    [
      { name: 'h1', groups: 'a,b', ansible_port: 22 },
      { name: 'h1', groups: ['a', 'b'], ansible_port: 22 },
    ],
  ],
  [{ groups: 'a' }],
);
cases(
  groupBy,
  [
    [{ key: 'os Debian GNU' }, { key: 'os-Debian-GNU', parents: ['all'] }],
    [
      { key: 'a', parents: ['b c'] },
      { key: 'a', parents: ['b-c'] },
    ],
  ],
  [{}],
);

test('each takes its bare string, and the names Ansible gives it', () => {
  assert.equal(includeTasks.freeForm, { argument: 'file', keyValues: 'known-only' });
  assert.equal(meta.freeForm, { argument: 'free_form', keyValues: 'none' });
  assert.ok(importRole.argAliases!.name!.includes('role'));
  assert.ok(addHost.argAliases!.name!.includes('hostname'));
});

test.run();
