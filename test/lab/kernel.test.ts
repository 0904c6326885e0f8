import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { raiseSettings, restoreSettings } from '../../run/lab/kernel.ts';
import { scratch } from '../helpers/lighter.ts';

const test = suite('settings of the kernel');

test('what is too low is raised, and put back as it was before the first lab', async () => {
  const files = scratch();
  try {
    const settings = [
      { file: files.write('low', '128\n'), least: 8192 },
      { file: files.write('high', '9000\n'), least: 8192 },
      { file: files.path('none'), least: 1 },
    ];
    const values = () => ['low', 'high'].map((name) => readFileSync(files.path(name), 'utf8').trim());
    const before = files.path('before');
    await raiseSettings(settings, before);
    assert.equal(values(), ['8192', '9000']);
    files.write('low', '200\n');
    await raiseSettings(settings, before);
    await restoreSettings(settings, before);
    assert.equal(values(), ['128', '9000']);
    assert.not.ok(existsSync(before));
    assert.not.ok(existsSync(files.path('none')));
    await restoreSettings(settings, before);
    assert.equal(values(), ['128', '9000']);

    mkdirSync(files.path('before/of somebody else'), { recursive: true });
    await restoreSettings(settings, before);
    assert.ok(existsSync(files.path('before/of somebody else')));
  } finally {
    files.remove();
  }
});

test.run();
