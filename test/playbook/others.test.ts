import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { isForeign } from '../../run/playbook/foreign-modules.ts';
import { load, withTree } from './tree.ts';

/* What roles that were written for many systems hold: a warning, and a failure only on a host that comes to it. */

const others = suite('roles of others');

const modulePlay = (task: string) => `- hosts: all\n  roles: [r]\n  tasks:\n    - ${task}\n`;
const TREE = {
  'roles/r/tasks/main.yml': '- {own_module: {x: 1}, when: false}\n- sibling_module: a=b\n- ns.col.third: {}\n',
  'roles/r/library/own_module.py': '#!/usr/bin/python\n',
  'roles/s/library/sibling_module': '#!/usr/bin/python\n',
  'collections/ansible_collections/ns/col/plugins/modules/third.py': '',
};

others('a module in Python that comes with a role, a playbook or a collection', () =>
  withTree({ ...TREE, 'site.yml': modulePlay('local_thing:'), 'library/local_thing.py': '' }, async (directory) => {
    const { playbook, warnings } = await load(directory);
    assert.equal(
      warnings.map(({ message }) => /the module "(\S+)" \((\S+)\) needs Python/.exec(message)?.slice(1, 3)),
      [
        ['own_module', `${directory}/roles/r/library/own_module.py`],
        ['sibling_module', `${directory}/roles/s/library/sibling_module`],
        ['ns.col.third', `${directory}/collections/ansible_collections/ns/col/plugins/modules/third.py`],
        ['local_thing', `${directory}/library/local_thing.py`],
      ],
    );
    const [task] = playbook.plays[0]!.tasks;
    assert.is(task?.kind === 'task' && task.pythonFile, `${directory}/library/local_thing.py`);
  }),
);

others('a module that nobody brings along is refused', () =>
  withTree({ ...TREE, 'site.yml': modulePlay('local_thing:') }, async (directory) => {
    const error = await load(directory).catch((thrown: unknown) => thrown);
    assert.is(error instanceof LamplighterError && error.code, 'UNKNOWN_MODULE');
  }),
);

others("an argument that is Ansible's alone, where the task may be skipped", () =>
  withTree(
    {
      'site.yml': `- hosts: all
  tasks:
    - {command: echo, args: {executable: x}, when: ansible_os_family == 'RedHat'}
    - when: ansible_os_family == 'RedHat'
      block:
        - command: {cmd: echo, executable: x}
`,
    },
    async (directory) => {
      const { warnings } = await load(directory);
      assert.equal(
        warnings.map(({ message, place }) => `${place?.line} ${/"(\w+)" is not supported/.exec(message)?.[1]}`),
        ['3 executable', '6 executable'],
      );
    },
  ),
);

others('a filter or lookup of a collection that is not here, where the task may be skipped', () =>
  withTree(
    {
      'site.yml': `- hosts: all
  tasks:
    - {debug: {msg: "{{ lookup('dig', 'x') | community.general.from_csv }}"}, when: false}
    - {debug: {msg: "{{ [] | ansible.netcommon.ipaddr }}"}}
`,
    },
    async (directory) => {
      const { warnings } = await load(directory);
      assert.equal(
        warnings.map(({ message, place }) => `${place?.line} ${message}`),
        ["3 no lookup named 'dig': a host that comes to this task fails"],
      );
    },
  ),
);

others('a module that a known collection may have gained, and one that is a slip of the pen', () => {
  assert.ok(isForeign('community.general.pipx'));
  assert.ok(isForeign('community.docker.docker_compose_v2'));
  assert.ok(isForeign('ansible.windows.win_powershell'));
  assert.not.ok(isForeign('community.general.ini_fil'));
  assert.not.ok(isForeign('ansible.builtin.pipx'));
  assert.not.ok(isForeign('nobody.knows.it'));
});

others.run();
