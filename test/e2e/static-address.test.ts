import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, type LabHost, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { complaint, lighter, type Outcome, scratch, withStatus } from '../helpers/lighter.ts';

/*
 * A host that moves to another address, by each of ifupdown, systemd-networkd, netplan and NetworkManager: the change, a gateway that is none, an address
 * that somebody has, a runner that is killed in the middle, and a restart there. Each time the host answers in the end.
 */

const test = suite('a static address');
const possible = await canBeLab();
const files = scratch();
const inventory = files.path('hosts.yaml');
const playbook = files.write(
  'address.yaml',
  `- hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Address
      static_address:
        address: "{{ address }}/24"
        gateway: "{{ gateway }}"
        backend: "{{ backend | default(omit) }}"
        timeout: "{{ timeout | default(60) }}"
    - name: Where it is now
      command: echo {{ ansible_host }}
`,
);
const DIRECTORY = '/var/lib/lamplighter/static-address';
const FILES = 'cat /etc/network/interfaces; ls /etc/systemd/network /etc/systemd/system/sysinit.target.wants';
/** What must be as it was after a change that was taken back. */
const SET_UP = `ip -o -4 addr show dev eth0 scope global | awk '{ print $4 }'; ip -4 route show default
${FILES}`;
const apt = 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends';
let lab: Lab;
let host: LabHost;
let net: string;

const HOME = 'playbooks/home.yaml';
const change = (
  from: string,
  vars: Record<string, unknown>,
  options: Parameters<typeof lighter>[1] = {},
  which = playbook,
) => {
  files.write(
    'hosts.yaml',
    JSON.stringify({
      home: {
        hosts: { home: { ansible_host: `${net}.${from}`, ansible_user: host.user } },
        vars: {
          ansible_ssh_private_key_file: lab.paths.keyFile,
          ansible_ssh_common_args: `-o UserKnownHostsFile=${files.path('known_hosts')}`,
        },
      },
    }),
  );
  return lighter(['-i', inventory, which, '-e', JSON.stringify({ gateway: `${net}.1`, ...vars })], options);
};
const inside = async (command: string) => (await lab.run('home', command)).stdout.trim();
/** By its name; that of its role stands before it. */
const taskOf = (outcome: Outcome, task: string) => outcome.tasks.find((line) => line.task.endsWith(task));
const result = (outcome: Outcome, task: string) => taskOf(outcome, task)?.result;

/** Waits until a command succeeds on the host. */
async function until(command: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await lab.run('home', command).catch(() => ({ code: 1 }))).code === 0) return;
    await sleep(100);
  }
  throw new Error(`never: ${command}`);
}

/** Kills the runner when the new address is on the host, and waits for nothing else. */
async function killed(vars: Record<string, unknown>): Promise<void> {
  await change('200', vars, {
    running: ({ kill }) => void until(`[ -e ${DIRECTORY}/armed ]`).then(() => kill('SIGKILL')),
  });
}

test.before(async () => {
  lab = await openLab({ instance: `address${process.pid}` });
  host = (await lab.up(['home'], { also: [] }))[0]!;
  net = host.address.slice(0, host.address.lastIndexOf('.'));
  const installed = await lab.run('home', `${apt} ifupdown && : >/etc/network/interfaces`);
  assert.is(installed.code, 0, installed.stderr);
});

test.after(async () => {
  await lab?.down();
  files.remove();
});

test('ifupdown: the host moves, the play goes on there, a second run has nothing to do', async () => {
  const old = host.address.slice(net.length + 1);
  const moved = await change(old, { address: `${net}.200` });
  assert.is(moved.exitCode, 0, complaint(moved));
  assert.is(result(moved, 'Address')?.backend, 'ifupdown');
  assert.is(result(moved, 'Where it is now')?.stdout, `${net}.200`);
  assert.is(
    await inside('cat /etc/network/interfaces'),
    `# Configuration for eth0\nauto eth0\niface eth0 inet static\naddress ${net}.200/24\ngateway ${net}.1`,
  );
  const again = await change('200', { address: `${net}.200` });
  assert.equal(withStatus(again, 'failed', 'unreachable'), [], complaint(again));
  assert.is(result(again, 'Address')?.changed, false);
  assert.is(
    await inside(`ls ${DIRECTORY}; ls /etc/systemd/system/*/lamplighter* /etc/systemd/system/lamplighter*`),
    '',
  );
});

test('the playbook for a home: the address first, then the broker, tested where it is now', async () => {
  const moved = await change('200', { static_address: `${net}.205/24`, static_gateway: `${net}.1` }, {}, HOME);
  assert.is(moved.exitCode, 0, complaint(moved));
  assert.is(result(moved, 'Give the host its fixed address')?.changed, true);
  assert.match(String(result(moved, 'Publish and subscribe from another machine')?.summary), `${net}.205:1883`);
  const unasked = await change('205', {}, {}, HOME);
  assert.equal(withStatus(unasked, 'changed', 'failed', 'unreachable'), [], complaint(unasked));
  assert.is(taskOf(unasked, 'Give the host its fixed address')?.status, 'skipped');
  await change('205', { address: `${net}.200` });
});

test('a gateway that does not answer, and an address that another host has: the host stays where it was', async () => {
  const before = await inside(SET_UP);
  const taken = await change('200', { address: `${net}.1`, gateway: `${net}.2` });
  assert.match(complaint(taken), /another host already has the address/);
  const lost = await change('200', { address: `${net}.201`, gateway: `${net}.77` });
  assert.is(lost.exitCode, 2);
  assert.match(
    complaint(lost),
    new RegExp(`gateway ${net}.77 does not answer; the former set-up of the network is back`),
  );
  assert.is(await inside(SET_UP), before);
});

test('the runner is killed: the host goes back by itself; and when it is restarted meanwhile', async () => {
  const before = await inside(SET_UP);
  const kept = await inside(FILES);
  await killed({ address: `${net}.202`, timeout: 10 });
  await until(`ip -o -4 addr show dev eth0 | grep -qF ' ${net}.202/'`);
  await until(`[ -e ${DIRECTORY}/outcome ]`);
  assert.is(await inside(SET_UP), before);
  await killed({ address: `${net}.203`, timeout: 600 });
  await until(`grep -q ${net}.203 /etc/network/interfaces && [ -e ${DIRECTORY}/applied ]`);
  const boot = await inside('cat /proc/sys/kernel/random/boot_id');
  await lab.run('home', 'systemctl reboot');
  await until(`[ "$(cat /proc/sys/kernel/random/boot_id)" != ${boot} ] && systemctl is-active multi-user.target`);
  assert.match(await inside(`cat ${DIRECTORY}/outcome`), /restarted before/);
  assert.is(await inside(FILES), kept);
});

test('systemd-networkd', async () => {
  await lab.run(
    'home',
    ': >/etc/network/interfaces; systemctl disable --now networking; systemctl start systemd-networkd',
  );
  const now = await inside("ip -o -4 addr show dev eth0 scope global | awk '{ print $4 }' | head -n 1");
  const last = now.split('/')[0]!.slice(net.length + 1);
  const moved = await change(last, { address: `${net}.210` });
  assert.is(moved.exitCode, 0, complaint(moved));
  assert.is(result(moved, 'Address')?.backend, 'networkd');
  assert.is(result(moved, 'Where it is now')?.stdout, `${net}.210`);
  const before = await inside('cat /etc/systemd/network/*');
  const lost = await change('210', { address: `${net}.211`, gateway: `${net}.77` });
  assert.match(complaint(lost), /does not answer/);
  assert.is(await inside('cat /etc/systemd/network/*'), before);
});

test('netplan', async () => {
  // udevadm, which netplan calls, wants to write there; a container's is read-only.
  await lab.run(
    'home',
    `rm /etc/systemd/network/*; ${apt} netplan.io network-manager
for dir in /sys/devices /sys/class; do mount -o remount,rw,bind $dir; done`,
  );
  const moved = await change('210', { address: `${net}.220`, backend: 'netplan' });
  assert.is(moved.exitCode, 0, complaint(moved));
  assert.is(result(moved, 'Where it is now')?.stdout, `${net}.220`);
  const again = await change('220', { address: `${net}.220` });
  assert.is(result(again, 'Address')?.backend, 'netplan');
  assert.is(result(again, 'Address')?.changed, false);
  const before = await inside('cat /etc/netplan/*');
  const lost = await change('220', { address: `${net}.221`, gateway: `${net}.77` });
  assert.match(complaint(lost), /does not answer; the former set-up of the network is back/);
  assert.is(await inside('cat /etc/netplan/*'), before);
});

test('NetworkManager', async () => {
  await lab.run(
    'home',
    'rm -r /etc/netplan/* /run/systemd/network; systemctl disable --now systemd-networkd.socket systemd-networkd; nmcli device set eth0 managed yes',
  );
  const moved = await change('220', { address: `${net}.230`, backend: 'networkmanager' });
  assert.is(moved.exitCode, 0, complaint(moved));
  // netplan is there and says nothing about the interface; NetworkManager does.
  const again = await change('230', { address: `${net}.230` });
  assert.is(result(again, 'Address')?.backend, 'networkmanager', complaint(again));
  assert.is(result(again, 'Address')?.changed, false);
  const lost = await change('230', { address: `${net}.231`, gateway: `${net}.77` });
  assert.match(complaint(lost), /does not answer; the former set-up of the network is back/);
  assert.match(await inside('nmcli -g IP4.ADDRESS device show eth0'), `${net}.230/24`);
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
