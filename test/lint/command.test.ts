import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintCommand } from '../../run/lint/command.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { withTree } from '../playbook/tree.ts';

const command = suite('lint command');

const SITE = `- hosts: all
  tasks:
    - pingg:
    - debug: {mgs: x}
    - ping:
      notfy: nobody
`;

async function run(cwd: string, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({ cwd });
  return { code: await lintCommand(argv, io), out: out(), err: err() };
}

command('prints each mistake with its line, a caret and what mends it', () =>
  withTree({ 'site.yml': SITE }, async (cwd) => {
    const { code, out } = await run(cwd);
    assert.is(code, 2);
    assert.match(
      out,
      `error UNKNOWN_MODULE "pingg" is neither a module nor a keyword of a task; did you mean "ping"?
  at site.yml:3:7

  3 |     - pingg:
    |       ^

--fix: pingg -> ping
`,
    );
    assert.match(out, /3 errors, 0 warnings; --fix mends 3\n$/);
  }),
);

command('says what it found to programs', () =>
  withTree({ 'a b/site.yml': SITE }, async (cwd) => {
    const [first] = JSON.parse((await run(cwd, '--format', 'json')).out);
    assert.equal(first, {
      code: 'UNKNOWN_MODULE',
      severity: 'error',
      message: '"pingg" is neither a module nor a keyword of a task; did you mean "ping"?',
      file: 'a b/site.yml',
      line: 3,
      column: 7,
      fix: { wrong: 'pingg', right: 'ping' },
    });
    const sarif = JSON.parse((await run(cwd, '--format', 'sarif')).out);
    assert.is(sarif.version, '2.1.0');
    const [log] = sarif.runs;
    assert.equal(
      log.tool.driver.rules.map(({ id }: { id: string }) => id),
      ['UNKNOWN_MODULE', 'UNKNOWN_ARGUMENT', 'UNKNOWN_KEYWORD'],
    );
    assert.equal(log.results[0].locations[0].physicalLocation, {
      artifactLocation: { uri: 'a%20b/site.yml' },
      region: { startLine: 3, startColumn: 7 },
    });
    assert.is(log.results[0].level, 'error');
    assert.equal(log.results[0].fixes[0].artifactChanges[0].replacements, [
      { deletedRegion: { startLine: 3, startColumn: 7, endColumn: 12 }, insertedContent: { text: 'ping' } },
    ]);
  }),
);

const FIXES: [name: string, before: string, after: string][] = [
  [
    'a module, an argument, a keyword',
    '- pingg:\n- debug: {mgs: x}\n- ping:\n  wehn: true',
    '- ping:\n- debug: {msg: x}\n- ping:\n  when: true',
  ],
  ['a template', '- debug:\n    msg: {{ a }} and "b" # why', `- debug:\n    msg: '{{ a }} and "b"' # why`],
  ['a template in a list', "- debug:\n    msg:\n      - {{ a['b'] }}", '- debug:\n    msg:\n      - "{{ a[\'b\'] }}"'],
  ['both quotes in a template', `- debug:\n    msg: {{ 'a' + "b" }}`, `- debug:\n    msg: {{ 'a' + "b" }}`],
  [
    'modes',
    '- file: {path: /x, mode: 0644}\n- file:\n    path: /x\n    mode: 755',
    "- file: {path: /x, mode: '0644'}\n- file:\n    path: /x\n    mode: '0755'",
  ],
  [
    'conditions',
    '- ping:\n  when: "{{ a }}"\n- ping:\n  when: "{{ a }} and {{ a }}"',
    '- ping:\n  when: "a"\n- ping:\n  when: "{{ a }} and {{ a }}"',
  ],
  ['two that are as near', '- command: {cmdd: x}\n- stat: {patx: y}', '- command: {cmd: x}\n- stat: {path: y}'],
];

for (const [name, before, after] of FIXES)
  command(`mends ${name}`, () => {
    const site = (tasks: string): string =>
      `- hosts: all\r\n  vars: {a: true}\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`;
    return withTree({ 'site.yml': site(before) }, async (cwd) => {
      await run(cwd, '--fix');
      assert.is(readFileSync(join(cwd, 'site.yml'), 'utf8'), site(after));
    });
  });

command('its exit code tells mistakes, warnings and failure apart', () =>
  withTree(
    {
      'good.yml': '- hosts: all\n  tasks: []\n',
      'doubtful.yml': '- hosts: all\n  tasks:\n    - debug: {msg: "{{ nothing_says }}"}\n',
      'wrong.yml': '- hosts: all\n  task: []\n',
    },
    async (cwd) => {
      assert.is((await run(cwd, 'good.yml')).code, 0);
      assert.is((await run(cwd, 'doubtful.yml')).code, 0);
      assert.match((await run(cwd, 'doubtful.yml')).out, /warning UNDEFINED_VARIABLE/);
      assert.match((await run(cwd, 'doubtful.yml', '-e', 'nothing_says=1')).out, /^0 errors, 0 warnings\n$/);
      assert.is((await run(cwd, 'wrong.yml')).code, 2);
      assert.is((await run(cwd, 'missing.yml')).code, 1);
      assert.match((await run(cwd, 'missing.yml')).err, /there is no file/);
      assert.is((await run(cwd, '--format', 'xml')).code, 1);
      assert.is((await run(cwd, '--help')).code, 0);
    },
  ),
);

command.run();
