import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { type Lab, type LabHost, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { complaint, lighter, scratch } from '../helpers/lighter.ts';
import { type Relay, startRelay } from '../helpers/relay.ts';

/* What happens when something goes wrong on the way: each has a behaviour that somebody chose. */

const test = suite('accidents');
const possible = await canBeLab();
const files = scratch();
let lab: Lab;
let hosts: LabHost[];
let relay: Relay;

/** Writes an inventory of the lab's hosts with these changes and gives its path. */
async function inventory(changes: Record<string, Record<string, unknown>> = {}): Promise<string> {
  const vars = {
    ansible_ssh_private_key_file: lab.paths.keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts} -o StrictHostKeyChecking=yes -o ServerAliveInterval=1`,
  };
  const entries = hosts.map((host) => [
    host.name,
    { ansible_host: host.address, ansible_user: host.user, ...changes[host.name] },
  ]);
  return files.write('hosts.yaml', stringify({ all: { vars, hosts: Object.fromEntries(entries) } }));
}

const play = (tasks: unknown[], keywords: Record<string, unknown> = {}): string =>
  files.write('play.yaml', stringify([{ hosts: 'all', gather_facts: false, become: true, tasks, ...keywords }]));

/** Two steps that leave marks, the first of which takes a while. */
const marks = [
  { shell: 'echo begun >>/tmp/marks; sleep 3; echo ended >>/tmp/marks' },
  { shell: 'echo next >>/tmp/marks' },
];

async function until(command: string, expected: string): Promise<string> {
  for (let i = 0; i < 100; i++) {
    const { stdout } = await lab.run('lamp01', command);
    if (stdout === expected) return stdout;
    await sleep(100);
  }
  return (await lab.run('lamp01', command)).stdout;
}

test.before(async () => {
  lab = await openLab({ instance: `acc${process.pid}` });
  hosts = await lab.up(['lamp01', 'lamp02']);
  relay = await startRelay({ host: hosts[0]!.address, port: 22 });
});

test.before.each(async () => {
  await lab.run('lamp01', 'rm -f /tmp/marks');
});

test.after(async () => {
  await relay?.stop();
  await lab?.down();
  files.remove();
});

test('a connection that breaks lets the step under way finish and starts nothing after it; the next run waits for it', async () => {
  const common = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=${files.path('known_hosts')}`;
  const through = await inventory({
    lamp01: { ansible_host: '127.0.0.1', ansible_port: relay.port, ansible_ssh_common_args: common },
  });
  const running = lighter(['-i', through, play(marks), '--limit', 'lamp01']);
  assert.is(await until('cat /tmp/marks', 'begun\n'), 'begun\n');
  relay.cut();
  const lost = await running;
  assert.is(lost.exitCode, 4, complaint(lost));
  assert.is(lost.recap.lamp01?.unreachable, 1);

  const next = await lighter(['-i', through, play([{ shell: 'echo second >>/tmp/marks' }]), '--limit', 'lamp01']);
  assert.is(next.exitCode, 0, complaint(next));
  assert.is((await lab.run('lamp01', 'cat /tmp/marks')).stdout, 'begun\nended\nsecond\n');
});

test('Ctrl-C ends the run at once with a recap, and the host after the step under way', async () => {
  let interrupt: () => void = () => {};
  const running = lighter(['-i', await inventory(), play(marks), '--limit', 'lamp01'], {
    running: (process) => {
      interrupt = () => process.kill('SIGINT');
    },
  });
  assert.is(await until('cat /tmp/marks', 'begun\n'), 'begun\n');
  interrupt();
  const ended = await running;
  assert.is(ended.exitCode, 99, complaint(ended));
  assert.ok('lamp01' in ended.recap || Object.keys(ended.recap).length === 0);
  assert.is((await lab.run('lamp01', 'cat /tmp/marks')).stdout, 'begun\n', 'the run ended before the step did');
  assert.is(await until('cat /tmp/marks', 'begun\nended\n'), 'begun\nended\n');
  await sleep(500);
  assert.is((await lab.run('lamp01', 'cat /tmp/marks')).stdout, 'begun\nended\n');
  const left = await lab.run(
    'lamp01',
    'ls -d /dev/shm/lamplighter*/scratch* /run/lamplighter*/scratch* 2>/dev/null | wc -l',
  );
  assert.is(left.stdout.trim(), '0');
});

test('a host that dies costs only itself', async () => {
  const running = lighter(['-i', await inventory(), play([...marks, { command: 'true' }])]);
  assert.is(await until('cat /tmp/marks', 'begun\n'), 'begun\n');
  await lab.kill('lamp02');
  const outcome = await running;
  await lab.start('lamp02');
  assert.is(outcome.exitCode, 4, complaint(outcome));
  assert.is(outcome.recap.lamp02?.unreachable, 1);
  assert.is(outcome.recap.lamp01?.ok, 3);
});

test('a host that is away, a key that is refused, a host key that has changed: unreachable, each with its reason', async () => {
  const wrongKey = files.write(
    'known_hosts2',
    `${hosts[1]!.address} ${(await lab.run('lamp01', 'cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).stdout}`,
  );
  const changed = await inventory({
    lamp01: { ansible_user: 'nobody-here' },
    lamp02: { ansible_ssh_common_args: `-o UserKnownHostsFile=${wrongKey}` },
  });
  const outcome = await lighter(['-i', changed, play([{ ping: null }])]);
  assert.is(outcome.exitCode, 4, complaint(outcome));
  const said = Object.fromEntries(outcome.tasks.map((line) => [line.host, String(line.result.msg)]));
  assert.match(said.lamp01!, /refused/);
  assert.match(said.lamp02!, /host key/i);
  const away = await inventory({ lamp01: { ansible_port: 9 } });
  const refused = await lighter(['-i', away, play([{ ping: null }]), '--limit', 'lamp01']);
  assert.match(String(refused.tasks[0]?.result.msg), /refused/);
});

test('a held apt lock is waited for, and its holder named when it takes too long', async () => {
  await lab.run('lamp01', 'apt-get update -q');
  const held = lab.run('lamp01', "apt-get -y -o 'DPkg::Pre-Invoke::=sleep 8' install tree");
  await sleep(1500);
  const impatient = await lighter([
    '-i',
    await inventory(),
    play([{ apt: { name: 'ed', lock_timeout: 1 } }]),
    '--limit',
    'lamp01',
  ]);
  assert.is(impatient.exitCode, 2, complaint(impatient));
  assert.match(complaint(impatient), /apt-get.*\d+|\d+.*apt-get/s);
  const patient = await lighter(['-i', await inventory(), play([{ apt: { name: 'ed' } }]), '--limit', 'lamp01']);
  assert.is(patient.exitCode, 0, complaint(patient));
  assert.is(patient.recap.lamp01?.changed, 1);
  await held;
});

test('a full disk leaves the old file whole and says so', async () => {
  await lab.run('lamp01', 'mkdir -p /mnt/full; mount -t tmpfs -o size=64k full /mnt/full; echo old >/mnt/full/file');
  const task = { copy: { content: 'x'.repeat(200_000), dest: '/mnt/full/file' } };
  const outcome = await lighter(['-i', await inventory(), play([task]), '--limit', 'lamp01']);
  assert.is(outcome.exitCode, 2, complaint(outcome));
  assert.match(complaint(outcome), /space|full/i);
  const { stdout } = await lab.run('lamp01', 'cat /mnt/full/file; ls -A /mnt/full; umount /mnt/full');
  assert.is(stdout, 'old\nfile\n');
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
