import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { errorText } from '../../run/report/error-text.ts';
import { painter } from '../../run/report/style.ts';

const errors = suite<{ cwd: string }>('error text');

errors.before.each((context) => {
  context.cwd = mkdtempSync(join(tmpdir(), 'lamplighter-error-'));
});
errors.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

const show = (error: LamplighterError, cwd: string) => errorText(error, { paint: painter(false), cwd });

errors('message, place, source line with a caret, hint', ({ cwd }) => {
  const file = join(cwd, 'site.yaml');
  writeFileSync(file, '- hosts: all\n  tasks:\n    - debug:\n      notfy: restart\n');
  const error = new LamplighterError('UNKNOWN_KEYWORD', '"notfy" is not a keyword of a task', {
    place: { file, line: 4, column: 7 },
    hint: 'did you mean "notify"?',
  });
  assert.is(
    show(error, cwd),
    `ERROR! "notfy" is not a keyword of a task
  at site.yaml:4:7

  4 |       notfy: restart
    |       ^

did you mean "notify"?
`,
  );
});

errors('the caret stands right below a column after tabs', ({ cwd }) => {
  const error = new LamplighterError('YAML_SYNTAX', 'a tab', {
    place: { file: 'x.yaml', line: 12, column: 3 },
    sourceLine: '\t\tkey: x',
  });
  const [, , , source, caret] = show(error, cwd).split('\n');
  assert.is(caret?.indexOf('^'), source?.indexOf('key'));
});

errors('a place whose file cannot be read is named all the same', ({ cwd }) => {
  const error = new LamplighterError('BAD_ARGUMENT', 'no', { place: { file: '/gone.yaml', line: 3, column: 1 } });
  assert.is(show(error, cwd), 'ERROR! no\n  at /gone.yaml:3:1\n');
});

errors('no stack, ever', ({ cwd }) => {
  const error = new LamplighterError('CONNECT', 'refused', { cause: new Error('ECONNREFUSED') });
  assert.is(show(error, cwd), 'ERROR! refused\n');
});

errors.run();
