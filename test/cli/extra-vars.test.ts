import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExtraVars } from '../../run/cli/extra-vars.ts';
import { LamplighterError } from '../../run/errors.ts';
import { VaultSecrets } from '../../run/playbook/vault.ts';

const vars = suite('extra vars');
const read = (text: string) => readExtraVars(text, new VaultSecrets());

vars('words are strings', () => {
  assert.equal(read('port=1883 name="a b" empty= url=http://x/?a=b'), {
    values: { port: '1883', name: 'a b', empty: '', url: 'http://x/?a=b' },
  });
});

vars('braces are YAML or JSON, with its types', () => {
  assert.equal(read('{"port": 1883, "on": true, "list": [1, "a"]}'), {
    values: { port: 1883, on: true, list: [1, 'a'] },
  });
  assert.equal(read('{port: 1883}'), { values: { port: 1883 } });
});

vars('@ names a file', () => {
  assert.equal(read('@vars/site.yaml'), { file: 'vars/site.yaml' });
});

vars('what is none of these is refused, not dropped', () => {
  for (const [text, code] of [
    ['./vars.yaml', 'USAGE'],
    ['/etc/vars.yaml', 'USAGE'],
    ['port', 'USAGE'],
    ['a=1 b', 'USAGE'],
    ['a="1', 'USAGE'],
    ['[1, 2]', 'USAGE'],
    ['{a: [}', 'YAML_SYNTAX'],
  ] as const)
    assert.throws(
      () => read(text),
      (error: unknown) => error instanceof LamplighterError && error.code === code,
      text,
    );
});

vars.run();
