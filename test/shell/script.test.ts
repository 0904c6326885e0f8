import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lines, quote, raw, sh } from '../../run/shell/script.ts';
import { SHELLS, shellCommand } from '../helpers/channel.ts';

const test = suite('shell: scripts');

for (const shell of SHELLS)
  for (const locale of ['C', 'C.UTF-8'])
    test(`every byte but NUL comes through ${shell} in ${locale}`, () => {
      const all = String.fromCharCode(...Array.from({ length: 255 }, (_, i) => i + 1));
      const word = quote(all);
      const [program, args] = shellCommand(shell);
      const { stdout } = spawnSync(
        program,
        [...args, '-c', Buffer.from(`printf %s ${word}`, 'latin1').toString('latin1')],
        {
          encoding: 'buffer',
          env: { ...process.env, LC_ALL: locale },
          // Arguments are UTF-8 on the way: so is what is expected.
        },
      );
      assert.ok(stdout.equals(Buffer.from(all, 'utf8')));
    });

test('any words are read back as they were', () => {
  const [program, args] = shellCommand('dash');
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
        { maxLength: 8 },
      ),
      (words) => {
        const script = sh`for w in ${words}; do printf '%s\0' "$w"; done`.text;
        const { stdout } = spawnSync(program, args, { input: `${script}\n` });
        assert.ok(stdout.equals(Buffer.from(words.map((word) => `${word}\0`).join(''))));
      },
    ),
    { numRuns: 200 },
  );
});

test('plain words stand bare, what could be read otherwise does not', () => {
  assert.is(quote('/etc/a-b_c.d'), '/etc/a-b_c.d');
  assert.is(quote(''), '""');
  for (const text of ['~', '~root', '=x', 'a=b', '-n;', 'a b', '*', '$x', '#c', "it's", '!x', '{a,b}'])
    assert.match(quote(text), /^'/, text);
  assert.throws(
    () => quote('a\0b'),
    (error: unknown) => error instanceof RangeError,
  );
});

test('literal parts are raw, scripts nest, lines leave out what is not there', () => {
  assert.is(sh`printf '\n' ${raw('"$x"')} ${['a', 'b c']} ${7}`.text, `printf '\\n' "$x" a 'b c' 7`);
  assert.is(lines(sh`a`, undefined, false, sh`b`).text, 'a\nb');
});

test.run();
