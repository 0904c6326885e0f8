import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesRegex, matches } from '../../run/modules/edit-lines.ts';
import { inShell, shellPatterns } from '../../run/modules/shell-patterns.ts';
import { quote } from '../../run/shell/script.ts';
import { SHELLS, shellCommand } from '../helpers/channel.ts';

const test = suite('modules: Python patterns as patterns of the shell');

test('literal texts are said, all else is given up', () => {
  const cases: [string, string[] | undefined][] = [
    ['^log_type ', ['log_type *']],
    ['log_type', ['*log_type*']],
    ['^#?PermitRootLogin', ['PermitRootLogin*', '#PermitRootLogin*']],
    ['^\\[global\\]$', ['[[]global]']],
    ['a\\*b\\?', ['*a[*]b[?]*']],
    ['=1$', ['*=1']],
    ['', undefined],
    ['^', undefined],
    ['^\\s*listener', undefined],
    ['a.b', undefined],
    ['a|b', undefined],
    ['ab+', undefined],
    ['^a??', undefined],
    ['\\d', undefined],
    ['(?i)a', undefined],
    ['é', undefined],
    ['a\\\\b', undefined],
  ];
  for (const [pattern, expected] of cases) assert.equal(shellPatterns(pattern), expected, pattern);
});

test('a text stands for itself alone', () => {
  assert.is(inShell('a[b]*?'), 'a[[]b][*][?]');
});

const piece = fc.constantFrom('a', 'b', '#', '=', ' ', '\\.', '\\*', '\\[', '\\?', '-', '!', '~', '\\]');
const pattern = fc
  .tuple(
    fc.constantFrom('', '^'),
    fc.constantFrom('', '', '#?', '\\*?'),
    fc.array(piece, { maxLength: 3 }),
    fc.constantFrom('', '$'),
  )
  .map((parts) => parts.flat().join(''));
const line = fc
  .array(fc.constantFrom('a', 'b', '#', '=', ' ', '.', '*', '[', ']', '?', '-', '!', '~'), { maxLength: 6 })
  .map((parts) => parts.join(''));

for (const shell of SHELLS)
  test(`they match in ${shell} where Python’s do`, () => {
    const pairs = fc.sample(fc.tuple(pattern, line), 2000).flatMap(([regexp, text]) => {
      const patterns = shellPatterns(regexp);
      return patterns === undefined ? [] : [{ regexp, text, patterns }];
    });
    assert.ok(pairs.length > 1000);
    const script = pairs.map(
      ({ text, patterns }) =>
        `r=0; for p in ${patterns.map(quote).join(' ')}; do case ${quote(text)} in $p) r=1 ;; esac; done; echo $r`,
    );
    const [program, args] = shellCommand(shell);
    const { stdout } = spawnSync(program, args, { input: script.join('\n'), encoding: 'utf8' });
    const answers = stdout.trim().split('\n');
    for (const [i, { regexp, text, patterns }] of pairs.entries())
      assert.is(
        answers[i],
        matches(bytesRegex(regexp), `${text}\n`) ? '1' : '0',
        `${regexp} as ${patterns} in "${text}"`,
      );
  });

test.run();
