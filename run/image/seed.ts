import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { quote } from '../shell/script.ts';
import type { Access, Plan } from './plan.ts';

/*
 * The two files that cloud-init's NoCloud hands to the installer of Ubuntu Server.
 * Source: https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html
 */

/** Room for the EFI system partition. */
const ESP = '512M';

/** The installer's answers, as `#cloud-config`. */
export function userData(plan: Plan, access: Access): string {
  // PyYAML reads it: what YAML 1.1 takes for a boolean or a number is quoted.
  const seed = { autoinstall: autoinstall(plan, access) };
  return `#cloud-config\n${stringify(seed, { version: '1.1', lineWidth: 0, blockQuote: 'literal' })}`;
}

/** Names the instance: the installer's own system, not the one that is installed. */
export function metaData({ hostname }: Pick<Plan, 'hostname'>): string {
  return stringify({ 'instance-id': `lamplighter-${hostname}` }, { version: '1.1' });
}

/** The value of the key `autoinstall`. */
export function autoinstall(plan: Plan, { keys, passwordHash }: Access): Record<string, unknown> {
  const { hostname, user } = plan;
  return {
    version: 1,
    'early-commands': [beforeInstall(plan)],
    locale: plan.locale,
    keyboard: { layout: plan.keyboard },
    timezone: plan.timezone,
    source: { id: plan.source },
    ...(plan.address.length > 0 && { network: network(plan) }),
    storage: storage(plan),
    // A hash that no password has: the account is open to keys alone.
    identity: { hostname, username: user, realname: user, password: passwordHash ?? '*' },
    ssh: { 'install-server': true, 'authorized-keys': [...keys], 'allow-pw': false },
    updates: 'security',
    ...(passwordHash === undefined && { 'late-commands': [freeSudo(user)] }),
    // Off is how a machine without a screen says that it is done; started again, it would find the sticks still there.
    shutdown: 'poweroff',
  };
}

function network({ interface: name, address, gateway, dns }: Plan): Record<string, unknown> {
  const isPattern = /[*?[]/.test(name);
  const isMac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(name);
  const device = {
    ...(isMac && { match: { macaddress: name.toLowerCase() } }),
    ...(isPattern && { match: { name } }),
    dhcp4: !address.some((each) => !each.includes(':')),
    addresses: address,
    ...(gateway.length > 0 && { routes: gateway.map((via) => ({ to: 'default', via })) }),
    ...(dns.length > 0 && { nameservers: { addresses: dns } }),
  };
  return { version: 2, ethernets: { [isMac || isPattern ? 'lan' : name]: device } };
}

/**
 * One ext4 `/` on the first disk; swap and an ext4 `/var`, which grows most, on the second. A machine that starts by UEFI needs
 * its system partition besides.
 */
function storage({ root_disk, data_disk, swap, firmware }: Plan): Record<string, unknown> {
  const isUefi = firmware === 'uefi';
  const config: Record<string, unknown>[] = [
    { ...disk('system', root_disk), ptable: isUefi ? 'gpt' : 'msdos', ...(!isUefi && { grub_device: true }) },
  ];
  if (isUefi)
    config.push(
      { ...partition('esp', 'system', ESP), flag: 'boot', grub_device: true },
      ...filesystem('esp', 'fat32', '/boot/efi'),
    );
  config.push(
    { ...partition('root', 'system', -1), ...(!isUefi && { flag: 'boot' }) },
    ...filesystem('root', 'ext4', '/'),
  );
  if (data_disk !== 'none')
    config.push(
      { ...disk('data', data_disk), ptable: 'gpt' },
      { ...partition('swap', 'data', swap), flag: 'swap' },
      ...filesystem('swap', 'swap', ''),
      partition('var', 'data', -1),
      ...filesystem('var', 'ext4', '/var'),
    );
  // With a partition for it no file is wanted; without, the installer makes a file as large as it thinks right.
  return { ...(data_disk !== 'none' && { swap: { size: 0 } }), config };
}

function disk(id: string, where: string): Record<string, unknown> {
  const [, key, pattern] = /^(serial|model):(.*)$/.exec(where) ?? [];
  const which = key === undefined ? { path: where } : { match: { [key]: pattern } };
  return { type: 'disk', id, ...which, wipe: 'superblock-recursive', preserve: false };
}

function partition(id: string, device: string, size: string | number): Record<string, unknown> {
  return { type: 'partition', id, device, size, wipe: 'superblock', preserve: false };
}

function filesystem(id: string, fstype: string, path: string): Record<string, unknown>[] {
  return [
    { type: 'format', id: `${id}-fs`, volume: id, fstype, preserve: false },
    { type: 'mount', id: `${id}-mount`, device: `${id}-fs`, path },
  ];
}

/** The functions of before-install.sh, and their call. A pattern of a serial number or model is the installer's to resolve. */
function beforeInstall({ firmware, root_disk, data_disk }: Plan): string {
  const script = readFileSync(new URL('./before-install.sh', import.meta.url), 'utf8').replace(/^#.*\n/gm, '');
  const disks = [root_disk, data_disk].filter((each) => each.startsWith('/dev/'));
  return `${script}before_install ${[firmware, ...disks].map(quote).join(' ')}\n`;
}

function freeSudo(user: string): string {
  const file = '/target/etc/sudoers.d/90-lamplighter';
  return `printf '%s\\n' ${quote(`${user} ALL=(ALL) NOPASSWD:ALL`)} >${file} && chmod 0440 ${file}`;
}
