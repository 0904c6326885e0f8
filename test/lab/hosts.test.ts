import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LamplighterError } from '../../run/errors.ts';
import { type Lab, type LabHost, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { readInstance } from '../../run/lab/state.ts';
import { scratchLab, ssh, traces } from './scratch-lab.ts';

interface Context {
  lab: Lab;
  cloud: LabHost;
  lamp: LabHost;
}

const test = suite<Context>('lab hosts');
const machine = await canBeLab();

test.before(async (context) => {
  context.lab = await scratchLab('hosts');
  try {
    [context.cloud, context.lamp] = (await context.lab.up(['cloud', 'lamp01'])) as [LabHost, LabHost];
  } catch (error) {
    await context.lab.down();
    throw error;
  }
});
test.after(async ({ lab }) => lab.down());

test('each host is a Debian with its own name, address, MAC and no Python', async ({ lab, cloud, lamp }) => {
  assert.equal([cloud.user, lamp.user], ['ubuntu', 'pi']);
  const seen = await lab.run(
    'lamp01',
    'hostname; cat /sys/class/net/eth0/address; ls /sys/class/net; cat /etc/debian_version',
  );
  assert.match(seen.stdout, new RegExp(`^lamp01\n${lamp.mac}\neth0\nlo\n12\\.`));
  assert.is((await lab.run('lamp01', 'command -v python3')).code, 127);
  assert.is(await lab.deviceId('lamp01'), lamp.mac.replaceAll(':', ''));
  assert.is((await lab.run('lamp01', 'getent hosts cloud')).stdout.split(/\s+/)[0], cloud.address);
});

test('a login by key needs no question, sudo no password, and the host key is known beforehand', async ({
  lab,
  cloud,
  lamp,
}) => {
  for (const host of [cloud, lamp]) {
    const login = await ssh(lab, host, 'id -un; sudo -n id -un; exit 7');
    assert.equal(login, { code: 7, stdout: `${host.user}\nroot\n`, stderr: '' });
  }
  assert.is((await readFile(lab.paths.knownHosts, 'utf8')).split('\n').length, 5);
});

test('run gives input, user, output and status', async ({ lab }) => {
  const result = await lab.run('cloud', 'id -un; cat; echo oops >&2; exit 3', { input: "it's\n", user: 'ubuntu' });
  assert.equal(result, { code: 3, stdout: "ubuntu\nit's\n", stderr: 'oops\n' });
});

test('apt has no lists at first, and can fetch them', async ({ lab }) => {
  assert.is((await lab.run('cloud', 'ls /var/lib/apt/lists | grep -c Packages')).stdout, '0\n');
  const update = await lab.run('cloud', 'apt-get update');
  assert.is(update.code, 0, update.stderr);
  assert.match((await lab.run('cloud', 'apt-cache policy mosquitto')).stdout, /Candidate: \d/);
});

test('what is up stays up: the same boot, and soon', async ({ lab }) => {
  const boot = 'cat /proc/sys/kernel/random/boot_id';
  const before = (await lab.run('lamp01', boot)).stdout;
  const started = Date.now();
  await lab.up(['cloud', 'lamp01']);
  assert.ok(Date.now() - started < 3000);
  assert.is((await lab.run('lamp01', boot)).stdout, before);
});

test('a reboot from inside is one: another boot id, the same disk', async ({ lab, lamp }) => {
  const before = await ssh(lab, lamp, 'echo kept > kept; cat /proc/sys/kernel/random/boot_id');
  await ssh(lab, lamp, 'sudo systemctl reboot');
  const after = await until(async () => {
    const answer = await ssh(lab, lamp, 'cat /proc/sys/kernel/random/boot_id kept');
    return answer.code === 0 && !answer.stdout.startsWith(before.stdout) ? answer : undefined;
  });
  assert.match(after.stdout, /^[0-9a-f-]{36}\nkept\n$/);
});

test('a pulled plug leaves a disk that boots again', async ({ lab, lamp }) => {
  await lab.run('lamp01', 'echo kept > /root/kept; sync');
  await lab.kill('lamp01');
  assert.is((await lab.status()).find((host) => host.name === 'lamp01')?.state, 'off');
  try {
    await lab.run('lamp01', 'true');
    assert.unreachable();
  } catch (error) {
    assert.is((error as LamplighterError).code, 'LAB');
  }
  assert.equal(await lab.start('lamp01'), lamp);
  assert.is((await lab.run('lamp01', 'cat /root/kept')).stdout, 'kept\n');
});

test('a power-off from inside stays off until up', async ({ lab }) => {
  await lab.run('lamp01', 'systemctl poweroff');
  await until(async () => (await lab.status()).find((host) => host.name === 'lamp01')?.state === 'off' || undefined);
  await lab.up(['lamp01']);
  assert.is((await lab.status()).find((host) => host.name === 'lamp01')?.state, 'running');
});

test('a reset host is virgin and has its old address and keys', async ({ lab, lamp }) => {
  const known = await readFile(lab.paths.knownHosts, 'utf8');
  assert.equal(await lab.reset(['lamp01']), [lamp]);
  assert.is((await lab.run('lamp01', 'ls /root/kept /home/pi/kept')).code, 2);
  assert.is((await ssh(lab, lamp, 'true')).code, 0);
  assert.is(await readFile(lab.paths.knownHosts, 'utf8'), known);
});

test('another release for a host that is there is refused', async ({ lab }) => {
  try {
    await lab.up(['cloud'], { base: 'trixie' });
    assert.unreachable();
  } catch (error) {
    assert.is((error as LamplighterError).hint, 'Remove it first: lab down cloud');
  }
});

test('a host that joins is known to the others, and one that leaves is forgotten', async ({ lab }) => {
  const [home] = await lab.up(['home']);
  assert.is(home?.user, 'home');
  assert.match((await lab.run('cloud', 'getent hosts home')).stdout, home!.address);
  assert.equal(Object.keys((await lab.inventory()).all.children), ['cloud', 'lamps', 'homes']);
  await lab.down(['home']);
  assert.is((await lab.run('cloud', 'getent hosts home')).code, 2);
  assert.equal(
    (await lab.status()).map((host) => host.name),
    ['cloud', 'lamp01'],
  );
});

test('down leaves nothing', async () => {
  const lab = await openLab({ instance: `test-gone-${process.pid}` });
  await lab.up(['cloud']);
  const { subnet } = (await readInstance(lab.paths))!;
  assert.ok((await traces(lab.paths.dir, subnet)).length > 5);
  await lab.down();
  assert.equal(await traces(lab.paths.dir, subnet), []);
  await lab.down();
});

/** Asks every 50 ms until there is an answer, for at most 20 s. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no answer within 20 s');
}

if (machine.ok) test.run();
else console.log(`skipped: lab hosts: ${machine.reason}`);
