import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demo } from '../../run/cli/demo.ts';
import { fakeIo } from './fake-io.ts';

const demos = suite('demo, the command line');

async function started(...argv: string[]) {
  const commands: string[][] = [];
  const { io, out, err } = fakeIo();
  const code = await demo(argv, io, async (words) => {
    commands.push(words);
    return 1;
  });
  return { code, commands, out: out(), err: err() };
}

demos('--help says what it is and boots nothing', async () => {
  const { code, commands, out } = await started('--help');
  assert.is(code, 0);
  assert.equal(commands, []);
  assert.match(out, /^Usage: .* demo/);
});

demos('words that it does not know are refused', async () => {
  for (const word of ['--list', 'lamp01']) {
    const { code, commands, err } = await started(word);
    assert.is(code, 1, word);
    assert.equal(commands, []);
    assert.match(err, /^ERROR! /);
  }
});

demos.run();
