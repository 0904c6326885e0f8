import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Plan, planSchema } from '../../run/image/plan.ts';
import { autoinstall, metaData, userData } from '../../run/image/seed.ts';

const test = suite('the seed of an installation');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINfA9Qx8pHPsOU9cmQxj3Yr6CyNYAnGtfOuTnAeZd5an ana';
const HASH = '$6$rounds=5000$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil';
const plan = (more: Record<string, unknown> = {}): Plan =>
  planSchema.parse({ hostname: 'futro', user: 'ana', ...more });
const HOME = { address: '192.168.1.20/24', gateway: '192.168.1.1', dns: '8.8.8.8,8.8.4.4', interface: 'enp8s0' };
const trouble = (more: Record<string, unknown>) => {
  const parsed = planSchema.safeParse({ hostname: 'futro', user: 'ana', ...more });
  return parsed.success ? '' : parsed.error.issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
};

/** The seed as the installer's YAML 1.1 reader has it. */
const seedOf = (of: Plan, passwordHash: string | undefined) => {
  const text = userData(of, { keys: [KEY], passwordHash });
  assert.match(text, /^#cloud-config\nautoinstall:\n/);
  const read = parse(text, { version: '1.1' }) as { autoinstall: ReturnType<typeof autoinstall> };
  assert.equal(read.autoinstall, autoinstall(of, { keys: [KEY], passwordHash }), 'it reads as it was meant');
  return read.autoinstall;
};

/** Partitions of a disk as `size fstype mountpoint`, in their order. */
function layout(seed: Record<string, unknown>, disk: string): string[] {
  const { config } = seed.storage as { config: Record<string, string | number>[] };
  const by = (type: string, key: string, value: unknown) =>
    config.find((each) => each.type === type && each[key] === value);
  return config
    .filter(({ type, device }) => type === 'partition' && device === disk)
    .map(({ id, size }) => {
      const format = by('format', 'volume', id)!;
      return `${size} ${format.fstype} ${by('mount', 'device', format.id)!.path}`.trim();
    });
}

test('the machine of the article: OpenSSH only, a user with a key, a fixed address', () => {
  const seed = seedOf(plan(HOME), HASH);
  assert.is(seed.version, 1);
  assert.equal(seed.ssh, { 'install-server': true, 'authorized-keys': [KEY], 'allow-pw': false });
  assert.equal(seed.identity, { hostname: 'futro', username: 'ana', realname: 'ana', password: HASH });
  assert.equal(seed.network, {
    version: 2,
    ethernets: {
      enp8s0: {
        dhcp4: false,
        addresses: ['192.168.1.20/24'],
        routes: [{ to: 'default', via: '192.168.1.1' }],
        nameservers: { addresses: ['8.8.8.8', '8.8.4.4'] },
      },
    },
  });
  assert.not('packages' in seed || 'snaps' in seed);
  assert.not('late-commands' in seed);
  assert.match(metaData(plan()), /^instance-id: lamplighter-futro$/m);
});

test('its disks: one ext4 / on the first, swap and an ext4 /var on the second', () => {
  const seed = seedOf(plan(), HASH);
  assert.equal(layout(seed, 'system'), ['-1 ext4 /']);
  assert.equal(layout(seed, 'data'), ['4G swap', '-1 ext4 /var']);
  const { swap, config } = seed.storage as { swap: unknown; config: Record<string, unknown>[] };
  assert.equal(swap, { size: 0 });
  const disks = config
    .filter(({ type }) => type === 'disk')
    .map(({ path, ptable, grub_device }) => ({ path, ptable, grub_device }));
  assert.equal(disks, [
    { path: '/dev/sda', ptable: 'msdos', grub_device: true },
    { path: '/dev/sdb', ptable: 'gpt', grub_device: undefined },
  ]);
});

test('UEFI, a single disk, disks by serial number', () => {
  const uefi = seedOf(plan({ firmware: 'uefi', data_disk: 'none', root_disk: 'serial:Transcend_*' }), HASH);
  assert.equal(layout(uefi, 'system'), ['512M fat32 /boot/efi', '-1 ext4 /']);
  const { swap, config } = uefi.storage as { swap?: unknown; config: Record<string, unknown>[] };
  assert.is(swap, undefined);
  assert.equal(config[0]?.match, { serial: 'Transcend_*' });
  assert.equal(
    config.filter(({ grub_device }) => grub_device).map(({ id }) => id),
    ['esp'],
  );
});

test('DHCP without an address; interfaces by pattern and by MAC', () => {
  assert.is(seedOf(plan(), HASH).network, undefined);
  const lan = (more: Record<string, unknown>) => {
    const { network } = seedOf(plan(more), HASH) as { network: { ethernets: { lan: Record<string, unknown> } } };
    return network.ethernets.lan;
  };
  assert.equal(lan({ ...HOME, interface: 'en*' }).match, { name: 'en*' });
  assert.equal(lan({ ...HOME, interface: '00:0C:29:AA:BB:CC' }).match, { macaddress: '00:0c:29:aa:bb:cc' });
  assert.is(lan({ address: 'fd00::20/64', gateway: 'fd00::1' }).dhcp4, true);
});

test('without a password nobody logs in by one, and sudo asks for none', () => {
  const open = seedOf(plan(), undefined) as { identity: { password: string }; 'late-commands': string[] };
  assert.is(open.identity.password, '*');
  assert.match(open['late-commands'][0]!, /ana ALL=\(ALL\) NOPASSWD:ALL.*sudoers.d.*chmod 0440/);
});

test('mistakes are named', () => {
  assert.match(trouble({ user: 'root' }), /^user: .*sudo/);
  assert.match(trouble({ user: 'Ana' }), /^user: expected a user name/);
  assert.match(trouble({ hostname: 'my_host' }), /^hostname: /);
  assert.match(trouble({ address: '192.168.1.20' }), /^address: .*lacks its prefix/);
  assert.match(trouble({ address: '192.168.1.20/24', gateway: '10.0.0.1' }), /^gateway: the gateway/);
  assert.match(trouble({ gateway: '10.0.0.1' }), /^gateway: /);
  assert.match(trouble({ dns: '10.0.0.1' }), /^dns: /);
  assert.match(trouble({ data_disk: '/dev/sda' }), /^data_disk: .*already/);
  assert.match(trouble({ root_disk: 'sda' }), /^root_disk: expected a disk/);
  assert.match(trouble({ swap: '4' }), /^swap: /);
  assert.match(trouble({ firmware: 'efi' }), /^firmware: .*did you mean "uefi"/);
  assert.match(trouble({ timezone: 'Europe/Madird' }), /^timezone: /);
  assert.match(trouble({ timezone: 'Etc/UTC' }), /^timezone: /);
  assert.match(trouble({ keyboard: "us'; reboot" }), /^keyboard: /);
});

test('the installer ends where a disk would be the wrong one', () => {
  const functions = readFileSync(new URL('../../run/image/before-install.sh', import.meta.url), 'utf8');
  const [script] = seedOf(plan(), HASH)['early-commands'] as string[];
  assert.match(script!, /before_install bios \/dev\/sda \/dev\/sdb\n$/);
  const run = (
    disks: string,
    lines: string,
    firmware = '$(if [ -d /sys/firmware/efi ]; then echo uefi; else echo bios; fi)',
  ) => {
    // In place of the kernel's list, which only a machine under installation has.
    const list = `is_disk() { [ "$1" != /dev/none ]; }\nlsblk() { printf '%s\\n' '${lines}'; }\n`;
    return spawnSync('dash', ['-c', `${functions}${list}before_install ${firmware} ${disks}`], { encoding: 'utf8' });
  };
  assert.is(run('/dev/sda /dev/sdb', 'root /').status, 0);
  assert.match(run('/dev/sda', ' /cdrom').stderr, /sda is the stick that the installer runs from/);
  assert.match(run('/dev/sda', 'Ubuntu-Server\\x2024.04 /cdrom').stderr, /installer runs from/);
  assert.match(run('/dev/sda', 'CIDATA').stderr, /sda is the stick with this seed/);
  assert.match(run('/dev/sda /dev/none', 'x').stderr, /there is no disk \/dev\/none/);
  for (const refused of [run('/dev/sda', 'cidata '), run('/dev/none', 'x')]) assert.is(refused.status, 1);
  const other = spawnSync('dash', ['-c', `${functions}before_install arc`], { encoding: 'utf8' });
  assert.is(other.status, 1);
  assert.match(other.stderr, /was made for arc: --firmware (bios|uefi)/);
});

test.run();
