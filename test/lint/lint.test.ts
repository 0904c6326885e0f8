import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LintOptions, lint } from '../../run/lint/repository.ts';
import { VaultSecrets } from '../../run/playbook/vault.ts';
import { withTree } from '../playbook/tree.ts';

/* Every check: what it says of a tree of files, each problem as "CODE file:line:column". */

const checks = suite('lint checks');

const play = (text: string): string =>
  `- hosts: all\n  tasks:\n${text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`;

type Case = [name: string, files: Record<string, string>, said: string[]];

const CASES: Case[] = [
  ['nothing', { 'site.yml': play('- ping:') }, []],
  [
    'many mistakes in one file',
    {
      'site.yml': play(
        [
          '- ping:', // 3
          '  notfy: x',
          '- pingg:', // 5
          '- debug: {mgs: a, vr: b}',
          '- debug: {msg: "{{ a | nofilter }}"}',
          '- copy: {content: x}', // 8
          '- debug: {msg: "{{ a is notest }}"}',
          '- debug: {msg: x}', // 10
          '  loop: text',
          '- file: {path: /x, state: nowhere}', // 12
          '- template: {src: no.j2, dest: /x}',
          '- ping:',
          '  notify: nobody', // 15
        ].join('\n'),
      ),
    },
    [
      'UNKNOWN_KEYWORD site.yml:4:7',
      'UNKNOWN_MODULE site.yml:5:7',
      'UNKNOWN_ARGUMENT site.yml:6:15',
      'UNKNOWN_ARGUMENT site.yml:6:23',
      'TEMPLATE_SYNTAX site.yml:7:28',
      'MISSING_ARGUMENT site.yml:8:7',
      'TEMPLATE_SYNTAX site.yml:9:29',
      'PLAYBOOK_SHAPE site.yml:11:13',
      'BAD_ARGUMENT site.yml:12:31',
      'FILE_NOT_FOUND site.yml:13:23',
      'HANDLER_NOT_FOUND site.yml:15:15',
    ],
  ],
  [
    'a play of mistakes, and the next one',
    {
      'site.yml':
        '- hosts: all\n  gather_fact: no\n  become: maybe\n  roles: [missing, r]\n  vars_files: [no.yml]\n- hosts: []\n',
      'roles/r/tasks/main.yml': '- pingg:\n',
    },
    [
      'UNKNOWN_MODULE roles/r/tasks/main.yml:1:3',
      'UNKNOWN_KEYWORD site.yml:2:3',
      'PLAYBOOK_SHAPE site.yml:3:11',
      'ROLE_NOT_FOUND site.yml:4:11',
      'FILE_NOT_FOUND site.yml:5:16',
      'PLAYBOOK_SHAPE site.yml:6:10',
    ],
  ],
  [
    'keys that are there twice',
    { 'site.yml': play('- debug:\n    msg: a\n    msg: b\n  name: x\n  name: y') },
    ['YAML_DUPLICATE_KEY site.yml:5:9', 'YAML_DUPLICATE_KEY site.yml:7:7'],
  ],
  [
    'templates without quotes',
    {
      'site.yml': play('- debug:\n    msg: {{ a }}\n- debug:\n    msg: {{ b }}'),
      'group_vars/all.yml': 'a: 1\nb: 2\n',
    },
    ['YAML_UNQUOTED_BRACES site.yml:4:14', 'YAML_UNQUOTED_BRACES site.yml:6:14'],
  ],
  [
    'conditions with braces',
    { 'site.yml': play('- ping:\n  when: "{{ a }}"\n- ping:\n  until: a and {{ a }}\n  vars: {a: 1}') },
    ['BRACES_IN_CONDITION site.yml:4:14', 'BRACES_IN_CONDITION site.yml:6:14'],
  ],
  [
    'undefined variables',
    {
      'site.yml':
        '- hosts: all\n  vars: {known: 1}\n  vars_files: [more.yml]\n  tasks:\n' +
        '    - debug: {msg: "{{ known }} {{ knwon }} {{ ansible_hostname }} {{ inventory_hostname }} {{ more }}"}\n' +
        '    - set_fact: {made: 1}\n      register: result\n' +
        '    - debug: {msg: "{{ item }} {{ made }} {{ result }} {{ thing }} {{ kv }}"}\n      loop: [1]\n' +
        '    - debug: {msg: "{{ asked | default(1) }} {{ other }}"}\n      when: other is defined\n' +
        '    - debug: {msg: "{{ asked }}"}\n' +
        '    - debug: {msg: x}\n      when: lost == 1 or grouped\n      with_items: "{{ [1] }}"\n      loop_control: {loop_var: thing}\n' +
        '    - set_fact: kv=1\n',
      'more.yml': 'more: 1\n',
      'host_vars/a/main.yml': 'grouped: "{{ gone }}"\n',
    },
    [
      'UNDEFINED_VARIABLE host_vars/a/main.yml:1:14',
      'UNDEFINED_VARIABLE site.yml:5:36',
      'UNDEFINED_VARIABLE site.yml:14:13',
    ],
  ],
  [
    'handlers that nothing notifies',
    {
      'site.yml':
        '- hosts: all\n  roles: [r]\n  tasks:\n    - ping:\n      notify: [one, "r : three"]\n  handlers:\n' +
        '    - {name: one, ping: }\n    - {name: two, ping: }\n    - {name: heard, listen: topic, ping: }\n    - ping:\n',
      'roles/r/tasks/main.yml': '- ping:\n  notify: topic\n',
      'roles/r/handlers/main.yml': '- {name: three, ping: }\n- {name: four, ping: }\n',
    },
    ['UNUSED_HANDLER roles/r/handlers/main.yml:2:3', 'UNUSED_HANDLER site.yml:8:7', 'UNUSED_HANDLER site.yml:10:7'],
  ],
  [
    'modes without quotes',
    {
      'site.yml': play(
        "- file: {path: /x, mode: 0644}\n- file:\n    path: /x\n    mode: 755\n- file: {path: /x, mode: '0644'}\n- file: {path: /x, mode: u+x}",
      ),
    },
    ['UNQUOTED_MODE site.yml:3:30', 'UNQUOTED_MODE site.yml:6:15'],
  ],
  [
    'templates of roles, whether a play uses them or not',
    {
      'roles/r/tasks/main.yml': '- ping:\n',
      'roles/r/templates/a.j2': 'x\n{% if a %}\n',
      'roles/r/templates/b.j2': '{{ lost }}\n{% for x in [1] %}{{ x }}{% endfor %}\n',
    },
    ['TEMPLATE_SYNTAX roles/r/templates/a.j2:2:1', 'UNDEFINED_VARIABLE roles/r/templates/b.j2:1:4'],
  ],
  [
    'tasks that are only included',
    {
      'roles/r/tasks/main.yml': '- include_tasks: "{{ x }}.yml"\n  vars: {x: more}\n',
      'roles/r/tasks/more.yml': '- pingg:\n',
      'roles/r/handlers/other.yml': '- ping:\n  listn: x\n',
    },
    ['UNKNOWN_KEYWORD roles/r/handlers/other.yml:2:3', 'UNKNOWN_MODULE roles/r/tasks/more.yml:1:3'],
  ],
  ['a module that only Ansible has', { 'site.yml': play('- yum: {name: x}') }, ['UNSUPPORTED_MODULE site.yml:3:7']],
  [
    'broken YAML beside a good file',
    { 'a.yml': 'a: [\n', 'site.yml': play('- pingg:') },
    ['YAML_SYNTAX a.yml:1:4', 'UNKNOWN_MODULE site.yml:3:7'],
  ],
  [
    'a block of mistakes',
    { 'site.yml': play('- block:\n    - pingg:\n  rescue:\n    - debug: {mgs: x}\n  allways: []') },
    ['UNKNOWN_MODULE site.yml:4:11', 'UNKNOWN_ARGUMENT site.yml:6:19', 'UNKNOWN_KEYWORD site.yml:7:7'],
  ],
  [
    'the old include, and an empty file',
    { 'site.yml': play('- include: more.yml'), 'more.yml': '---\n' },
    ['DEPRECATED site.yml:3:7', 'EMPTY_FILE site.yml:3:16'],
  ],
];

export async function lintTree(directory: string, more: Partial<LintOptions> = {}) {
  return lint({
    paths: [directory],
    inventory: [],
    extra: {},
    extraFiles: [],
    rolesPath: [],
    collectionsPath: [],
    vault: new VaultSecrets(),
    ...more,
  });
}

for (const [name, files, said] of CASES)
  checks(name, () =>
    withTree(files, async (directory) => {
      const problems = await lintTree(directory);
      const found = problems.map(({ code, place }) =>
        `${code} ${place?.file.slice(directory.length + 1)}:${place?.line}:${place?.column}`.trim(),
      );
      assert.equal(found, said, problems.map(({ message }) => message).join('\n'));
    }),
  );

checks('variables from the inventory, the command line and what is encrypted', () =>
  withTree(
    { 'site.yml': play('- debug: {msg: "{{ a }} {{ b }} {{ c }}"}'), hosts: '[g]\nx a=1\n[g:vars]\nb=2\n' },
    async (directory) => {
      const inventory = [join(directory, 'hosts')];
      const [only, ...rest] = await lintTree(directory, { inventory });
      assert.match(only!.message, /"c"/);
      assert.equal(rest, []);
      assert.equal(await lintTree(directory, { inventory, extra: { c: 1 } }), []);
    },
  ),
);

checks('says nothing of undefined variables where a file stays closed', () =>
  withTree(
    { 'site.yml': play('- debug: {msg: "{{ c }}"}'), 'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n00\n' },
    async (directory) => {
      const problems = await lintTree(directory);
      assert.equal(
        problems.map(({ code, severity }) => [code, severity]),
        [['VAULT', 'warning']],
      );
    },
  ),
);

checks('names what is near', () =>
  withTree({ 'site.yml': play('- debug: {mgs: a}\n- aptt: {name: x}') }, async (directory) => {
    const messages = (await lintTree(directory)).map(({ message }) => message);
    assert.match(messages[0]!, /did you mean "msg"/);
    assert.match(messages[1]!, /did you mean "apt"/);
  }),
);

checks('a repository of 200 files takes no time', () => {
  const tasks = Array.from({ length: 20 }, (_, index) => `- name: t${index}\n  debug: {msg: "{{ r_x }} ${index}"}`);
  const files = Object.fromEntries(
    Array.from({ length: 66 }, (_, index) => [
      [`roles/r${index}/tasks/main.yml`, `${tasks.join('\n')}\n`],
      [`roles/r${index}/defaults/main.yml`, 'r_x: 1\n'],
      [`roles/r${index}/templates/t.j2`, 'x {{ r_x }}\n'],
    ]).flat(),
  );
  return withTree(files, async (directory) => {
    const start = process.cpuUsage();
    assert.equal(await lintTree(directory), []);
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    assert.ok(took < 5000, `${took} ms`);
    console.log(`lint of ${Object.keys(files).length} files: ${Math.round(took)} ms of CPU`);
  });
});

checks('reads nothing twice', () =>
  withTree({ 'site.yml': play('- pingg:') }, async (directory) => {
    assert.is((await lintTree(directory, { paths: [directory, join(directory, 'site.yml')] })).length, 1);
    assert.ok(readFileSync(join(directory, 'site.yml')));
  }),
);

checks.run();
