import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { type Lab, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { complaint, lighter, scratch, withStatus } from '../helpers/lighter.ts';

/*
 * A home broker on a real host, with a client connected: what a broken change does to it, and what is left on disk; and
 * runs that are killed in the middle of a change.
 */

const test = suite('a change of a running broker');
const possible = await canBeLab();
const files = scratch();
const inventory = files.path('hosts.yaml');
const DISK = 'cat /etc/mosquitto/conf.d/*.conf | sha256sum; systemctl show -p MainPID mosquitto';
let lab: Lab;

const home = (...args: string[]) => lighter(['-i', inventory, 'playbooks/home.yaml', ...args]);

test.before(async () => {
  lab = await openLab({ instance: `change${process.pid}` });
  const [host] = await lab.up(['home'], { also: [] });
  const entry = { ansible_host: host!.address, ansible_user: host!.user };
  const vars = {
    ansible_ssh_private_key_file: lab.paths.keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts} -o StrictHostKeyChecking=yes`,
  };
  writeFileSync(inventory, stringify({ home: { vars, hosts: { home: entry } } }));
});

test.after(async () => {
  await lab?.down();
  files.remove();
});

test('the home broker is set up, and a second run has nothing to do', async () => {
  const first = await home();
  assert.is(first.exitCode, 0, complaint(first));
  const again = await home();
  assert.equal(withStatus(again, 'changed', 'failed'), []);
});

test('a broken change: no outage, nothing of it on disk, the reason in the error', async () => {
  await lab.run('home', "setsid mosquitto_sub -t '#' >/root/heard 2>&1 </dev/null & sleep 1");
  const before = (await lab.run('home', DISK)).stdout;
  const listeners = JSON.stringify({
    home_listeners: [{ port: 8883, certfile: '/nowhere.crt', keyfile: '/nowhere.key' }],
  });
  const broken = await home('-e', listeners);
  assert.is(broken.exitCode, 2, complaint(broken));
  assert.match(complaint(broken), /nothing was changed: .*\/nowhere\.crt/);
  assert.is((await lab.run('home', DISK)).stdout, before);
  await lab.run('home', 'mosquitto_pub -t still -m there; sleep 0.3');
  assert.match((await lab.run('home', 'cat /root/heard')).stdout, /^there$/m);
});

test('websockets beside MQTT', async () => {
  const run = await home('-e', JSON.stringify({ home_listeners: [{ port: 9001, protocol: 'websockets' }] }));
  assert.is(run.exitCode, 0, complaint(run));
  assert.match((await lab.run('home', 'ss -ltnH "sport = :9001"')).stdout, /:9001/);
});

test('a run that is killed while it changes the broker leaves one that runs', async () => {
  for (const [i, wait] of [1800, 2200, 2600].entries()) {
    const limit = JSON.stringify({ home_listeners: [{ port: 9100 + i }] });
    await lighter(['-i', inventory, 'playbooks/home.yaml', '-e', limit], {
      running: ({ kill }) => setTimeout(() => kill('SIGKILL'), wait),
    });
    await lab.run('home', 'sleep 2');
    assert.is(
      (await lab.run('home', 'mosquitto_pub -t a -m b && systemctl is-active mosquitto')).stdout.trim(),
      'active',
    );
  }
  const mended = await home();
  assert.is(mended.exitCode, 0, complaint(mended));
  assert.is(
    (await lab.run('home', 'cat /etc/mosquitto/conf.d/*.conf')).stdout,
    'listener 1883\nallow_anonymous true\n',
  );
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
