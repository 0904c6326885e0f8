import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import apt from '../../tasks/apt.ts';
import localeGen from '../../tasks/locale_gen.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();
const words = suite('arguments of locale_gen');
words('a name is a locale', () => assert.not.ok(localeGen.args.safeParse({ name: 'de CH' }).success));
words.run();

if (able.ok) {
  const test = suite('locale_gen');
  const on = labHost(test, 'locale1');
  test(
    'makes and removes a locale, once',
    on(async ({ run, check, shell }) => {
      assert.match(String((await run(localeGen, { name: 'de_CH.UTF-8' })).msg), 'Is the package "locales" installed?');
      await check(apt, { name: 'locales', update_cache: true });
      assert.ok((await check(localeGen, { name: 'de_CH.UTF-8' })).unknown);
      await shell('(apt-get update -q; apt-get install -y -q --no-install-recommends locales) >/dev/null 2>&1');
      assert.match(String((await run(localeGen, { name: 'xx_YY.UTF-8' })).msg), 'not available');
      assert.is((await check(localeGen, { name: 'de_CH.UTF-8' })).changed, true);
      assert.is((await check(localeGen, { name: 'de_CH.UTF-8' })).changed, false);
      const made = await run(localeGen, { name: 'de_CH.UTF-8' });
      assert.is(made.changed, true, String(made.msg));
      assert.is(await shell('locale -a | grep de_CH; grep de_CH.UTF /etc/locale.gen'), 'de_CH.utf8\nde_CH.UTF-8 UTF-8');
      assert.is((await run(localeGen, { name: 'de_CH.UTF-8' })).changed, false);
      assert.is((await run(localeGen, { name: 'de_CH.UTF-8', state: 'absent' })).changed, true);
      assert.is(await shell('locale -a | grep de_CH; grep de_CH.UTF /etc/locale.gen'), '# de_CH.UTF-8 UTF-8');
      assert.is((await run(localeGen, { name: 'de_CH.UTF-8', state: 'absent' })).changed, false);
    }),
  );
  test.run();
}
