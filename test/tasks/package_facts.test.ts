import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import packageFacts from '../../tasks/package_facts.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('package_facts');

test('lists what dpkg lists', async () => {
  const { result } = await runStep(packageFacts, {});
  if (!existsSync('/usr/bin/dpkg-query')) {
    assert.is(result.failed, true);
    return;
  }
  const packages = result.ansible_facts!.packages as Record<
    string,
    { version: string; arch: string; source: string }[]
  >;
  const version = execFileSync('dpkg-query', ['-W', '-f=${Version}', 'dpkg']).toString();
  assert.is(packages.dpkg![0]!.version, version);
  assert.is(packages.dpkg![0]!.source, 'apt');
  assert.ok(Object.keys(packages).length > 50);
});

test.run();
