import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { undoCommand } from '../../run/cli/undo.ts';
import { fakeIo } from './fake-io.ts';

const undo = suite('undo, the command line');

undo('options of a run that mean nothing here are refused', async () => {
  for (const word of ['--tags=a', '--start-at-task=b', '-e', '--list-tasks', '-b']) {
    const { io, err } = fakeIo();
    assert.is(await undoCommand([word], io), 1, word);
    assert.match(err(), /unknown option/);
  }
});

undo('--help says how', async () => {
  const { io, out } = fakeIo();
  assert.is(await undoCommand(['--help'], io), 0);
  assert.match(out(), /--list[\s\S]*--force[\s\S]*--no-become/);
});

undo.run();
