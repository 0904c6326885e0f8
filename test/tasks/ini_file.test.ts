import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import iniFile from '../../tasks/ini_file.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

type Args = Record<string, unknown>;

const CONF = `; top
fav = tea

[drinks]
; fav = none
fav = lemonade
beverage = coke
beverage = pepsi

# about water
[water]
temperature=cold
`;

/** [before, arguments, after, msg]: what community.general 6 makes of it. */
const CASES: [string | undefined, Args, string, string][] = [
  [undefined, { section: 'a', option: 'b', value: 'c' }, '\n[a]\nb = c\n', 'section and option added'],
  [undefined, { option: 'b', value: 'c' }, 'b = c\n\n', 'option added'],
  ['', { section: 'a', option: 'b', value: 'c', no_extra_spaces: true }, '\n[a]\nb=c\n', 'section and option added'],
  [
    CONF,
    { section: 'drinks', option: 'fav', value: 'lemonade' },
    '; top\nfav = tea\n\n[drinks]\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [
    CONF,
    { section: 'drinks', option: 'fav', value: 'wine' },
    '; top\nfav = tea\n\n[drinks]\nfav = wine\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [
    CONF,
    { section: 'drinks', option: 'new', value: 'x' },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\nnew = x\n\n# about water\n[water]\ntemperature=cold\n',
    'option added',
  ],
  [CONF, { section: 'water', option: 'temperature', value: 'cold', no_extra_spaces: true }, CONF, 'OK'],
  [
    CONF,
    { section: 'water', option: 'temperature', value: 'hot' },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature = hot\n',
    'option changed',
  ],
  [
    CONF,
    { section: 'water', option: 'x', value: '1' },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\nx = 1\n',
    'option added',
  ],
  [
    CONF,
    { option: 'fav', value: 'coffee' },
    '; top\nfav = coffee\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [
    CONF,
    { option: 'sugar', value: 'no' },
    '; top\nfav = tea\nsugar = no\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option added',
  ],
  [
    CONF,
    { section: '', option: 'sugar', value: 'no' },
    '; top\nfav = tea\nsugar = no\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option added',
  ],
  [
    CONF,
    { section: 'wine', option: 'red', value: 'yes' },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n[wine]\nred = yes\n',
    'section and option added',
  ],
  [
    CONF,
    { section: 'wine', allow_no_value: true },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n[wine]\n',
    'only section added',
  ],
  [
    CONF,
    { section: 'wine', option: 'red', allow_no_value: true },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n[wine]\nred\n',
    'section and option added',
  ],
  [
    CONF,
    { section: 'drinks', option: 'red', allow_no_value: true },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\nred\n\n# about water\n[water]\ntemperature=cold\n',
    'option added',
  ],
  [
    CONF,
    { section: 'drinks', option: 'fav', allow_no_value: true },
    '; top\nfav = tea\n\n[drinks]\nfav\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [
    CONF,
    { section: 'drinks', option: 'beverage', values: ['coke', 'water'] },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = water\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [CONF, { section: 'drinks', option: 'beverage', values: ['pepsi', 'coke'] }, CONF, 'OK'],
  [
    CONF,
    { section: 'drinks', option: 'beverage', values: ['a', 'b', 'c'] },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = a\nbeverage = b\nbeverage = c\n\n# about water\n[water]\ntemperature=cold\n',
    'option added',
  ],
  [
    CONF,
    { section: 'drinks', option: 'beverage', value: 'juice', exclusive: false },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\nbeverage = juice\n\n# about water\n[water]\ntemperature=cold\n',
    'option added',
  ],
  [CONF, { section: 'drinks', option: 'beverage', value: 'coke', exclusive: false }, CONF, 'OK'],
  [
    CONF,
    { section: 'drinks', option: 'beverage', state: 'absent' },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [
    CONF,
    { section: 'drinks', option: 'beverage', value: 'coke', state: 'absent', exclusive: false },
    '; top\nfav = tea\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  [CONF, { section: 'drinks', option: 'nosuch', state: 'absent' }, CONF, 'OK'],
  [CONF, { section: 'drinks', state: 'absent' }, '; top\nfav = tea\n\n[water]\ntemperature=cold\n', 'section removed'],
  [CONF, { section: 'nosuch', state: 'absent' }, CONF, 'OK'],
  [
    CONF,
    { option: 'fav', state: 'absent' },
    '; top\n\n[drinks]\n; fav = none\nfav = lemonade\nbeverage = coke\nbeverage = pepsi\n\n# about water\n[water]\ntemperature=cold\n',
    'option changed',
  ],
  ['[a]\nb = 1', { section: 'a', option: 'b', value: '1' }, '[a]\nb = 1\n', 'OK'],
  ['[a]\r\nb = 1\r\n', { section: 'a', option: 'b', value: '2' }, '[a]\nb = 2\n', 'option changed'],
  ['﻿[a]\nb=1\n', { section: 'a', option: 'b', value: '1', no_extra_spaces: true }, '﻿[a]\nb=1\n', 'OK'],
  ['[a]\nb.c = 1\nbxc = 2\n', { section: 'a', option: 'b.c', value: '3' }, '[a]\nb.c = 3\nbxc = 2\n', 'option changed'],
  ['[a]\n#b=1\n', { section: 'a', option: 'b', value: '2' }, '[a]\nb = 2\n', 'option changed'],
  ['[a]\n  b  =  1\n', { section: 'a', option: 'b', value: '1' }, '[a]\nb = 1\n', 'option changed'],
  ['[a]\nb\n', { section: 'a', option: 'b', value: '1' }, '[a]\nb = 1\n', 'option changed'],
  ['[a]\nb =\n', { section: 'a', option: 'b', value: '' }, '[a]\nb = \n', 'option changed'],
  [
    '[a]\nx = 1\n\n[a]\ny = 2\n',
    { section: 'a', option: 'y', value: '3' },
    '[a]\nx = 1\n\n[a]\ny = 3\n',
    'option changed',
  ],
  [
    '[a]\nx = 1\n[b]\nz = 1\n[a]\ny = 2\n',
    { section: 'a', option: 'y', value: '3' },
    '[a]\nx = 1\ny = 3\n[b]\nz = 1\n[a]\ny = 2\n',
    'option added',
  ],
  [
    '[ab]\nx = 1\n[a]\n',
    { section: 'a', option: 'x', value: 'ü & "q" \\ $' },
    '[ab]\nx = 1\n[a]\nx = ü & "q" \\ $\n',
    'option added',
  ],
];

for (const shell of SHELLS) {
  const test = suite(`ini_file in ${shell}`);

  test('options come and go as with Ansible', async () => {
    await withSession(
      async (bench) => {
        for (const [i, [before, args, after, msg]] of CASES.entries()) {
          const path = join(bench.dir, `case${i}.ini`);
          if (before !== undefined) await writeFile(path, before);
          const dry = await runStep(iniFile, { path, ...args }, { bench, check: true, diff: true });
          const { result } = await runStep(iniFile, { path, ...args }, { bench, diff: true });
          const told = `case ${i} ${JSON.stringify(args)}`;
          assert.is(await readFile(path, 'utf8').catch(() => ''), after, told);
          assert.is(result.msg, msg, told);
          assert.is(result.changed, before !== after, told);
          assert.is(dry.result.changed, result.changed, told);
          assert.equal(dry.result.diff, result.diff, told);
        }
      },
      { shell },
    );
  });

  test('mode, backup, and files that are not there', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'deep', 'x.ini');
        const args = { path, section: 'a', option: 'b', value: 'c' };
        const none = await runStep(iniFile, { ...args, create: false }, { bench });
        assert.equal([none.result.failed, none.result.rc], [true, 257]);
        const made = await runStep(iniFile, { ...args, mode: '0600' }, { bench });
        assert.is(made.result.mode, '0600');
        assert.is((await runStep(iniFile, { ...args, mode: '0640' }, { bench })).result.changed, true);
        assert.is((await stat(path)).mode & 0o777, 0o640);
        const kept = await runStep(iniFile, { ...args, value: 'd', backup: true }, { bench });
        assert.match(await readFile(String(kept.result.backup_file), 'utf8'), 'b = c');
      },
      { shell },
    );
  });

  test.run();
}

const words = suite('arguments of ini_file');
words('what does not go together', () => {
  assert.not.ok(iniFile.args.safeParse({ path: '/x', section: 'a', option: 'b' }).success);
  assert.not.ok(iniFile.args.safeParse({ path: '/x', value: 'a', values: ['b'] }).success);
});
words.run();
