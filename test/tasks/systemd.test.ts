import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import systemd from '../../tasks/systemd.ts';

/** What it does on a host is tested together with `service`, which shares its step. */
const test = suite('systemd');
const stepOf = async (args: object) => (await systemd.step!(systemd.args.parse(args), {} as never))!.text;

test('flags for systemctl', async () => {
  assert.match(
    await stepOf({ name: 'a', state: 'started', scope: 'user', no_block: true, force: true }),
    "m_flags='--user --no-block --force' m_scope=user",
  );
  assert.match(await stepOf({ daemon_reload: true }), 'm_reload=1 m_reexec=');
  assert.match(await stepOf({ name: 'a', enabled: 'no', masked: 'yes' }), 'm_enabled=0 m_masked=1');
});

test('refuses what does not go together', () => {
  const bad = (args: object) => assert.not.ok(systemd.args.safeParse(args).success, JSON.stringify(args));
  bad({ name: 'a*', state: 'started' });
  bad({ state: 'started' });
  bad({ name: 'a', state: 'running' });
  assert.ok(systemd.args.safeParse({ daemon_reload: true }).success);
  assert.ok(systemd.args.safeParse({ name: 'a' }).success, 'a unit that is only named is looked at');
});

test.run();
