import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { type Lab, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { complaint, lighter, scratch, withStatus } from '../helpers/lighter.ts';

/*
 * The main job on virgin hosts, under other names, another port and other users' eyes than the demo's: check mode first,
 * then for real, then again; confirmed on the hosts by Mosquitto's own clients.
 */

const test = suite('site');
const possible = await canBeLab();
const PORT = 51884;
const NAMES = ['broker', 'lamp07', 'lantern'];
const files = scratch();
const inventory = files.path('hosts.yaml');
let lab: Lab;
let predicted: Awaited<ReturnType<typeof lighter>>;

const site = (...args: string[]) => lighter(['-i', inventory, 'playbooks/site.yaml', ...args]);

test.before(async () => {
  lab = await openLab({ instance: `site${process.pid}` });
  const hosts = await lab.up(NAMES);
  const entry = (name: string) => {
    const host = hosts.find((each) => each.name === name)!;
    return { [name]: { ansible_host: host.address, ansible_user: host.user } };
  };
  const vars = {
    ansible_ssh_private_key_file: lab.paths.keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts} -o StrictHostKeyChecking=yes`,
  };
  const children = {
    cloud: { hosts: entry('broker'), vars: { cloud_port: PORT } },
    lamps: { hosts: { ...entry('lamp07'), ...entry('lantern') } },
  };
  writeFileSync(inventory, stringify({ all: { vars, children } }));
});

test.after(async () => {
  await lab?.down();
  files.remove();
});

test('check mode runs through on virgin hosts and changes nothing', async () => {
  const before = await lab.run('broker', 'dpkg-query -W | sha256sum; find /etc -newer /etc/hostname -type f | sort');
  predicted = await site('--check', '--diff');
  assert.is(predicted.exitCode, 0, complaint(predicted));
  assert.is(withStatus(predicted, 'changed').length, 9);
  const after = await lab.run('broker', 'dpkg-query -W | sha256sum; find /etc -newer /etc/hostname -type f | sort');
  assert.is(after.stdout, before.stdout);
});

test('the run changes what check mode said, with the same diffs', async () => {
  const real = await site('--diff');
  assert.is(real.exitCode, 0, complaint(real));
  assert.equal(withStatus(real, 'changed'), withStatus(predicted, 'changed'));
  const files = (outcome: typeof real) =>
    outcome.tasks
      .filter((line) => ['mosquitto_broker', 'mosquitto_bridge'].includes(line.module))
      .map(({ task, host, diff }) => JSON.stringify({ task, host, diff }))
      .sort();
  assert.equal(files(real), files(predicted));
  // The outage of the cloud is a check that one asks for.
  const verified = real.tasks.filter((line) => line.module === 'mqtt_bridge_verify' && !line.task.includes('Stop'));
  assert.equal(verified.map((line) => [line.host, line.status]).sort(), [
    ['lamp07', 'ok'],
    ['lantern', 'ok'],
  ]);
});

test('a second run finds nothing to do, and so does its check mode', async () => {
  for (const args of [[], ['--check']]) {
    const again = await site(...args);
    assert.is(again.exitCode, 0, complaint(again));
    assert.equal(withStatus(again, 'changed', 'failed', 'unreachable'), []);
    assert.equal(Object.keys(again.recap), [...NAMES].sort());
  }
});

test("the files are those of the seed, and Mosquitto's own clients agree with the verification", async () => {
  const id = await lab.deviceId('lamp07');
  const bridging = await lab.run('lamp07', 'cat /etc/mosquitto/conf.d/bridging.conf');
  assert.is(
    bridging.stdout,
    `connection ${id}_broker
address ${await lab.address('broker')}:${PORT}
remote_clientid ${id}_broker
topic test1/+ out 1 "" devices/${id}/
topic test2/+ in 1 "" devices/${id}/
cleansession true
`,
  );
  const port = await lab.run('broker', 'cat /etc/mosquitto/conf.d/port.conf; ss -ltnH "sport = :1883"');
  assert.is(port.stdout, `listener ${PORT}\nallow_anonymous true\n`);
  const out = lab.run('broker', `mosquitto_sub -p ${PORT} -t 'devices/+/test1/+' -v -C 1 -W 10`);
  const into = lab.run('lamp07', `mosquitto_sub -t 'test2/#' -v -C 1 -W 10`);
  await lab.run('lamp07', 'sleep 1; mosquitto_pub -t test1/hello -m from_pi');
  await lab.run(
    'broker',
    `mosquitto_pub -p ${PORT} -t devices/other/test2/hello -m wrong; mosquitto_pub -p ${PORT} -t devices/${id}/test2/hello -m from_ec2`,
  );
  assert.is((await out).stdout, `devices/${id}/test1/hello from_pi\n`);
  assert.is((await into).stdout, 'test2/hello from_ec2\n');
});

test('a limit to one lamp mends that lamp and leaves the cloud alone', async () => {
  await lab.run('lamp07', 'echo "# by hand" >>/etc/mosquitto/conf.d/bridging.conf');
  const limited = await site('--limit', 'lamp07');
  assert.is(limited.exitCode, 0, complaint(limited));
  assert.equal(Object.keys(limited.recap), ['lamp07']);
  assert.equal(
    [...new Set(limited.tasks.filter((line) => line.status === 'changed').map((line) => line.module))].sort(),
    ['mosquitto_bridge'],
  );
});

test('a stale process on the new port is named, and rebooted away where that is allowed', async () => {
  const boot = await lab.run('broker', 'cat /proc/sys/kernel/random/boot_id');
  await lab.run(
    'broker',
    `systemctl stop mosquitto; setsid mosquitto -d -c /etc/mosquitto/mosquitto.conf </dev/null >/dev/null 2>&1; sleep 1; systemctl start mosquitto || true`,
  );
  const refused = await site('-e', 'mosquitto_reboot=never', '--limit', 'broker');
  assert.is(refused.exitCode, 2, complaint(refused));
  assert.match(complaint(refused), /mosquitto.*pid|pid.*mosquitto/i);
  const mended = await site('--limit', 'broker');
  assert.is(mended.exitCode, 0, complaint(mended));
  const after = await lab.run('broker', 'cat /proc/sys/kernel/random/boot_id');
  assert.is.not(after.stdout, boot.stdout);
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
