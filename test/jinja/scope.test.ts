import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileExpression, compileTemplate } from '../../run/jinja/template.ts';
import { LazyMapping } from '../../run/jinja/values/types.ts';
import { scopeOf } from './scopes.ts';

const test = suite('scopes');
const pending = { pending: true };
const waiting = {
  resolve: (name: string): unknown => {
    if (name === 'later') throw pending;
    return name === 'known' ? 1 : undefined;
  },
};

for (const template of [
  '{{ later }}',
  "{{ later | default('x') }}",
  '{{ later is defined }}',
  '{{ later.a.b }}',
  "{{ ['a'] | map('extract', later) | list }}",
  "{{ [1] | select('in', later) | list }}",
  '{% if later %}{% endif %}',
  '{% for i in later %}{% endfor %}',
  '{{ later | int(5) }}',
  "{{ lookup('vars', 'later') }}",
  "{{ lookup('vars', 'later', errors='ignore') }}",
  '{% macro m(a=later) %}{{ a }}{% endmacro %}{{ m() }}',
]) {
  test(`what a scope throws passes through ${template}`, () => {
    let thrown: unknown;
    try {
      compileTemplate(template).render(waiting, {});
    } catch (error) {
      thrown = error;
    }
    assert.is(thrown, pending);
  });
}

for (const template of [
  '{{ known or later }}',
  '{{ false and later }}',
  '{{ 1 if known else later }}',
  '{% if known %}1{% else %}{{ later }}{% endif %}',
  '{{ 2 < 1 < later }}',
  '{% for i in [] %}{{ later }}{% endfor %}',
  '{% macro m() %}{{ later }}{% endmacro %}',
]) {
  test(`nothing is resolved in vain by ${template}`, () => {
    compileTemplate(template).render(waiting, {});
  });
}

test('free names', () => {
  const names = (template: string) => [...compileTemplate(template).names].sort();
  assert.equal(names('{% for i in lst %}{{ i }}{{ loop.index }}{% endfor %}{{ i }}'), ['i', 'lst']);
  assert.equal(names('{% set a = b %}{{ a }}{% if c %}{% set d = 1 %}{% endif %}{{ d }}'), ['b', 'c', 'd']);
  assert.equal(names('{% macro m(p, q=r) %}{{ p }}{{ varargs }}{{ s }}{% endmacro %}{{ m(1) }}'), ['r', 's']);
  assert.equal(names("{{ range(n) }}{{ lookup('env', home) }}{{ d.e[f] }}"), ['d', 'f', 'home', 'n']);
  assert.equal([...compileExpression("r.rc == 0 and h['x'] is changed").names], ['r', 'h']);
});

test('constants', () => {
  for (const constant of ['text', '{{ 1 + 1 }}', '{% for i in range(3) %}{{ i }}{% endfor %}']) {
    assert.ok(compileTemplate(constant).isConstant, constant);
  }
  for (const template of ['{{ a }}', '{{ now() }}', '{{ 5 | random }}', "{{ '/x' is exists }}", "{% include 'x' %}"]) {
    assert.not(compileTemplate(template).isConstant, template);
  }
});

test('names of JS objects mean nothing', () => {
  const scope = scopeOf({ d: { a: 1 } });
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.is(compileTemplate(`{{ d.${name} is defined }}`).renderString(scope, {}), 'False');
    assert.is(compileTemplate(`{{ ${name} is defined }}`).renderString(scope, {}), 'False');
    assert.is(compileTemplate(`{{ '${name}' in d }}`).renderString(scope, {}), 'False');
  }
});

test('a mapping made on demand', () => {
  const asked: string[] = [];
  class Hosts extends LazyMapping {
    get(key: string): unknown {
      asked.push(key);
      return key === 'a' ? { ip: '10.0.0.1' } : undefined;
    }
    keys(): string[] {
      return ['a'];
    }
  }
  const scope = scopeOf({ hostvars: new Hosts() });
  const render = (template: string) => compileTemplate(template).render(scope, {});
  assert.is(render("{{ hostvars['a'].ip }}"), '10.0.0.1');
  assert.is(render("{{ hostvars.b.ip | default('-') }}"), '-');
  assert.equal(asked, ['a', 'b']);
  assert.is(render("{{ 'a' in hostvars }}"), true);
  assert.is(render('{{ hostvars | length }}'), '1');
  assert.equal(render('{{ hostvars }}'), { a: { ip: '10.0.0.1' } });
});

test('types', () => {
  const scope = scopeOf({ port: 1883, on: true, none: null, list: [1, 'a'], text: '[1]' });
  assert.is(compileTemplate('{{ port }}').render(scope, {}), 1883);
  assert.is(compileTemplate('{{ port + 1 }}').render(scope, {}), '1884');
  assert.is(compileTemplate('{{ port + 1 }}').renderNative(scope, {}), 1884);
  assert.is(compileTemplate('{{ port + 1 }}').renderString(scope, {}), '1884');
  assert.equal(compileTemplate('{{ list }}').render(scope, {}), [1, 'a']);
  assert.equal(compileTemplate('{{ text }}').renderNative(scope, {}), '[1]');
  assert.is(compileExpression('port == 1883').render(scope, {}), true);
});

test.run();
