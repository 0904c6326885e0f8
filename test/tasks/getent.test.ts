import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import getent from '../../tasks/getent.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`getent in ${shell}`);
  const run = async (args: Record<string, unknown>) => (await runStep(getent, args, { shell })).result;

  test('a user, a whole database, another separator', async () => {
    const root = (await run({ database: 'passwd', key: 'root' })).ansible_facts!.getent_passwd as Record<
      string,
      string[]
    >;
    assert.equal(Object.keys(root), ['root']);
    assert.equal(root.root!.slice(0, 3), ['x', '0', '0']);
    const groups = (await run({ database: 'group' })).ansible_facts!.getent_group as Record<string, string[]>;
    assert.ok(Object.keys(groups).length > 5);
    const services = (await run({ database: 'services', key: 'ssh' })).ansible_facts!.getent_services;
    assert.equal(services, { ssh: ['22/tcp'] });
    const cut = (await run({ database: 'passwd', key: 'root', split: ':x:' })).ansible_facts!.getent_passwd;
    assert.match((cut as Record<string, string[]>).root![0]!, /^0:0:/);
  });

  test('a key that is not there', async () => {
    const failed = await run({ database: 'passwd', key: 'nosuchuser' });
    assert.is(failed.failed, true);
    assert.is(failed.msg, 'One or more supplied key could not be found in the database.');
    const allowed = await run({ database: 'passwd', key: 'nosuchuser', fail_key: false });
    assert.is(allowed.failed, undefined);
    assert.equal(allowed.ansible_facts, { getent_passwd: { nosuchuser: null } });
    assert.is((await run({ database: 'nosuch' })).msg, 'Missing arguments, or database unknown.');
  });

  test.run();
}
