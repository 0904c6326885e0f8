import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JinjaError, type JinjaErrorKind } from '../../run/jinja/errors.ts';
import { compileExpression, compileTemplate } from '../../run/jinja/template.ts';
import { scopeOf } from './scopes.ts';

const test = suite('where errors are');
const scope = scopeOf({ x: 'text', d: { a: 1 } });

/** Template, kind, line and column; the template starts at line 10, column 5 of its file. */
const cases: [string, JinjaErrorKind, number, number][] = [
  ['{{ x | defualt(1) }}', 'syntax', 10, 12],
  ['one\n  {{ x is definde }}', 'syntax', 11, 11],
  ["{{ lookup('fil', 'x') }}", 'syntax', 10, 15],
  ["{{ [1] | map('uper') | list }}", 'syntax', 10, 18],
  ["{{ [1] | select('od') | list }}", 'syntax', 10, 21],
  ['{% if x %}', 'syntax', 10, 5],
  ['{{ x y }}', 'syntax', 10, 10],
  ['{% fro x in y %}', 'syntax', 10, 8],
  ['{{ (1 }}', 'syntax', 10, 11],
  ['a {{ "open }}', 'syntax', 10, 10],
  ['\n\n{{ nope }}', 'undefined', 12, 4],
  ['{{ 1 }}{{ nope.a.b }}', 'undefined', 10, 15],
  ['{{ d.b }}', 'undefined', 10, 10],
  ["{{ d['b'] }}", 'undefined', 10, 9],
  ['{{ x +\n 1 }}', 'runtime', 10, 10],
  ['{{ x\n | human_to_bytes }}', 'runtime', 11, 4],
  ['{% for a, b in [[1]] %}{% endfor %}', 'runtime', 10, 20],
];

for (const [template, kind, line, column] of cases) {
  test(template, () => {
    try {
      compileTemplate(template, { file: 'play.yaml', line: 10, column: 5 }).render(scope, {});
      assert.unreachable();
    } catch (error) {
      assert.instance(error, JinjaError);
      const { file, line: atLine, column: atColumn, kind: found } = error as JinjaError;
      assert.equal([found, file, atLine, atColumn], [kind, 'play.yaml', line, column]);
    }
  });
}

test('a name that is nearly known', () => {
  const cause = (template: string) => {
    try {
      return compileTemplate(template);
    } catch (error) {
      return (error as JinjaError).message;
    }
  };
  assert.is(cause('{{ x | defualt(1) }}'), "no filter named 'defualt', did you mean 'default'?");
  assert.is(cause('{{ x is changd }}'), "no test named 'changd', did you mean 'changed'?");
  assert.is(cause("{{ query('fileglb', x) }}"), "no lookup named 'fileglb', did you mean 'fileglob'?");
});

test('the variable that is undefined', () => {
  try {
    compileExpression('port > 5 and x').render(scope, {});
    assert.unreachable();
  } catch (error) {
    assert.is((error as JinjaError).variable, 'port');
    assert.is((error as JinjaError).message, "'port' is undefined");
  }
});

test('a template in braces where an expression stands', () => {
  assert.throws(() => compileExpression('{{ x }}'), /already/);
});

test.run();
