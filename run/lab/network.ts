import { readFile } from 'node:fs/promises';
import { LamplighterError } from '../errors.ts';
import { raiseSettings, restoreSettings } from './kernel.ts';
import { lockDirectory } from './lock.ts';
import type { LabPaths } from './paths.ts';
import { $, attempt } from './script.ts';
import { subnetsInHome } from './state.ts';

/** The subnet of the default instance; others come after it. */
const DEFAULT_SUBNET = 50;
/** All labs of the machine share its network: who changes it holds the lock of this directory. */
const MACHINE = '/run/lock';

/** The names and addresses of one lab's network. */
export interface LabNetwork {
  /** The third number of 10.98.N.0/24. */
  subnet: number;
  bridge: string;
  table: string;
  gateway: string;
}

/** The network of an instance with this subnet. */
export function labNetwork(subnet: number): LabNetwork {
  return { subnet, bridge: `ll${subnet}`, table: `lamplighter_${subnet}`, gateway: `10.98.${subnet}.1` };
}

/** The address of a host by the last number of it. */
export function addressIn(network: LabNetwork, number: number): string {
  return `10.98.${network.subnet}.${number}`;
}

/** The controller's end of a host's cable: at most 15 bytes long, as Linux wants it. */
function cableOf(network: LabNetwork, number: number): string {
  return `${network.bridge}-${number}`;
}

/** Runs work that touches what all labs of the machine share, one at a time. */
export async function withMachineLock<T>(work: () => Promise<T>): Promise<T> {
  const lock = await lockDirectory(MACHINE);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Chooses the subnet of a new instance: 50 for the default one, else the first that nobody holds or routes to. */
export async function chooseSubnet(paths: LabPaths): Promise<number> {
  if (paths.isDefault) return DEFAULT_SUBNET;
  const held = new Set(await subnetsInHome(paths));
  const addresses = await attempt(
    'read the addresses of this machine',
    $`ip -4 -o address; ip -4 route show table all`,
  );
  for (let subnet = DEFAULT_SUBNET + 1; subnet < 255; subnet++) {
    if (!held.has(subnet) && !addresses.stdout.includes(`10.98.${subnet}.`)) return subnet;
  }
  throw new LamplighterError('LAB', 'every subnet from 10.98.51.0/24 on is in use');
}

/** Makes the bridge, the way out and its address translation, each unless it is there. Hold the machine's lock. */
export async function ensureNetwork(paths: LabPaths, network: LabNetwork): Promise<void> {
  const { bridge, gateway, table, subnet } = network;
  const alias = `lamplighter ${paths.dir}`;
  const link = await $({ nothrow: true })`ip -o link show dev ${bridge}`;
  if (link.exitCode === 0 && !link.stdout.includes(alias)) {
    throw new LamplighterError('LAB', `the network 10.98.${subnet}.0/24 (${bridge}) belongs to somebody else`, {
      hint: `Remove it with \`ip link delete ${bridge}\` if nobody needs it, or choose another --instance.`,
    });
  }
  await attempt(
    'make the network of the lab',
    $`
    ip link show dev ${bridge} >/dev/null 2>&1 || {
      ip link add ${bridge} type bridge
      ip link set dev ${bridge} alias ${alias}
    }
    ip address replace ${gateway}/24 dev ${bridge}
    ip link set ${bridge} up
    nft list table ip ${table} >/dev/null 2>&1 || nft -f - <<EOF
      table ip ${table} {
        chain out {
          type nat hook postrouting priority 100
          ip saddr 10.98.${subnet}.0/24 oifname != "${bridge}" masquerade
        }
      }
EOF`,
  );
  await openFirewall(bridge);
  await raiseSettings();
}

/** Takes the network away again, and with the last lab of the machine its settings of the kernel. Hold the machine's lock. */
export async function removeNetwork(network: LabNetwork): Promise<void> {
  const { bridge, table } = network;
  await closeFirewall(bridge);
  await attempt(
    'remove the network of the lab',
    $`
    for cable in $(ip -o link show | cut -d: -f2 | cut -d@ -f1 | grep "^ *${bridge}-"); do ip link delete $cable; done
    if ip link show dev ${bridge} >/dev/null 2>&1; then ip link delete ${bridge}; fi
    if nft list table ip ${table} >/dev/null 2>&1; then nft delete table ip ${table}; fi`,
  );
  const others = await attempt('list the bridges', $`ip -o link show type bridge`);
  if (!/: ll\d+: .*alias lamplighter /s.test(others.stdout)) await restoreSettings();
}

/** Plugs a host in: one end of the cable in the bridge, the other as eth0 in the namespace of `pid`. */
export async function plugIn(network: LabNetwork, number: number, mac: string, pid: number): Promise<void> {
  const cable = cableOf(network, number);
  await unplug(network, number);
  await attempt(
    'connect the host',
    $`
    ip link add ${cable} mtu ${await pathMtu()} type veth peer name eth0 address ${mac} netns ${pid}
    ip link set ${cable} master ${network.bridge} up`,
  );
}

/** Removes a host's cable, both ends. */
export async function unplug(network: LabNetwork, number: number): Promise<void> {
  const cable = cableOf(network, number);
  await attempt(
    'disconnect the host',
    $`if ip link show dev ${cable} >/dev/null 2>&1; then ip link delete ${cable}; fi`,
  );
}

/** The largest packet that the controller's own way out takes: a host behind it should not try more. */
export async function pathMtu(): Promise<number> {
  const route = await $({ nothrow: true })`ip -4 route show default`;
  const device = /\bdev (\S+)/.exec(route.stdout)?.[1];
  const mtu = device && (await readFile(`/sys/class/net/${device}/mtu`, 'utf8').catch(() => undefined));
  return Math.min(Number(mtu ?? 1500), 1500);
}

/** The resolvers of the controller that a host can reach too: not those on its loopback. */
export async function reachableResolvers(): Promise<string[]> {
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => /^\s*(nameserver|search|options)\s/.test(line));
    const usable = lines.filter((line) => !/^\s*nameserver\s+(127\.|::1)/.test(line));
    if (usable.some((line) => /^\s*nameserver/.test(line))) return usable;
  }
  return [];
}

/** Docker and some firewalls drop what is forwarded unless a rule of theirs allows it. */
async function openFirewall(bridge: string): Promise<void> {
  const policy = await $({ nothrow: true })`iptables -w -S FORWARD`;
  if (policy.exitCode !== 0 || !policy.stdout.includes('-P FORWARD DROP')) return;
  for (const side of ['-i', '-o']) {
    await attempt(
      'let the lab through the firewall',
      $`iptables -w -C FORWARD ${side} ${bridge} -j ACCEPT 2>/dev/null || iptables -w -I FORWARD ${side} ${bridge} -j ACCEPT`,
    );
  }
}

async function closeFirewall(bridge: string): Promise<void> {
  for (const side of ['-i', '-o']) {
    await $({ nothrow: true })`while iptables -w -D FORWARD ${side} ${bridge} -j ACCEPT; do :; done`;
  }
}
