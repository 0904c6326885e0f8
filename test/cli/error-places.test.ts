import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { main } from '../../run/cli.ts';
import { withTree } from '../playbook/tree.ts';
import { fakeIo } from './fake-io.ts';

/* What a failure says of where it is, through include_tasks, import_tasks, include_role and a template. */

const places = suite('places of failures');

const FILES = {
  'site.yml': '- hosts: localhost\n  gather_facts: no\n  tasks:\n    - include_tasks: more.yml\n',
  'more.yml': '- import_tasks: most.yml\n',
  'most.yml': '- include_role: {name: lamp}\n',
  'roles/lamp/tasks/main.yml': `- debug:
    msg: "id {{ lmap_id }}"
  ignore_errors: yes
- debug: {msg: "{{ [1] | combine(2) }}"}
  ignore_errors: yes
- debug: {msg: x}
  when: nix == 1
  ignore_errors: yes
- template: {src: a.j2, dest: /nowhere/x}
`,
  'roles/lamp/templates/a.j2': 'x\n{{ lmap_id }}\n',
};

places('each names the expression, its place, and the includes that led there', () =>
  withTree(FILES, async (cwd) => {
    const before = process.cwd();
    process.chdir(cwd);
    const { io, out } = fakeIo({ cwd });
    try {
      assert.is(await main([join(cwd, 'site.yml'), '-i', 'localhost,', '-c', 'local', '-e', 'lamp_id=1'], io), 2);
    } finally {
      process.chdir(before);
    }
    const chain = ['    included at most.yml:1', '    included at more.yml:1', '    included at site.yml:4'];
    const failures = out()
      .split(/\n\nTASK .*\n/)
      .slice(3)
      .map((text) => text.split('\n\n')[0]!.split('\n'));
    assert.equal(failures, [
      [
        "fatal: [localhost]: FAILED! => 'lmap_id' is undefined",
        '    in id {{ lmap_id }}, roles/lamp/tasks/main.yml:2',
        '    did you mean "lamp_id"?',
        '    at roles/lamp/tasks/main.yml:1',
        ...chain,
        '...ignoring',
      ],
      [
        "fatal: [localhost]: FAILED! => failed to combine variables, expected dicts but got a 'int': 1",
        '    in {{ [1] | combine(2) }}, roles/lamp/tasks/main.yml:4',
        '    at roles/lamp/tasks/main.yml:4',
        ...chain,
        '...ignoring',
      ],
      [
        "fatal: [localhost]: FAILED! => The conditional check 'nix == 1' failed. The error was: 'nix' is undefined",
        '    at roles/lamp/tasks/main.yml:6',
        ...chain,
        '...ignoring',
      ],
      [
        "fatal: [localhost]: FAILED! => 'lmap_id' is undefined, at roles/lamp/templates/a.j2:2:4",
        '    did you mean "lamp_id"?',
        '    at roles/lamp/tasks/main.yml:9',
        ...chain,
      ],
    ]);
  }),
);

places.run();
