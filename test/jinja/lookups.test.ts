import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JinjaError } from '../../run/jinja/errors.ts';
import type { Environment } from '../../run/jinja/runtime.ts';
import { compileTemplate } from '../../run/jinja/template.ts';
import { scopeOf } from './scopes.ts';

const test = suite<{ folder: string; env: Environment; warnings: string[] }>('lookups');

test.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplighter-'));
  mkdirSync(join(folder, 'files'));
  mkdirSync(join(folder, 'templates'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('files/a.txt', '  content \n\n');
  write('files/b.conf', 'b');
  write('files/hosts.csv', 'name,ip,note\nlamp01,10.0.0.1,"a, ""quoted"" one"\n');
  write('files/tabs.csv', 'x\tone\ttwo\n');
  write('files/app.ini', '[global]\nport = 1883\nLong: one\n  two\n[mqtt]\nhost = broker\nurl = http://%(host)s/\n');
  write('files/app.properties', 'k.a=1\nk.b=2\n');
  write('files/secret', '$ANSIBLE_VAULT;1.1;AES256\n00\n');
  write('templates/t.j2', 'Hello {{ who }} {{ extra | default("-") }} {{ template_path }}\n');
  write('templates/list.j2', '[1, {{ n }}]');
  write('templates/other.j2', '[% who %]');
  context.folder = folder;
  context.warnings = [];
  context.env = {
    lookups: {
      findFile: (kind, name) => {
        const paths = isAbsolute(name) ? [name] : [join(folder, kind, name), join(folder, name)];
        return paths.find((path) => existsSync(path));
      },
      resolvePath: (name) => join(folder, name),
      decrypt: () => 'decrypted',
      warn: (message) => context.warnings.push(message),
      settings: { DEFAULT_FORKS: 7, DEFAULT_REMOTE_USER: null },
    },
  };
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const variables = { who: 'you', n: 2, which: 'b' };

/** Template and what it renders to; FOLDER stands for the test's own. */
const cases: [string, unknown][] = [
  ["{{ lookup('file', 'a.txt') }}", '  content'],
  ["{{ lookup('file', 'a.txt', lstrip=true, rstrip=false) }}", 'content \n\n'],
  ["{{ lookup('ansible.builtin.file', 'a.txt', 'b.conf') }}", '  content,b'],
  ["{{ query('file', 'a.txt', 'b.conf') }}", ['  content', 'b']],
  ["{{ lookup('file', 'secret') }}", 'decrypted'],
  ["{{ lookup('unvault', 'secret') }}", 'decrypted'],
  ["{{ lookup('file', 'none', errors='ignore') }}", ''],
  ["{{ lookup('file', 'none', errors='warn') }}", ''],
  ["{{ lookup('template', 't.j2') }}", 'Hello you - t.j2\n'],
  ["{{ lookup('template', 't.j2', template_vars={'extra': 'more'}) | trim }}", 'Hello you more t.j2'],
  ["{{ lookup('template', 'list.j2') }}", [1, 2]],
  ["{{ lookup('template', 'list.j2', convert_data=false) | type_debug }}", 'str'],
  ["{{ lookup('template', 'other.j2', variable_start_string='[%', variable_end_string='%]') }}", 'you'],
  ["{{ lookup('fileglob', '*.conf') | basename }}", 'b.conf'],
  ["{{ query('fileglob', 'FOLDER/files/*.csv') | map('basename') | list }}", ['hosts.csv', 'tabs.csv']],
  ["{{ lookup('csvfile', 'lamp01 file=hosts.csv delimiter=, col=1') }}", '10.0.0.1'],
  ["{{ lookup('csvfile', 'lamp01', file='hosts.csv', delimiter=',', col=2) }}", 'a, "quoted" one'],
  ["{{ lookup('csvfile', 'x', file='tabs.csv') }}", 'one'],
  ["{{ lookup('csvfile', 'zz', file='hosts.csv', delimiter=',', default='none') }}", 'none'],
  ["{{ lookup('ini', 'port file=app.ini') }}", '1883'],
  ["{{ lookup('ini', 'url', file='app.ini', section='mqtt') }}", 'http://broker/'],
  ["{{ lookup('ini', 'long', file='app.ini') }}", 'one\ntwo'],
  ["{{ lookup('ini', 'nope', file='app.ini', default='d') }}", 'd'],
  ["{{ lookup('ini', 'k.a type=properties file=app.properties') }}", '1'],
  ["{{ query('ini', 'k\\..*', file='app.properties', type='properties', re=true) }}", ['1', '2']],
  ["{{ query('flattened', ['a', ['b', [['c']]]], [1, 2]) }}", ['a', 'b', 'c', 1, 2]],
  ["{{ query('community.general.flattened', [[[3]]], 'x', 'None', 'after') }}", [3, 'x']],
  [
    "{{ query('cartesian', ['a', 'b'], [1]) }}",
    [
      ['a', 1],
      ['b', 1],
    ],
  ],
  ["{{ lookup('first_found', 'zzz.conf', 'b.conf') | basename }}", 'b.conf'],
  ["{{ lookup('first_found', ['nope', which ~ '.conf']) | basename }}", 'b.conf'],
  ["{{ lookup('first_found', {'files': ['no', 'a.txt'], 'paths': ['nowhere', 'FOLDER/files']}) | basename }}", 'a.txt'],
  ["{{ query('first_found', 'no1', 'no2', skip=true) }}", []],
  ["{{ lookup('pipe', 'echo one; echo two') }}", 'one\ntwo'],
  ["{{ lookup('pipe', 'pwd') == 'FOLDER' }}", true],
  ["{{ lookup('vars', 'who', 'n') }}", ['you', 2]],
  ["{{ query('varnames', '^w') }}", ['who', 'which']],
  ["{{ lookup('password', 'pw/one length=12 chars=digits') | length }}", '12'],
  ["{{ lookup('password', '/dev/null', length=5, chars=['digits'], seed='s') is match('[0-9]{5}$') }}", true],
];

for (const [template, expected] of cases) {
  test(template, ({ env, folder }) => {
    const actual = compileTemplate(template.replaceAll('FOLDER', folder)).render(scopeOf(variables), env);
    assert.equal(actual, expected);
  });
}

test('a warning', ({ env, warnings }) => {
  compileTemplate("{{ lookup('file', 'none', errors='warn') }}").render(scopeOf({}), env);
  assert.is(warnings.length, 1);
});

test('a password stays the same, in a file for its owner only', ({ env, folder }) => {
  const render = (text: string) => compileTemplate(text).render(scopeOf({}), env);
  const first = render("{{ lookup('password', 'pw/two') }}");
  assert.is(render("{{ lookup('password', 'pw/two') }}"), first);
  assert.is(statSync(join(folder, 'pw/two')).mode & 0o777, 0o600);
  const hash = render("{{ lookup('password', 'pw/two encrypt=md5_crypt') }}");
  assert.match(String(hash), /^\$1\$.{8}\$/);
  assert.is(render("{{ lookup('password', 'pw/two encrypt=md5_crypt') }}"), hash);
  assert.match(readFileSync(join(folder, 'pw/two'), 'utf8'), /^\S+ salt=.{8}\n$/);
});

test("config reads the settings by Ansible's names", ({ env }) => {
  const render = (template: string) => compileTemplate(template).render(scopeOf({}), env);
  assert.is(render("{{ lookup('config', 'DEFAULT_FORKS') + 1 }}"), '8');
  assert.equal(render("{{ query('ansible.builtin.config', 'DEFAULT_FORKS', 'NOTHING', on_missing='skip') }}"), [7]);
});

for (const template of [
  "{{ lookup('file', 'none') }}",
  "{{ lookup('file', 'a.txt', stirp=true) }}",
  "{{ lookup('config', 'X') }}",
  "{{ lookup('pipe', 'exit 3') }}",
  "{{ lookup('first_found', 'no') }}",
  "{{ lookup('csvfile', '') }}",
  "{{ lookup('url', 'http://127.0.0.1:1/') }}",
]) {
  test(`refused: ${template}`, ({ env }) => {
    const render = () => compileTemplate(template).render(scopeOf({}), env);
    assert.throws(render, (error: unknown) => error instanceof JinjaError && error.kind === 'runtime');
  });
}

test.run();
