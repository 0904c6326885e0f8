import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import timezone from '../../tasks/timezone.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();
const words = suite('arguments of timezone');
words('one of two is due', () => {
  assert.not.ok(timezone.args.safeParse({}).success);
  assert.not.ok(timezone.args.safeParse({ name: '../x' }).success);
});
words.run();

if (able.ok) {
  const test = suite('timezone');
  const on = labHost(test, 'zone1');
  test(
    'is set, once, and remembered by a dry run',
    on(async ({ run, check, shell }) => {
      await shell('(apt-get update -q; DEBIAN_FRONTEND=noninteractive apt-get install -y -q tzdata) >/dev/null 2>&1');
      assert.match(
        String((await run(timezone, { name: 'Mars/Base' })).msg),
        'given timezone "Mars/Base" is not available',
      );
      assert.is((await check(timezone, { name: 'Europe/Zurich' })).changed, true);
      assert.is((await check(timezone, { name: 'Europe/Zurich' })).changed, false);
      const set = await run(timezone, { name: 'Europe/Zurich' });
      assert.is(set.changed, true, String(set.msg));
      assert.equal((set.diff as { after: object }).after, { name: 'Europe/Zurich' });
      assert.match(await shell('readlink /etc/localtime; date +%Z'), /Europe\/Zurich\nCES?T/);
      assert.is((await run(timezone, { name: 'Europe/Zurich' })).changed, false);
      assert.is((await run(timezone, { hwclock: 'UTC' })).changed, false);
      assert.is((await check(timezone, { hwclock: 'local' })).changed, true);
      assert.is((await check(timezone, { hwclock: 'local' })).changed, false);
    }),
  );
  test.run();
}
