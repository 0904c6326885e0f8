import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { main } from '../../run/cli.ts';
import { Modules } from '../../run/plan/modules.ts';
import { editorSchema, editorSchemaFiles, SCHEMA_KINDS, type SchemaKind } from '../../run/reference/editor-schema.ts';
import { fakeIo } from '../cli/fake-io.ts';

/* The schema for editors: it takes what is right, and marks what is wrong. */

const ROOT = join(import.meta.dirname, '../..');
const schemas = suite('editor schema');
const modules = new Modules();

/** What is wrong with a text by the schema, as "keyword /path"; compiling takes a second, so once a kind. */
const checkers = new Map<SchemaKind, (text: string) => string[]>();
schemas.before(async () => {
  for (const kind of SCHEMA_KINDS) {
    const check = new Ajv({ strict: false }).compile(await editorSchema(kind, modules));
    checkers.set(kind, (text) => {
      check(parse(text, { logLevel: 'silent', merge: true }));
      return (check.errors ?? []).map(({ instancePath, keyword }) => `${keyword} ${instancePath}`);
    });
  }
});

schemas('is the one in docs/schema (npm run docs writes it)', async () => {
  for (const [name, text] of Object.entries(await editorSchemaFiles(modules)))
    assert.ok(readFileSync(join(ROOT, 'docs/schema', name), 'utf8') === text, `docs/schema/${name} is stale`);
});

schemas("takes the repository's own playbooks and roles", () => {
  const all = readdirSync(join(ROOT, 'playbooks'), { recursive: true, encoding: 'utf8' });
  const kinds = [
    ['playbook', all.filter((name) => /^[^/]+\.yaml$/.test(name))],
    ['tasks', all.filter((name) => /\/(?:tasks|handlers)\/[^/]+\.yml$/.test(name))],
  ] as const;
  for (const [kind, names] of kinds) {
    const check = checkers.get(kind)!;
    assert.ok(names.length > 2, kind);
    for (const name of names) assert.equal(check(readFileSync(join(ROOT, 'playbooks', name), 'utf8')), [], name);
  }
});

const TASKS: [name: string, text: string, marked: boolean][] = [
  ['a template where a boolean is due', '- apt: {name: x, update_cache: "{{ y }}"}', false],
  ['words for a boolean', '- apt: {name: x, update_cache: yes}\n  become: no', false],
  ['one value for a list', '- apt: {name: x}', false],
  ['free form', '- command: echo hi\n- ansible.builtin.shell: echo\n- meta: flush_handlers\n- ping:', false],
  ['a lookup, and a module of a collection', '- debug: {msg: x}\n  with_items: [1]\n- a.b.c: {x: y}', false],
  ['a block', '- block: [{ping: }]\n  rescue: []\n  when: [a, b]', false],
  ['a handler', '- name: x\n  listen: [y]\n  service: {name: x, state: restarted}', false],
  ['an argument by its other name', '- file: {dest: /x, state: touch, mode: "0644"}', false],
  ['a keyword', '- ping:\n  notfy: x', true],
  ['a keyword of a block', '- block: []\n  allways: []', true],
  ['an argument', '- apt: {nmae: x}', true],
  ['a choice', '- service: {name: x, state: restart}', true],
  ['a number', '- wait_for: {port: abc}', true],
  ['a module', '- aptt: {name: x}', true],
  ['a name for a result', '- ping:\n  register: a b', true],
];

for (const [name, text, marked] of TASKS)
  schemas(`${marked ? 'marks' : 'takes'} ${name}`, () => {
    const errors = checkers.get('tasks')!(text);
    assert.is(errors.length > 0, marked, errors.join('\n'));
  });

schemas('marks what a play lacks or has too much', () => {
  const check = checkers.get('playbook')!;
  assert.equal(check('- hosts: all\n  roles: [a, {role: b, x: 1}]\n- import_playbook: x.yaml\n'), []);
  assert.ok(check('- tasks: []\n').length > 0);
  assert.ok(check('- hosts: all\n  tsaks: []\n').length > 0);
  assert.ok(check('- import_playbook: x\n  become: yes\n').length > 0);
});

schemas('is printed by the command', async () => {
  const { io, out, err } = fakeIo();
  assert.is(await main(['schema', 'tasks'], io), 0);
  assert.equal(JSON.parse(out()), await editorSchema('tasks', modules));
  assert.is(await main(['schema', 'nothing'], io), 1);
  assert.match(err(), /playbook, tasks/);
});

schemas('doc shows modules, and says what it has not', async () => {
  const { io, out, err } = fakeIo();
  assert.is(await main(['doc'], io), 0);
  assert.match(out(), /^apt +Installs, upgrades and removes Debian packages\.$/m);
  assert.is(await main(['doc', 'ansible.builtin.apt', 'lineinfile'], io), 0);
  const pages = out();
  assert.match(pages, /^apt {2}ansible\.builtin\.apt/);
  assert.match(pages, /^ {2}lock_timeout +int; default 60$/m);
  assert.match(pages, /^lineinfile {2}/m);
  assert.ok(
    pages.split('\n').every((line) => line.length <= 80 || /^ {2}[a-z#-]/.test(line)),
    'fits 80 columns',
  );
  assert.is(await main(['doc', 'aptt'], io), 1);
  assert.match(err(), /did you mean "apt"/);
  assert.is(await main(['doc', 'yum'], io), 1);
  assert.match(err(), /use package/);
});

schemas.run();
