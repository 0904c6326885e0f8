import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { guardOf } from '../../run/plan/guard.ts';
import { services } from '../../run/plan/services.ts';
import { Templar } from '../../run/plan/templar.ts';
import type { Condition } from '../../run/playbook/model.ts';
import { SHELLS, shellCommand } from '../helpers/channel.ts';

const test = suite('guards');

const templar = new Templar(
  services({ playbookDir: () => '/', vault: undefined, warn: () => {}, template: (text) => text }),
);

function guard(expression: string): string | undefined {
  return guardOf(templar, { expression } as Condition, (register) => (register === 'r' ? 1 : undefined))?.text;
}

// A guard runs in the session's own shell, which an error of syntax would end.
for (const shell of SHELLS)
  test(`say in ${shell} what the condition says of a result that has changed something`, () => {
    const cases: [string, boolean][] = [
      ['r is changed', true],
      ['r is not changed', false],
      ['not r is changed', false],
      ['not (r is not changed)', true],
      ['not not r.changed', true],
      ['not r is not failed', false],
      ['not (r is changed and not r is failed)', false],
      ['r is changed and (r is failed or not (r is not changed))', true],
      ['not (r.rc == 1 or not r.changed)', true],
    ];
    const [program, args] = shellCommand(shell);
    for (const [expression, truth] of cases) {
      const text = guard(expression);
      assert.ok(text, expression);
      const script = `ll_was() { [ "$2" = changed ]; }\nll_rc_is() { false; }\nif ! eval '${text}'; then echo no; else echo yes; fi\necho end\n`;
      const { stdout } = spawnSync(program, args, { input: script, encoding: 'utf8' });
      assert.is(stdout, `${truth ? 'yes' : 'no'}\nend\n`, `${expression}: ${text}`);
    }
  });

test('leave to the controller what the host does not know', () => {
  for (const expression of ['r.stdout == "x"', 'other is changed', 'r is changed and x', 'r.rc == "1"'])
    assert.is(guard(expression), undefined, expression);
});

test.run();
