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

/** A broker of its own on the host, as the cloud: no configuration of the host's own knows it. */
const CLOUD = `
  printf 'listener 50001 127.0.0.1\\nallow_anonymous true\\n' >/tmp/cloud.conf
  mosquitto -d -c /tmp/cloud.conf && sleep 0.5`;
const DURABLE = {
  ...BRIDGE,
  address: '127.0.0.1',
  cleansession: false,
  topics: [
    { pattern: 'test1/+', direction: 'out' },
    { pattern: 'test2/+', direction: 'in', qos: 1 },
    { pattern: 'test3/+', direction: 'in', qos: 1 },
  ],
};
const FEWER = { ...DURABLE, topics: DURABLE.topics.slice(0, 2) };

/** What the lamp's broker is sent when the cloud publishes under test3, which is bridged no more, and then under test2. */
const HEAR = `
  mosquitto_sub -v -t '#' -W 3 >/tmp/heard & sleep 0.5
  mosquitto_pub -q 1 -p 50001 -t devices/${ID}/test3/old -m stale
  mosquitto_pub -q 1 -p 50001 -t devices/${ID}/test2/new -m fresh
  wait; cat /tmp/heard`;

test(
  'a durable bridge that loses a topic connects once with a clean session: the old topic is delivered no more',
  on(async (host) => {
    await host.shell(CLOUD);
    ok(await host.run(mosquittoBridge, DURABLE));
    assert.is(await host.shell(`sleep 1;${HEAR}`), 'test3/old stale\ntest2/new fresh');
    const planned = await host.check(mosquittoBridge, FEWER);
    assert.match(
      JSON.stringify(planned.diff),
      new RegExp(`ends the subscriptions of ${ID}_broker .*devices/${ID}/test3/`),
    );
    const done = ok(await host.run(mosquittoBridge, FEWER));
    // The cloud is on the same host here, which is doubtful; nothing else is.
    assert.match(String(done.warnings), /^the bridge of \w+ leads to 127\.0\.0\.1, that is, to \w+ itself$/);
    assert.match(await host.shell(`cat ${FILE}`), /^cleansession false$/m);
    assert.is(await host.shell(`sleep 1;${HEAR}`), 'test2/new fresh');
    assert.is((await host.run(mosquittoBridge, FEWER)).changed, false);
  }),
);

test(
  'while the other broker is away the session stays clean, and a later run makes it durable',
  on(async (host) => {
    ok(await host.run(mosquittoBridge, DURABLE));
    await host.shell('pkill -f /tmp/cloud.conf; sleep 0.5');
    const away = ok(await host.run(mosquittoBridge, { ...FEWER, timeout: 2 }));
    assert.match(String(away.warnings), /is not connected to 127\.0\.0\.1:50001/);
    assert.match(await host.shell(`cat ${FILE}`), /^cleansession true$/m);
    assert.is((await host.run(mosquittoBridge, FEWER)).changed, false, 'still away');
    await host.shell(`${CLOUD}; systemctl restart mosquitto; sleep 1`);
    assert.is(ok(await host.run(mosquittoBridge, FEWER)).applied, 'restart');
    assert.match(await host.shell(`cat ${FILE}`), /^cleansession false$/m);
  }),
);

test(
  'absent: the file goes, the broker runs on without it, and what stays on the other side is said',
  on(async (host) => {
    const gone = { connection: `${ID}_broker`, state: 'absent' };
    const planned = await host.check(mosquittoBridge, gone);
    assert.is(planned.changed, true);
    const done = ok(await host.run(mosquittoBridge, gone));
    assert.is(done.applied, 'restart');
    assert.match(
      String(done.stays),
      new RegExp(`the session of ${ID}_broker on 127.0.0.1:50001.*state of both brokers`),
    );
    assert.is(await host.shell(`ls ${FILE} 2>/dev/null; systemctl is-active mosquitto`), 'active');
    assert.is((await host.run(mosquittoBridge, gone)).changed, false);
  }),
);

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
