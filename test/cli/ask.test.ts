import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, askPassword } from '../../run/cli/ask.ts';
import { LamplighterError } from '../../run/errors.ts';
import { fakeIo } from './fake-io.ts';

const asking = suite('ask');

asking('a private answer is not shown', async () => {
  const { io, stdin, err } = fakeIo({ isTTY: true });
  const answer = ask(io, { text: 'SSH password: ', private: true });
  stdin.write('open sesame\r');
  assert.is(await answer, 'open sesame');
  assert.is(err(), 'SSH password: \n');
});

asking('another answer is', async () => {
  const { io, stdin, err } = fakeIo({ isTTY: true });
  const answer = ask(io, { text: 'Name: ', private: false });
  stdin.write('Ada\r');
  assert.is(await answer, 'Ada');
  assert.match(err(), 'Ada');
});

asking('Ctrl-C at a question interrupts the run', async () => {
  const { io, stdin } = fakeIo({ isTTY: true });
  const answer = ask(io, { text: 'SSH password: ', private: true });
  stdin.write('\u0003');
  try {
    await answer;
    assert.unreachable();
  } catch (error) {
    assert.is((error as LamplighterError).code, 'INTERRUPTED');
  }
});

asking('without a terminal there is no answer, and a password is an error that says what to do', async () => {
  const { io } = fakeIo();
  assert.is(await ask(io, { text: 'x', private: false }), undefined);
  try {
    await askPassword(io, 'SSH password: ', 'Use --connection-password-file FILE.');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, LamplighterError);
    assert.is((error as LamplighterError).code, 'USAGE');
    assert.match((error as LamplighterError).hint ?? '', '--connection-password-file');
  }
});

asking.run();
