import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { load, withTree } from './tree.ts';

/* Every way to write a playbook wrongly: its code, the place, and a word that the message or hint must say. */

const errors = suite('playbook errors');

type Case = [name: string, files: Record<string, string>, code: string, at: string, said: RegExp];

/** A play with these tasks: the first task begins on line 4, column 7. */
const tasks = (text: string): Record<string, string> => ({
  'site.yml': `- hosts: all\n  gather_facts: no\n  tasks:\n${text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`,
});
const play = (text: string): Record<string, string> => ({ 'site.yml': text });
const role = (files: Record<string, string>, use = 'r'): Record<string, string> => ({
  'site.yml': `- hosts: all\n  roles:\n    - ${use}\n`,
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`roles/${name}`, text])),
});

const CASES: Case[] = [
  ['an empty playbook', play('# nothing\n'), 'PLAYBOOK_SHAPE', 'site.yml:1:1', /empty/],
  ['a mapping', play('hosts: all\n'), 'PLAYBOOK_SHAPE', 'site.yml:1:1', /list of plays/],
  ['a play without hosts', play('- tasks: []\n'), 'PLAYBOOK_SHAPE', 'site.yml:1:3', /hosts/],
  ['misspelt hosts', play('- host: all\n'), 'UNKNOWN_KEYWORD', 'site.yml:1:3', /did you mean "hosts"/],
  ['empty hosts', play('- hosts: []\n'), 'PLAYBOOK_SHAPE', 'site.yml:1:10', /empty/],
  ['hosts that are numbers', play('- hosts: [a, 1]\n'), 'PLAYBOOK_SHAPE', 'site.yml:1:14', /a number/],
  ['a play keyword', play('- hosts: all\n  gather_fact: no\n'), 'UNKNOWN_KEYWORD', 'site.yml:2:3', /gather_facts/],
  ['when on a play', play('- hosts: all\n  when: x\n'), 'UNKNOWN_KEYWORD', 'site.yml:2:3', /keyword of a play/],
  ['debugger', play('- hosts: all\n  debugger: always\n'), 'UNSUPPORTED_KEYWORD', 'site.yml:2:3', /interactive/],
  ['an order', play('- hosts: all\n  order: random\n'), 'PLAYBOOK_SHAPE', 'site.yml:2:10', /shuffle/],
  ['a strategy', play('- hosts: all\n  strategy: fast\n'), 'PLAYBOOK_SHAPE', 'site.yml:2:13', /linear/],
  ['strategy debug', play('- hosts: all\n  strategy: debug\n'), 'UNSUPPORTED_KEYWORD', 'site.yml:2:13', /debug/],
  ['a serial', play('- hosts: all\n  serial: some\n'), 'PLAYBOOK_SHAPE', 'site.yml:2:11', /percentage/],
  ['a variable name', play('- hosts: all\n  vars: {a-b: 1}\n'), 'PLAYBOOK_SHAPE', 'site.yml:2:10', /variable name/],
  ['vars as text', play('- hosts: all\n  vars: x\n'), 'PLAYBOOK_SHAPE', 'site.yml:2:9', /mapping/],
  [
    'user and remote_user',
    play('- hosts: all\n  user: a\n  remote_user: b\n'),
    'PLAYBOOK_SHAPE',
    'site.yml:2:3',
    /old name/,
  ],
  [
    'a missing vars file',
    play('- hosts: all\n  vars_files:\n    - var.yml\n'),
    'FILE_NOT_FOUND',
    'site.yml:3:7',
    /looked for/,
  ],
  [
    'a prompt without name',
    play('- hosts: all\n  vars_prompt: [{prompt: x}]\n'),
    'PLAYBOOK_SHAPE',
    'site.yml:2:17',
    /name/,
  ],
  [
    'an encrypted prompt',
    play('- hosts: all\n  vars_prompt: [{name: x, encrypt: md5}]\n'),
    'UNSUPPORTED_KEYWORD',
    'site.yml:2:27',
    /password_hash/,
  ],
  [
    'a missing playbook',
    { ...play('- import_playbook: othr.yml\n'), 'other.yml': '' },
    'FILE_NOT_FOUND',
    'site.yml:1:20',
    /did you mean "other.yml"/,
  ],
  [
    'a playbook that imports itself',
    play('- import_playbook: site.yml\n'),
    'PLAYBOOK_SHAPE',
    'site.yml:1:20',
    /itself/,
  ],
  [
    'import_playbook with become',
    { ...play('- import_playbook: o.yml\n  become: yes\n'), 'o.yml': '' },
    'UNKNOWN_KEYWORD',
    'site.yml:2:3',
    /become/,
  ],
  ['a template without quotes', play('- hosts: {{ x }}\n'), 'YAML_UNQUOTED_BRACES', 'site.yml:1:10', /quote it/],

  ['tasks as a mapping', play('- hosts: all\n  tasks:\n    debug:\n'), 'PLAYBOOK_SHAPE', 'site.yml:3:5', /list/],
  ['a task that is a word', tasks('- debug'), 'PLAYBOOK_SHAPE', 'site.yml:4:7', /mapping/],
  [
    'notfy',
    tasks('- debug:\n  notfy: x'),
    'UNKNOWN_KEYWORD',
    'site.yml:5:7',
    /"notfy" is not a keyword of a task; did you mean "notify"\?/,
  ],
  [
    'an argument beside its module',
    tasks('- copy: {src: a}\n  dest: /b'),
    'UNKNOWN_KEYWORD',
    'site.yml:5:7',
    /indent it/,
  ],
  ['a module that nobody has', tasks('- deubg: msg=x'), 'UNKNOWN_MODULE', 'site.yml:4:7', /did you mean "debug"/],
  ['two modules', tasks('- debug:\n  ping:'), 'PLAYBOOK_SHAPE', 'site.yml:5:7', /two modules/],
  ['no module', tasks('- name: x\n  when: y'), 'PLAYBOOK_SHAPE', 'site.yml:4:7', /names no module/],
  [
    'action and local_action',
    tasks('- action: ping\n  local_action: ping'),
    'PLAYBOOK_SHAPE',
    'site.yml:5:7',
    /not both/,
  ],
  ['an unknown action', tasks('- action: pong x=1'), 'UNKNOWN_MODULE', 'site.yml:4:15', /ping/],
  ['an argument', tasks('- copy:\n    dst: /x'), 'UNKNOWN_ARGUMENT', 'site.yml:5:9', /did you mean "dest"/],
  ['an argument in k=v', tasks('- copy: dst=/x content=y'), 'UNKNOWN_ARGUMENT', 'site.yml:4:13', /dest/],
  [
    'an unsupported argument',
    tasks('- copy: {dest: /x, attributes: +i}'),
    'UNSUPPORTED_ARGUMENT',
    'site.yml:4:24',
    /chattr/,
  ],
  ['a missing argument', tasks('- copy:\n    content: x'), 'MISSING_ARGUMENT', 'site.yml:4:7', /"dest"/],
  ['a mode', tasks('- copy:\n    path: /x\n    mode: "999"'), 'BAD_ARGUMENT', 'site.yml:6:16', /0644/],
  ['a boolean', tasks('- copy: {dest: /x, backup: perhaps}'), 'BAD_ARGUMENT', 'site.yml:4:32', /boolean/],
  [
    'an item of a list',
    tasks('- apt:\n    name:\n      - a\n      - {b: c}'),
    'BAD_ARGUMENT',
    'site.yml:7:13',
    /name.1/,
  ],
  ['a bare word', tasks('- ping: hello'), 'PLAYBOOK_SHAPE', 'site.yml:4:13', /named arguments/],
  ['arguments as a list', tasks('- ping: [a]'), 'PLAYBOOK_SHAPE', 'site.yml:4:13', /a list/],
  ['args as text', tasks('- ping:\n  args: x'), 'PLAYBOOK_SHAPE', 'site.yml:5:13', /mapping/],
  ['unbalanced quotes', tasks('- command: echo "x'), 'PLAYBOOK_SHAPE', 'site.yml:4:16', /balanced/],
  ['two loops', tasks('- ping:\n  loop: [1]\n  with_items: [1]'), 'PLAYBOOK_SHAPE', 'site.yml:6:7', /two loops/],
  ['a lookup', tasks('- ping:\n  with_itms: [1]'), 'UNKNOWN_KEYWORD', 'site.yml:5:7', /with_items/],
  ['a loop over a word', tasks('- ping:\n  loop: names'), 'PLAYBOOK_SHAPE', 'site.yml:5:13', /\{\{ names \}\}/],
  [
    'loop_control',
    tasks('- ping:\n  loop: [1]\n  loop_control: {loopvar: x}'),
    'UNKNOWN_KEYWORD',
    'site.yml:6:22',
    /loop_var/,
  ],
  ['register', tasks('- ping:\n  register: a b'), 'PLAYBOOK_SHAPE', 'site.yml:5:17', /variable/],
  ['become', tasks('- ping:\n  become: maybe'), 'PLAYBOOK_SHAPE', 'site.yml:5:15', /true or false/],
  ['retries', tasks('- ping:\n  retries: many'), 'PLAYBOOK_SHAPE', 'site.yml:5:16', /integer/],
  ['a condition that is a mapping', tasks('- ping:\n  when: {a: b}'), 'PLAYBOOK_SHAPE', 'site.yml:5:13', /expression/],
  ['listen on a task', tasks('- ping:\n  listen: x'), 'UNKNOWN_KEYWORD', 'site.yml:5:7', /listen/],
  ['rescue without block', tasks('- rescue: []'), 'PLAYBOOK_SHAPE', 'site.yml:4:7', /block/],
  ['a block keyword', tasks('- block: []\n  register: x'), 'UNKNOWN_KEYWORD', 'site.yml:5:7', /a block/],
  ['a loop on a block', tasks('- block: []\n  loop: [1]'), 'UNKNOWN_KEYWORD', 'site.yml:5:7', /loop/],
  ['module_defaults', tasks('- block: []\n  module_defaults: {cpoy: {}}'), 'UNKNOWN_MODULE', 'site.yml:5:25', /copy/],
  [
    'module_defaults of a group',
    tasks('- block: []\n  module_defaults: {group/aws: {}}'),
    'UNSUPPORTED_KEYWORD',
    'site.yml:5:25',
    /group/,
  ],
  ['a template', tasks('- debug:\n    msg: "a {{ b"'), 'TEMPLATE_SYNTAX', 'site.yml:5', /./],
  ['a template in a loop', tasks('- ping:\n  loop: "{{ a"'), 'TEMPLATE_SYNTAX', 'site.yml:5', /./],
  ['a condition', tasks('- ping:\n  when:\n    - a\n    - b =='), 'TEMPLATE_SYNTAX', 'site.yml:7', /./],
  ['assert that', tasks('- assert:\n    that:\n      - a ==\n'), 'TEMPLATE_SYNTAX', 'site.yml:6', /./],

  [
    'an import',
    { ...tasks('- import_tasks: on.yml'), 'one.yml': '' },
    'FILE_NOT_FOUND',
    'site.yml:4:21',
    /did you mean "one.yml"/,
  ],
  ['an include', tasks('- include_tasks: one.yml'), 'FILE_NOT_FOUND', 'site.yml:4:22', /looked for/],
  [
    'a loop on an import',
    { ...tasks('- import_tasks: one.yml\n  loop: [1]'), 'one.yml': '' },
    'PLAYBOOK_SHAPE',
    'site.yml:5:7',
    /include_tasks/,
  ],
  [
    'an import that imports itself',
    { ...tasks('- import_tasks: one.yml'), 'one.yml': '- import_tasks: one.yml\n' },
    'PLAYBOOK_SHAPE',
    'one.yml:1:17',
    /itself/,
  ],
  [
    'an argument of an import',
    { ...tasks('- import_tasks: {file: one.yml, apply: {}}'), 'one.yml': '' },
    'UNKNOWN_ARGUMENT',
    'site.yml:4:37',
    /apply/,
  ],
  [
    'a play in a file of tasks',
    { ...tasks('- import_tasks: one.yml'), 'one.yml': '- hosts: all\n' },
    'PLAYBOOK_SHAPE',
    'one.yml:1:3',
    /play/,
  ],
  [
    'a mistake in an imported file',
    { ...tasks('- import_tasks: one.yml'), 'one.yml': '- ping:\n- ping:\n  whn: x\n' },
    'UNKNOWN_KEYWORD',
    'one.yml:3:3',
    /when/,
  ],
  [
    'become on an include',
    { ...tasks('- include_tasks: one.yml\n  become: yes'), 'one.yml': '' },
    'UNKNOWN_KEYWORD',
    'site.yml:5:7',
    /apply/,
  ],
  [
    'a keyword under apply',
    { ...tasks('- include_tasks:\n    file: one.yml\n    apply: {becme: yes}'), 'one.yml': '' },
    'UNKNOWN_KEYWORD',
    'site.yml:6:17',
    /become/,
  ],
  [
    'a template file',
    { ...tasks('- template: {src: a.j2, dest: /x}'), 'templates/b.j2': '' },
    'FILE_NOT_FOUND',
    'site.yml:4:23',
    /b\.j2/,
  ],
  ['a file of include_vars', tasks('- include_vars: nowhere.yml'), 'FILE_NOT_FOUND', 'site.yml:4:21', /nowhere/],
  ['import_playbook among tasks', tasks('- import_playbook: x.yml'), 'PLAYBOOK_SHAPE', 'site.yml:4:7', /plays/],

  [
    'a role',
    { ...role({ 'lamp/tasks/main.yml': '' }, 'lmap') },
    'ROLE_NOT_FOUND',
    'site.yml:3:7',
    /did you mean "lamp"/,
  ],
  ['a role of include_role', tasks('- include_role: {name: nowhere}'), 'ROLE_NOT_FOUND', 'site.yml:4:28', /looked in/],
  ['an old role name', role({}, '"r,1.0"'), 'PLAYBOOK_SHAPE', 'site.yml:3:7', /version/],
  ['an entry without role', role({}, '{x: 1}'), 'PLAYBOOK_SHAPE', 'site.yml:3:7', /names no role/],
  [
    'roles in a circle',
    role({ 'r/meta/main.yml': 'dependencies: [s]\n', 's/meta/main.yml': 'dependencies: [r]\n' }),
    'ROLE_CYCLE',
    'roles/s/meta/main.yml:1:16',
    /r -> s -> r/,
  ],
  [
    'a role that imports itself',
    role({ 'r/tasks/main.yml': '- import_role: {name: r}\n' }),
    'ROLE_CYCLE',
    'roles/r/tasks/main.yml:1:23',
    /r -> r/,
  ],
  [
    'an entry point',
    { ...tasks('- import_role: {name: r, tasks_from: oter}'), 'roles/r/tasks/other.yml': '' },
    'FILE_NOT_FOUND',
    'site.yml:4:27',
    /other/,
  ],
  [
    'a key of meta',
    role({ 'r/meta/main.yml': 'dependncies: []\n' }),
    'UNKNOWN_KEYWORD',
    'roles/r/meta/main.yml:1:1',
    /dependencies/,
  ],
  [
    'defaults that are a list',
    role({ 'r/defaults/main.yml': '- a\n' }),
    'PLAYBOOK_SHAPE',
    'roles/r/defaults/main.yml:1:1',
    /mapping/,
  ],
  [
    'a mistake in a role',
    role({ 'r/handlers/main.yml': '- name: h\n  ping: {dta: 1}\n' }),
    'UNKNOWN_ARGUMENT',
    'roles/r/handlers/main.yml:2:10',
    /data/,
  ],

  [
    'a handler that is not there',
    play(
      '- hosts: all\n  tasks:\n    - ping:\n      notify: [Restart, Relaod]\n  handlers:\n    - {name: Restart, ping: }\n    - {name: x, listen: Reload, ping: }\n',
    ),
    'HANDLER_NOT_FOUND',
    'site.yml:4:25',
    /did you mean "Reload"/,
  ],
  [
    'a block as a handler',
    play('- hosts: all\n  handlers: [{block: []}]\n'),
    'PLAYBOOK_SHAPE',
    'site.yml:2:14',
    /handler/,
  ],
];

for (const [name, files, code, at, said] of CASES)
  errors(name, () =>
    withTree(files, async (directory) => {
      let error: unknown;
      try {
        await load(directory);
      } catch (thrown) {
        error = thrown;
      }
      if (!(error instanceof LamplighterError)) throw error ?? new Error('nothing was thrown');
      const place =
        error.place && `${error.place.file.slice(directory.length + 1)}:${error.place.line}:${error.place.column}`;
      assert.is(error.code, code, error.message);
      assert.ok(
        place === at || (place?.startsWith(`${at}:`) && /:\d+$/.test(at) && at.split(':').length === 2),
        `${place} is not ${at}: ${error.message}`,
      );
      assert.match(`${error.message} ${error.hint}`, said);
      const line = files[at.split(':')[0]!]!.split('\n')[error.place!.line - 1];
      // A file that holds nothing has no line to show.
      if (name !== 'an empty playbook') assert.is(error.sourceLine, line);
    }),
  );

/** What looks wrong and is not: notifications that cannot be judged before the run. */
const UNCERTAIN: Record<string, Record<string, string>> = {
  'a templated notify': play('- hosts: all\n  tasks: [{ping: , notify: "{{ x }}"}]\n'),
  'a templated handler': play(
    '- hosts: all\n  tasks: [{ping: , notify: a}]\n  handlers: [{name: "{{ x }}", ping: }]\n',
  ),
  'handlers that are included': {
    ...play('- hosts: all\n  tasks: [{ping: , notify: a}]\n  handlers: [{include_tasks: h.yml}]\n'),
    'h.yml': '',
  },
  'a role that is included': {
    ...play('- hosts: all\n  tasks: [{include_role: {name: r}}, {ping: , notify: a}]\n'),
    'roles/r/handlers/main.yml': '- {name: a, ping: }\n',
  },
  'the role in the name': {
    ...play('- hosts: all\n  roles: [r]\n  tasks: [{ping: , notify: "r : a"}]\n'),
    'roles/r/handlers/main.yml': '- {name: a, ping: }\n',
  },
  'arguments by module_defaults': tasks('- copy: {content: x}\n  module_defaults: {copy: {dest: /x}}'),
  'arguments by template': tasks('- copy: "{{ args }}"'),
  'a braced condition': tasks('- ping:\n  when: "{{ x }}"'),
  'a module that only Ansible has': tasks('- community.docker.docker_container: {name: x}\n- yum: name=x'),
  'its free form': tasks('- action: win_command whoami\n- win_shell: dir'),
  'a missing file that may not be needed': tasks(
    '- include_tasks: no.yml\n  when: x\n- template: {src: no.j2, dest: /x}\n  ignore_errors: yes\n- block: [{include_role: {name: no}}]\n  rescue: [{ping: }]',
  ),
  'an unsafe string': tasks('- debug: {msg: !unsafe "{{ broken"}'),
};

for (const [name, files] of Object.entries(UNCERTAIN))
  errors(`passes: ${name}`, () =>
    withTree(files, async (directory) => {
      const { playbook } = await load(directory);
      assert.is(playbook.plays.length, 1);
    }),
  );

errors.run();
