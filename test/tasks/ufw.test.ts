import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import ufw from '../../tasks/ufw.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();
const words = suite('arguments of ufw');
words('what does not go together', () => {
  const ok = (args: object) => ufw.args.safeParse(args).success;
  assert.not.ok(ok({}));
  assert.not.ok(ok({ rule: 'allow', interface: 'eth0' }));
  assert.not.ok(ok({ rule: 'allow', name: 'SSH', proto: 'tcp' }));
  assert.not.ok(ok({ rule: 'allow', direction: 'incoming' }));
  assert.not.ok(ok({ default: 'deny', direction: 'in' }));
});
words.run();

if (able.ok) {
  const test = suite('ufw');
  const on = labHost(test, 'ufw1');

  test(
    'rules come and go, once',
    on(async ({ run, check, shell }) => {
      assert.match(String((await run(ufw, { state: 'enabled' })).msg), 'is the package ufw installed?');
      await shell('(apt-get update -q; apt-get install -y -q --no-install-recommends ufw) >/dev/null 2>&1');
      const ssh = { rule: 'allow', port: 22, proto: 'tcp' };
      assert.is((await check(ufw, ssh)).changed, true);
      assert.is((await check(ufw, ssh)).changed, false, 'remembered');
      const made = await run(ufw, ssh);
      assert.is(made.changed, true, String(made.msg));
      assert.match(String((made.commands as string[])[1]), 'allow from any to any port 22 proto tcp');
      assert.is((await run(ufw, ssh)).changed, false);
      assert.is((await check(ufw, ssh)).changed, false);
      const one = { rule: 'deny', from: '192.0.2.1', to_port: '8883', proto: 'tcp', comment: 'a lamp' };
      assert.is((await check(ufw, one)).changed, true);
      assert.is((await run(ufw, one)).changed, true);
      assert.is((await run(ufw, one)).changed, false);
      assert.is((await check(ufw, one)).changed, false);
      const first = { rule: 'allow', port: '1883', insert: 0, insert_relative_to: 'first-ipv4' };
      assert.is((await run(ufw, first)).changed, true);
      assert.is((await run(ufw, { ...one, delete: true })).changed, true);
      assert.is((await run(ufw, { ...one, delete: true })).changed, false);
      const bad = await run(ufw, { rule: 'allow', port: 'nosuch' });
      assert.is(bad.failed, true);
    }),
  );

  test(
    'settings',
    on(async ({ run, check, shell }) => {
      assert.is((await check(ufw, { default: 'reject' })).changed, true);
      assert.is((await check(ufw, { default: 'reject' })).changed, false, 'remembered');
      assert.is((await run(ufw, { default: 'reject' })).changed, true);
      assert.is((await run(ufw, { default: 'reject' })).changed, false);
      assert.match(await shell('grep DEFAULT_INPUT /etc/default/ufw'), 'REJECT');
      assert.is((await check(ufw, { state: 'enabled' })).changed, true);
      assert.is((await check(ufw, { state: 'enabled' })).changed, false, 'remembered');
    }),
  );
  test.run();
}
