import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tellError } from '../../run/cli/tell-error.ts';
import { LamplighterError } from '../../run/errors.ts';
import { painter } from '../../run/report/style.ts';

const telling = suite('tell error');

function tell(error: unknown, verbosity = 0) {
  let text = '';
  const code = tellError(error, { cwd: '/', paint: painter(false), verbosity }, (part) => {
    text += part;
  });
  return { code, text };
}

telling('a known error ends with 1 and never shows a stack', () => {
  const error = new LamplighterError('VAULT', 'no password', { cause: new Error('inside') });
  assert.equal(tell(error, 4), { code: 1, text: 'ERROR! no password\n' });
});

telling('an interrupted question ends with 99', () => {
  assert.is(tell(new LamplighterError('INTERRUPTED', 'x')).code, 99);
});

telling('a defect ends with 250; its stack is shown at -vvv only', () => {
  const defect = new TypeError('x is not a function');
  assert.equal(tell(defect, 2), {
    code: 250,
    text: 'A defect of Lamplighter: x is not a function\n-vvv shows where it happened.\n',
  });
  assert.match(tell(defect, 3).text, /at .*tell-error\.test\.ts/);
  assert.is(tell('a string').code, 250);
});

telling.run();
