import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import hostname from '../../tasks/hostname.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();
const words = suite('arguments of hostname');
words('a name is one word', () => {
  assert.not.ok(hostname.args.safeParse({ name: 'a b' }).success);
  assert.not.ok(hostname.args.safeParse({ name: '-b' }).success);
});
words.run();

if (able.ok) {
  const test = suite('hostname');
  const on = labHost(test, 'name1');
  test(
    'is set, once, and remembered by a dry run',
    on(async ({ run, check, shell }) => {
      const dry = await check(hostname, { name: 'lamp03.example.org' });
      assert.is(dry.changed, true);
      assert.is((await check(hostname, { name: 'lamp03.example.org' })).changed, false);
      assert.is(await shell('uname -n'), 'name1');
      const set = await run(hostname, { name: 'lamp03.example.org' });
      assert.is(set.changed, true, String(set.msg));
      assert.equal(set.diff, { before: 'hostname = name1\n', after: 'hostname = lamp03.example.org\n' } as never);
      assert.is(set.ansible_facts?.ansible_hostname, 'lamp03');
      assert.is(set.ansible_facts?.ansible_nodename, 'lamp03.example.org');
      assert.is(await shell('uname -n; cat /etc/hostname'), 'lamp03.example.org\nlamp03.example.org');
      assert.is((await run(hostname, { name: 'lamp03.example.org' })).changed, false);
      const long = await run(hostname, { name: 'x'.repeat(65) });
      assert.match(String(long.msg), 'cannot be longer than 64');
      assert.is((await run(hostname, { name: 'lamp04', use: 'alpine' })).changed, true);
      assert.is(await shell('uname -n; cat /etc/hostname'), 'lamp04\nlamp04');
    }),
  );
  test.run();
}
