import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { main } from '../../run/cli.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { withTree } from '../playbook/tree.ts';

/*
 * Mistakes as people make them, each in a small repository of its own: what `lint` says and where, a word that the message
 * or hint must say, and whether a run refuses it or warns of it before it touches a host.
 */

const planted = suite('planted mistakes');

const INVENTORY = `all:
  vars: {ansible_host: 127.0.0.1, ansible_port: 1}
  children:
    lamps:
      hosts: {lamp01: {}, lamp02: {}}
    cloud:
      hosts: {cloud01: {}}
`;

type Files = Record<string, string>;
/** `later`: only the host can tell, or it is doubtful alone. */
type Run = 'refused' | 'warned' | 'later';
type Case = [name: string, files: Files, said: string[], word: RegExp, run: Run];

/** A play on the lamps; the first task begins on line 4, column 7. */
const tasks = (text: string, more: Files = {}): Files => ({
  'site.yml': `- hosts: lamps\n  gather_facts: no\n  tasks:\n${text.replace(/^/gm, '    ')}\n`,
  ...more,
});
const inventory = (from: string, to: string): Files =>
  tasks('- ping:', { 'inventory.yaml': INVENTORY.replace(from, to) });
const ini = (text: string): Files => ({
  'site.yml': '- hosts: lamps\n  tasks: [{ping: }]\n',
  'ansible.cfg': '[defaults]\ninventory = hosts\n',
  hosts: text,
});
const template = (text: string, more: Files = {}): Files => ({
  ...tasks('- template: {src: a.j2, dest: /x}'),
  'templates/a.j2': text,
  ...more,
});
const role = (files: Files, use = 'lamp'): Files => ({
  'site.yml': `- hosts: lamps\n  roles:\n    - ${use}\n`,
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`roles/${name}`, text])),
});

const CASES: Case[] = [
  ['a key in no column', tasks('- name: a\n  ping:\n when: yes'), ['YAML_SYNTAX site.yml:6:6'], /column 7/, 'refused'],
  ['a tab', { 'site.yml': '- hosts: all\n  tasks:\n\t- ping:\n' }, ['YAML_SYNTAX site.yml:3:1'], /spaces/, 'refused'],
  ['a colon in a value', tasks('- name: restart: now\n  ping:'), ['YAML_SYNTAX site.yml:4:13'], /quote/, 'refused'],
  ['a key without a colon', tasks('- debug\n    msg: x'), ['YAML_SYNTAX site.yml:4:7'], /write "debug:"/, 'refused'],
  ['no space after a colon', tasks('- name:x\n  ping:'), ['YAML_SYNTAX site.yml:4:11'], /without a space/, 'refused'],
  ['an open quote', tasks('- name: "x\n  ping:'), ['YAML_SYNTAX site.yml:4:13'], /close the quote/, 'refused'],
  ['an open bracket', tasks('- debug:\n    msg: [a, b\n- ping:'), ['YAML_SYNTAX site.yml:5:14'], /"]"/, 'refused'],
  ['braces', tasks('- ping:\n  when: {{ x }}'), ['YAML_UNQUOTED_BRACES site.yml:5:13'], /quote it/, 'refused'],
  [
    'a key twice',
    { 'site.yml': '- hosts: lamps\n  tasks: []\n  tasks: []\n' },
    ['YAML_DUPLICATE_KEY site.yml:3:3'],
    /first on line 2/,
    'refused',
  ],
  ['a keyword', tasks('- ping:\n  ignore_error: yes'), ['UNKNOWN_KEYWORD site.yml:5:7'], /"ignore_errors"/, 'refused'],
  ['a module', tasks('- aptt: {name: x}'), ['UNKNOWN_MODULE site.yml:4:7'], /"apt"/, 'refused'],
  ["Ansible's module", tasks('- yum: {name: x}'), ['UNSUPPORTED_MODULE site.yml:4:7'], /use package/, 'warned'],
  ['two modules', tasks('- ping:\n  debug:'), ['PLAYBOOK_SHAPE site.yml:5:7'], /begin a new "- "/, 'refused'],
  [
    'a module of a block',
    tasks('- block: []\n  ping:'),
    ['UNKNOWN_KEYWORD site.yml:5:7'],
    /a task of its own/,
    'refused',
  ],
  ['an argument', tasks('- copy: {dst: /x}'), ['UNKNOWN_ARGUMENT site.yml:4:14'], /"dest"/, 'refused'],
  ['a choice', tasks('- service: {name: x, state: restart}'), ['BAD_ARGUMENT site.yml:4:33'], /"restarted"/, 'refused'],
  ['a meta', tasks('- meta: flush_handler'), ['BAD_ARGUMENT site.yml:4:13'], /mean "flush_handlers"/, 'refused'],
  ['a number', tasks('- wait_for: {port: abc}'), ['BAD_ARGUMENT site.yml:4:24'], /an integer/, 'refused'],
  ['a filter', tasks('- ping:\n  when: x | defualt(1)'), ['TEMPLATE_SYNTAX site.yml:5:17'], /'default'/, 'refused'],
  ['a test', tasks('- ping:\n  when: x is defned'), ['TEMPLATE_SYNTAX site.yml:5:18'], /'defined'/, 'refused'],
  [
    'a lookup',
    tasks(`- debug: {msg: "{{ lookup('flie', 'x') }}"}`),
    ['TEMPLATE_SYNTAX site.yml:4:31'],
    /'file'/,
    'refused',
  ],
  [
    'one equals sign',
    tasks('- ping:\n  when: a = 1\n  vars: {a: 1}'),
    ['TEMPLATE_SYNTAX site.yml:5:15'],
    /'=='/,
    'refused',
  ],
  [
    'ampersands',
    tasks('- ping:\n  when: a && a\n  vars: {a: 1}'),
    ['TEMPLATE_SYNTAX site.yml:5:15'],
    /'and'/,
    'refused',
  ],
  ['bars', tasks('- ping:\n  when: a || a\n  vars: {a: 1}'), ['TEMPLATE_SYNTAX site.yml:5:16'], /'or'/, 'refused'],
  [
    'a loop over a word',
    tasks('- ping:\n  loop: names'),
    ['PLAYBOOK_SHAPE site.yml:5:13'],
    /\{\{ names \}\}/,
    'refused',
  ],
  [
    'a loop on an import',
    tasks('- import_tasks: a.yml\n  loop: [1]', { 'a.yml': '- ping:\n' }),
    ['PLAYBOOK_SHAPE site.yml:5:7'],
    /include_tasks/,
    'refused',
  ],
  [
    'a serial',
    { 'site.yml': '- hosts: lamps\n  serial: -1\n  tasks: []\n' },
    ['PLAYBOOK_SHAPE site.yml:2:11'],
    /-1/,
    'refused',
  ],
  ['a become method', tasks('- ping:\n  become_method: suod'), ['PLAYBOOK_SHAPE site.yml:5:22'], /"sudo"/, 'refused'],
  ['a connection', tasks('- ping:\n  connection: loacl'), ['PLAYBOOK_SHAPE site.yml:5:19'], /"local"/, 'refused'],
  ['an environment', tasks('- ping:\n  environment: A=1'), ['PLAYBOOK_SHAPE site.yml:5:20'], /NAME: value/, 'refused'],
  [
    'a key inside an argument',
    tasks('- mosquitto_broker: {listeners: [{prot: 1883}]}'),
    ['BAD_ARGUMENT site.yml:4:39'],
    /"port"/,
    'refused',
  ],
  [
    'a filter left out',
    tasks('- debug: {msg: "{{ a | }}"}'),
    ['TEMPLATE_SYNTAX site.yml:4:28'],
    /name of a filter/,
    'refused',
  ],
  [
    'a variable that nothing defines',
    tasks('- debug: {msg: "{{ lmap_id }}"}', { 'group_vars/all.yml': 'lamp_id: 1\n' }),
    ['UNDEFINED_VARIABLE site.yml:4:24'],
    /"lamp_id"/,
    'warned',
  ],
  [
    'a result that has another name',
    tasks('- command: ls\n  register: reslut\n- debug: {msg: "{{ result.stdout }}"}'),
    ['UNDEFINED_VARIABLE site.yml:6:24'],
    /"reslut"/,
    'warned',
  ],
  [
    'a key of a result',
    tasks('- command: ls\n  register: result\n- debug: {msg: "{{ result.stdot }}"}'),
    ['UNDEFINED_VARIABLE site.yml:6:31'],
    /"result.stdout"/,
    'warned',
  ],
  [
    'a variable made of itself',
    tasks('- ping:', { 'group_vars/all.yml': 'a: "{{ b }}"\nb: "{{ a }}"\nc: "{{ c }}/x"\n' }),
    ['RECURSIVE_VARIABLE group_vars/all.yml:1:5', 'RECURSIVE_VARIABLE group_vars/all.yml:3:5'],
    /a -> b -> a/,
    'later',
  ],
  [
    'a templated import',
    { 'site.yml': '- import_playbook: "{{ which }}.yml"\n' },
    ['UNDEFINED_VARIABLE site.yml:1:21'],
    /only -e/,
    'refused',
  ],
  [
    'a notification',
    {
      'site.yml':
        '- hosts: lamps\n  tasks:\n    - ping:\n      notify: resart\n  handlers:\n    - {name: restart, ping: }\n',
    },
    ['HANDLER_NOT_FOUND site.yml:4:15', 'UNUSED_HANDLER site.yml:6:7'],
    /"restart"/,
    'refused',
  ],
  [
    'a file of handlers',
    { 'site.yml': '- hosts: lamps\n  handlers:\n    - import_tasks: hanlders.yml\n', 'handlers.yml': '- ping:\n' },
    ['FILE_NOT_FOUND site.yml:3:21'],
    /"handlers.yml"/,
    'refused',
  ],
  [
    'a file to copy',
    tasks('- copy: {src: aa, dest: /x}', { 'files/a': '' }),
    ['FILE_NOT_FOUND site.yml:4:19'],
    /"a"/,
    'warned',
  ],
  [
    'a script',
    tasks('- script: setup.hs --fast', { 'setup.sh': '' }),
    ['FILE_NOT_FOUND site.yml:4:15'],
    /"setup.sh"/,
    'warned',
  ],
  [
    'a file of variables',
    tasks('- include_vars: vrs.yml', { 'vars.yml': 'a: 1\n' }),
    ['FILE_NOT_FOUND site.yml:4:21'],
    /vars/,
    'refused',
  ],
  [
    'a file that is not needed',
    tasks('- include_tasks: no.yml\n  when: false'),
    ['FILE_NOT_FOUND site.yml:4:22'],
    /no.yml/,
    'warned',
  ],
  [
    'a template whose failure is ignored',
    tasks('- template: {src: no.j2, dest: /x}\n  ignore_errors: yes'),
    ['FILE_NOT_FOUND site.yml:4:23'],
    /no.j2/,
    'warned',
  ],
  [
    'a role',
    role({ 'lamp/tasks/main.yml': '- ping:\n' }, 'lmap'),
    ['ROLE_NOT_FOUND site.yml:3:7'],
    /"lamp"/,
    'refused',
  ],
  [
    'a part of a role',
    tasks('- include_role: {name: r, tasks_from: instal}', { 'roles/r/tasks/install.yml': '- ping:\n' }),
    ['FILE_NOT_FOUND site.yml:4:43'],
    /"install"/,
    'refused',
  ],
  [
    'roles in a circle',
    role({ 'lamp/tasks/main.yml': '- import_role: {name: b}\n', 'b/tasks/main.yml': '- import_role: {name: lamp}\n' }),
    ['ROLE_CYCLE roles/b/tasks/main.yml:1:23'],
    /lamp -> b -> lamp/,
    'refused',
  ],
  [
    "a role's folder",
    role({ 'lamp/task/main.yml': '- ping:\n', 'lamp/meta/main.yml': '' }),
    ['STRAY_FOLDER roles/lamp/task:1:1'],
    /"tasks"/,
    'warned',
  ],
  ['a tag of a template', template('{% fi x %}\n'), ['TEMPLATE_SYNTAX templates/a.j2:1:4'], /'if'/, 'refused'],
  ['an open tag', template('x\n{% if x %}\ny\n'), ['TEMPLATE_SYNTAX templates/a.j2:2:1'], /endif/, 'refused'],
  [
    'a filter in a template',
    template('x\n  {{ x | uper }}\n'),
    ['TEMPLATE_SYNTAX templates/a.j2:2:10'],
    /'upper'/,
    'refused',
  ],
  [
    'an included template',
    template('{% include "haeder.j2" %}\n', { 'templates/header.j2': '' }),
    ['FILE_NOT_FOUND templates/a.j2:1:12'],
    /"header.j2"/,
    'warned',
  ],
  [
    'hosts that are none',
    { 'site.yml': '- hosts: lmaps\n  tasks: []\n' },
    ['HOST_PATTERN site.yml:1:10'],
    /"lamps"/,
    'warned',
  ],
  [
    'a group left out that is none',
    { 'site.yml': '- hosts: all:!clud\n  tasks: []\n' },
    ['HOST_PATTERN site.yml:1:10'],
    /"cloud"/,
    'warned',
  ],
  [
    'a host delegated to',
    tasks('- ping:\n  delegate_to: cluod01'),
    ['HOST_PATTERN site.yml:5:20'],
    /"cloud01"/,
    'warned',
  ],
  [
    'a group in a template',
    tasks(`- debug: {msg: "{{ groups['lmaps'] }}"}`),
    ['HOST_PATTERN site.yml:4:31'],
    /"lamps"/,
    'warned',
  ],
  [
    'an address',
    inventory('ansible_host:', 'ansible_hots:'),
    ['CONNECTION_VARIABLE inventory.yaml:2:10'],
    /"ansible_host"/,
    'warned',
  ],
  [
    'a port that is a word',
    inventory('port: 1', 'port: ssh'),
    ['BAD_ARGUMENT inventory.yaml:2:49'],
    /65535, not "ssh"/,
    'refused',
  ],
  [
    'a port that is too big',
    inventory('port: 1', 'port: 99999'),
    ['BAD_ARGUMENT inventory.yaml:2:49'],
    /65535/,
    'refused',
  ],
  [
    'a method of a host',
    inventory('lamp01: {}', 'lamp01: {ansible_become_method: suod}'),
    ['BAD_ARGUMENT inventory.yaml:5:47'],
    /sudo/,
    'refused',
  ],
  [
    'a key file',
    inventory('lamp02: {}', 'lamp02: {ansible_ssh_private_key_file: /no/key}'),
    ['KEY_FILE inventory.yaml:5:66'],
    /no key file/,
    'warned',
  ],
  [
    'a key of a group',
    inventory('hosts: {lamp01', 'hsots: {lamp01'),
    ['INVENTORY_SHAPE inventory.yaml:5:7'],
    /"hosts"/,
    'warned',
  ],
  [
    'hosts as a list',
    inventory('hosts: {lamp01: {}, lamp02: {}}', 'hosts: [lamp01]'),
    ['INVENTORY_SHAPE inventory.yaml:5:7'],
    /write each name/,
    'refused',
  ],
  [
    'a port in an INI file',
    ini('[lamps]\nlamp01 ansible_host=127.0.0.1 ansible_port=x\n'),
    ['BAD_ARGUMENT hosts:2:44'],
    /65535/,
    'refused',
  ],
  [
    "a group's variable in an INI file",
    ini('[lamps]\na\n[lamps:vars]\nansible_uesr=pi\n'),
    ['CONNECTION_VARIABLE hosts:4:1'],
    /"ansible_user"/,
    'warned',
  ],
  [
    'a section of an INI file',
    ini('[lamps]\na\n[lamps:var]\nb=1\n'),
    ['INVENTORY_SHAPE hosts:3:1'],
    /:vars\]/,
    'refused',
  ],
  [
    'variables that are a list',
    tasks('- ping:', { 'group_vars/all.yml': '- a\n' }),
    ['INVENTORY_SHAPE group_vars/all.yml:1:1'],
    /mapping/,
    'refused',
  ],
  [
    'variables of no group',
    tasks('- ping:', { 'group_vars/lmaps.yml': 'a: 1\n' }),
    ['UNUSED_VARIABLES group_vars/lmaps.yml:1:1'],
    /"lamps"/,
    'warned',
  ],
  [
    'variables of no host',
    tasks('- ping:', { 'host_vars/lamp1.yml': 'a: 1\n' }),
    ['UNUSED_VARIABLES host_vars/lamp1.yml:1:1'],
    /lamp0/,
    'warned',
  ],
  [
    'a vault without a password',
    tasks('- ping:', { 'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n30\n' }),
    ['VAULT group_vars/all.yml:1:1'],
    /--vault-password-file/,
    'refused',
  ],
  [
    'a play without hosts',
    { 'site.yml': '- name: x\n  tasks: [{ping: }]\n' },
    ['PLAYBOOK_SHAPE site.yml:1:3'],
    /needs "hosts"/,
    'refused',
  ],
  [
    'tasks as a mapping',
    role({ 'lamp/tasks/main.yml': 'name: x\nping:\n' }),
    ['PLAYBOOK_SHAPE roles/lamp/tasks/main.yml:1:1'],
    /a list/,
    'refused',
  ],
];

interface Said {
  code: string;
  message: string;
  hint?: string;
  file: string;
  line: number;
  column: number;
}

async function runMain(cwd: string, argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({ cwd, env: { HOME: cwd } });
  return { code: await main(argv, io), out: out(), err: err() };
}

for (const [name, files, said, word, run] of CASES)
  planted(name, () =>
    withTree({ ...('hosts' in files ? {} : { 'inventory.yaml': INVENTORY }), ...files }, async (cwd) => {
      const linted = await runMain(cwd, ['lint', '--format', 'json']);
      const problems = JSON.parse(linted.out) as Said[];
      const found = problems.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`);
      assert.equal(found.toSorted(), said.toSorted(), linted.out);
      const text = problems.map(({ message, hint }) => `${message} ${hint ?? ''}`).join('\n');
      assert.match(text, word);

      const source = join(cwd, 'hosts' in files ? 'hosts' : 'inventory.yaml');
      const checked = await runMain(cwd, ['-i', source, join(cwd, 'site.yml'), '--syntax-check']);
      const place = said.map((each) => each.split(' ')[1]!);
      assert.is(checked.code, run === 'refused' ? 1 : 0, checked.err);
      if (run === 'refused')
        assert.ok(
          place.some((each) => checked.err.includes(`at ${each}\n`)),
          checked.err,
        );
      if (run === 'warned') assert.match(checked.err, /^\[WARNING\]: /);
      if (run !== 'later') assert.match(checked.err, word);
    }),
  );

planted('brokers that clash, with both places', () =>
  withTree(
    {
      'inventory.yaml': `lamps:\n  hosts:\n    l1: {device_id: b8}\n    l2:\n      device_id: b8\n`,
      'site.yml': `- hosts: lamps
  tasks:
    - mosquitto_bridge:
        connection: up
        address: cloud.example
        port: 1883
        remote_clientid: "{{ inventory_hostname }}"
        device_id: "{{ device_id }}"
        remote_prefix: "devices/{{ device_id }}/"
        topics: [{pattern: a, direction: out}]
`,
    },
    async (cwd) => {
      const { out, code } = await runMain(cwd, ['lint', '--format', 'json']);
      const [clash, ...rest] = JSON.parse(out) as (Said & { related: object[] })[];
      assert.equal(rest, []);
      assert.is(code, 2);
      assert.is(clash!.code, 'DUPLICATE_DEVICE_ID');
      assert.equal([clash!.file, clash!.line, clash!.column], ['inventory.yaml', 5, 18]);
      assert.equal(clash!.related, [{ file: 'inventory.yaml', line: 3, column: 21 }]);
      assert.match((await runMain(cwd, ['lint'])).out, /see also inventory\.yaml:3\n/);
      const [log] = JSON.parse((await runMain(cwd, ['lint', '--format', 'sarif'])).out).runs;
      assert.is(log.results[0].relatedLocations[0].physicalLocation.region.startLine, 3);
    },
  ),
);

planted('a host that the play adds may be named nearly as another', () =>
  withTree(
    { 'inventory.yaml': INVENTORY, ...tasks('- add_host: {name: cloud02}\n- ping:\n  delegate_to: cloud02') },
    async (cwd) => assert.equal(JSON.parse((await runMain(cwd, ['lint', '--format', 'json'])).out), []),
  ),
);

planted("variables named as JavaScript's own are nobody's mistake", () =>
  withTree(inventory('ansible_host:', 'constructor: 1, toString: 2, ansible_host:'), async (cwd) => {
    const { out } = await runMain(cwd, ['lint', '--format', 'json', '-i', 'inventory.yaml']);
    assert.equal(JSON.parse(out), []);
  }),
);

planted('names of settings that are nearly right', () =>
  withTree(
    {
      ...tasks('- ping:'),
      'inventory.yaml': INVENTORY,
      'ansible.cfg': '[defaults]\nhost_key_cheking = False\n[defualts]\nforks = 3\n',
    },
    async (cwd) => {
      const { code, err } = await runMain(cwd, [
        '-i',
        join(cwd, 'inventory.yaml'),
        join(cwd, 'site.yml'),
        '--syntax-check',
      ]);
      assert.is(code, 0);
      assert.match(
        err,
        /ansible.cfg:2: \[defaults\] host_key_cheking means nothing; did you mean \[defaults\] host_key_checking\?/,
      );
      assert.match(err, /ansible.cfg:4: \[defualts\] forks means nothing; did you mean \[defaults\] forks\?/);
    },
  ),
);

planted('values of settings', () =>
  withTree({ ...tasks('- ping:'), 'ansible.cfg': '[defaults]\n\nforks = many\n' }, async (cwd) => {
    const { code, err } = await runMain(cwd, [join(cwd, 'site.yml')]);
    assert.is(code, 1);
    assert.match(err, /\[defaults\] forks must be an integer, not "many"\n {2}at ansible.cfg:3:1\n/);
  }),
);

planted.run();
