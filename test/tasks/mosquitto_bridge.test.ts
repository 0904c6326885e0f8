import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import type { TaskResult } from '../../run/task.ts';
import apt from '../../tasks/apt.ts';
import mosquittoBridge from '../../tasks/mosquitto_bridge.ts';
import mosquittoBroker from '../../tasks/mosquitto_broker.ts';
import { labHost } from '../helpers/lab-host.ts';
import { BRIDGE, ID } from '../mosquitto/cases.ts';

/* A broker bridged to itself over another port: what goes out under test1 comes in again under devices/. */

const test = suite('mosquitto_bridge');
const possible = await canBeLab();
const on = labHost(test, 'lamp');
const FILE = '/etc/mosquitto/conf.d/bridging.conf';
const OWN = { ...BRIDGE, address: '127.0.0.1', port: 1883 };

function ok(result: TaskResult): TaskResult {
  assert.is(result.failed, undefined, String(result.msg));
  return result;
}

test(
  'the bridge carries messages, and a second run has nothing to do',
  on(async (host) => {
    ok(await host.run(apt, { name: ['mosquitto', 'mosquitto-clients'], update_cache: true }));
    ok(await host.run(mosquittoBroker, { listeners: [{ port: 1883 }], allow_anonymous: true }));
    const made = ok(await host.run(mosquittoBridge, OWN));
    assert.is(made.applied, 'restart');
    assert.match(String(made.version), /^2\./);
    const heard = await host.shell(`
      mosquitto_sub -t devices/${ID}/test1/hello -C 1 -W 10 & sleep 1
      mosquitto_pub -t test1/hello -m from_pi; wait`);
    assert.is(heard, 'from_pi');
    assert.is((await host.run(mosquittoBridge, OWN)).changed, false);
  }),
);

test(
  'an option that this Mosquitto does not know is refused by name and version',
  on(async (host) => {
    const before = await host.shell(`cat ${FILE}`);
    for (const refused of [
      await host.run(mosquittoBridge, { ...OWN, bridge_reload_type: 'immediate' }),
      await host.check(mosquittoBridge, { ...OWN, bridge_reload_type: 'immediate' }),
    ])
      assert.match(
        String(refused.msg),
        /^Mosquitto 2\.0\.\d+ does not know bridge_reload_type \(since 2\.1\): nothing was changed$/,
      );
    assert.is(await host.shell(`cat ${FILE}`), before);
  }),
);

test(
  'secrets are readable by Mosquitto alone, and shown nowhere',
  on(async (host) => {
    const args = { ...OWN, remote_username: 'lamp', remote_password: 'hush-hush' };
    const result = ok(await host.run(mosquittoBridge, args));
    assert.is(await host.shell(`stat -c '%a %U %G' ${FILE}`), '640 root mosquitto');
    assert.match(await host.shell(`cat ${FILE}`), /remote_password hush-hush/);
    assert.is(JSON.stringify(result).includes('hush'), false);
    assert.match(JSON.stringify(result.diff), /remote_password \*+/);
    ok(await host.run(mosquittoBridge, OWN));
  }),
);

test(
  'what Mosquitto would not take is refused with its own words',
  on(async (host) => {
    const before = await host.shell(`cat ${FILE}; systemctl show -p MainPID mosquitto`);
    const twice = await host.run(mosquittoBridge, {
      ...OWN,
      file: 'second',
      connection: 'second',
      device_id: undefined,
    });
    assert.is(twice.failed, true, 'two bridges with one client id');
    assert.match(String(twice.msg), /nothing was changed: .*Error/);
    assert.is(await host.shell(`cat ${FILE}; systemctl show -p MainPID mosquitto`), before);
    assert.is(await host.shell('ls /etc/mosquitto/conf.d'), 'README\nbridging.conf\nport.conf');
  }),
);

test(
  'a mistake is told before anything is sent',
  on(async (host) => {
    const refused = async (more: Record<string, unknown>) => {
      try {
        await host.run(mosquittoBridge, { ...OWN, ...more });
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing was refused';
    };
    assert.match(await refused({ topics: [] }), /has no topics/);
    assert.match(await refused({ port: 0 }), /0 is no port/);
  }),
);

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
