import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError, type Place } from '../../run/errors.ts';
import { layer, VariableScope } from '../../run/plan/scope.ts';
import { services } from '../../run/plan/services.ts';
import { Templar } from '../../run/plan/templar.ts';
import type { Raw } from '../../run/playbook/model.ts';
import { SourceText } from '../../run/playbook/source.ts';
import { VaultText } from '../../run/playbook/yaml-values.ts';

const templars = suite('templar');

const templar = new Templar(
  services({ playbookDir: () => '/', vault: undefined, warn: () => {}, template: (text) => text }),
);

/** What the error of a value says beside its message. */
function hintOf(value: Raw, place?: Place): string | undefined {
  try {
    templar.value(value, new VariableScope([layer({}, true)], templar.evaluate), place);
  } catch (error) {
    assert.instance(error, LamplighterError);
    return (error as LamplighterError).hint;
  }
  throw new Error('no error');
}

const LONG = `${'s3cret'.repeat(30)} {{ nope }}`;

templars('an error shows the expression, long ones cut', () => {
  const clear = new SourceText('/a.yml', LONG).placeAt(0);
  assert.match(hintOf('{{  nope }}', clear)!, /^in \{\{ nope \}\}, .*a\.yml:1$/);
  assert.match(hintOf(LONG, clear)!, /^in (s3cret)+s3cr…, /);
});

// The redactor knows a secret as it stands in the vault: cut off or on one line it would not be masked.
templars('no error shows a part or another form of what was decrypted', () => {
  const place = new SourceText('/a.yml', 'x: y').placeAt(0);
  for (const text of [LONG, 's3cret  {{ nope }}']) {
    assert.is(hintOf(new VaultText('', undefined, () => text), place), undefined);
    assert.is(hintOf(text, new SourceText('/b.yml', text, true).placeAt(0)), undefined);
    assert.is(hintOf(text), undefined);
  }
});

templars.run();
