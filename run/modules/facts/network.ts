import type { FactGroup } from './group.ts';
import { baseName, type HostView } from './host-view.ts';

const TYPES: Record<string, string> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
};
const NET = '/sys/class/net';

type Interface = Record<string, unknown> & { mtu?: number; type?: string; macaddress?: string };
interface Address {
  address: string;
  broadcast: string;
  netmask: string;
  network: string;
  prefix: string;
}

/** Interfaces, addresses and the default routes. Every interface is a fact by its own name (`ansible_eth0`). */
export const network: FactGroup = {
  name: 'network',
  names: ['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses'],
  files: [
    `${NET}/*/address ${NET}/*/mtu ${NET}/*/operstate ${NET}/*/type ${NET}/*/speed ${NET}/*/flags`,
    `${NET}/*/bridge/bridge_id ${NET}/*/bridge/stp_state ${NET}/*/bonding/slaves ${NET}/*/bonding/mode`,
    `${NET}/*/bonding/miimon ${NET}/*/bonding/lacp_rate ${NET}/*/bonding/primary ${NET}/*/bonding/all_slaves_active`,
    `${NET}/*/bonding_slave/perm_hwaddr`,
  ],
  links: [`${NET}/*/device ${NET}/*/device/driver/module ${NET}/*/brif/*`],
  scripts: [
    `fact_section addresses; ip addr show 2>/dev/null
fact_section route4; ip -4 route get 8.8.8.8 2>/dev/null
fact_section route6; ip -6 route get 2404:6800:400a:800::1012 2>/dev/null`,
  ],
  facts: (host) => {
    const interfaces = new Map<string, Interface>();
    for (const path of host.paths(/^\/sys\/class\/net\/[^/]+\/type$/)) {
      const device = path.split('/')[4]!;
      interfaces.set(device, hardwareOf(device, host));
    }
    const defaults = {
      v4: routeOf(host.section('route4'), '8.8.8.8'),
      v6: routeOf(host.section('route6'), '2404:6800:400a:800::1012'),
    };
    const all = addAddresses(host, interfaces, defaults);
    return {
      interfaces: [...interfaces.keys()],
      default_ipv4: defaults.v4,
      default_ipv6: defaults.v6,
      ...all,
      ...Object.fromEntries([...interfaces].map(([name, facts]) => [factName(name), facts])),
    };
  },
};

/** Ansible replaces what may not stand in a variable's name. */
function factName(device: string): string {
  return device.replace(/[^A-Za-z0-9_]/g, '_');
}

function hardwareOf(device: string, host: HostView): Interface {
  const read = (name: string) => host.file(`${NET}/${device}/${name}`);
  const facts: Interface = { device };
  const address = read('address');
  if (address !== undefined && address !== '00:00:00:00:00:00') facts.macaddress = address;
  if (read('mtu') !== undefined) facts.mtu = Number(read('mtu'));
  if (read('operstate') !== undefined) facts.active = read('operstate') !== 'down';
  const driver = host.link(`${NET}/${device}/device/driver/module`);
  if (driver !== undefined) facts.module = baseName(driver);
  facts.type = TYPES[read('type') ?? ''] ?? 'unknown';
  if (read('bridge/bridge_id') !== undefined) {
    facts.type = 'bridge';
    facts.interfaces = host.linksBelow(new RegExp(`^${NET}/${escaped(device)}/brif/`)).map(([path]) => baseName(path));
    facts.id = read('bridge/bridge_id');
    facts.stp = read('bridge/stp_state') === '1';
  }
  if (read('bonding/mode') !== undefined) addBonding(facts, read);
  const permanent = read('bonding_slave/perm_hwaddr');
  if (permanent !== undefined) facts.perm_macaddress = permanent;
  const pci = host.link(`${NET}/${device}/device`);
  if (pci !== undefined) facts.pciid = baseName(pci);
  const speed = read('speed');
  if (speed !== undefined) facts.speed = Number(speed);
  const flags = read('flags');
  if (flags !== undefined) facts.promisc = (Number.parseInt(flags, 16) & 0x100) !== 0;
  return facts;
}

function addBonding(facts: Interface, read: (name: string) => string | undefined): void {
  const first = (name: string) => read(`bonding/${name}`)?.split(/\s+/)[0] ?? '';
  facts.type = 'bonding';
  facts.slaves = read('bonding/slaves')?.split(/\s+/) ?? [];
  facts.mode = first('mode');
  facts.miimon = first('miimon');
  facts.lacp_rate = first('lacp_rate');
  const primary = read('bonding/primary');
  if (primary === undefined) return;
  facts.primary = primary;
  const active = read('bonding/all_slaves_active');
  if (active !== undefined) facts.all_slaves_active = active === '1';
}

/** The first line of `ip route get`: `8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0`. */
function routeOf(output: string | undefined, target: string): Record<string, unknown> {
  const words = output?.split('\n')[0]?.trim().split(/\s+/) ?? [];
  if (words[0] !== target) return {};
  const route: Record<string, unknown> = {};
  words.forEach((word, i) => {
    const next = words[i + 1];
    if (next === undefined) return;
    if (word === 'dev') route.interface = next;
    else if (word === 'src') route.address = next;
    else if (word === 'via' && next !== target) route.gateway = next;
  });
  return route;
}

/** Reads `ip addr show` into the interfaces, the default routes and the lists of all addresses. */
function addAddresses(
  host: HostView,
  interfaces: Map<string, Interface>,
  defaults: { v4: Record<string, unknown>; v6: Record<string, unknown> },
): { all_ipv4_addresses: string[]; all_ipv6_addresses: string[] } {
  const all = { all_ipv4_addresses: [] as string[], all_ipv6_addresses: [] as string[] };
  let device = '';
  // Secondary addresses come after the others, as Ansible asks for them apart.
  const later: (() => void)[] = [];
  const entry = (name: string) => {
    const facts = interfaces.get(name) ?? {};
    interfaces.set(name, facts);
    return facts;
  };
  for (const line of host.lines('addresses')) {
    const header = /^\d+: ([^:@]+)/.exec(line);
    if (header !== null) {
      device = header[1]!;
      continue;
    }
    const words = line.trim().split(/\s+/);
    const own = device;
    if (words[0] === 'inet') {
      const secondary = words.includes('secondary');
      const add = () => addInet(words, own, entry, secondary, defaults.v4, all.all_ipv4_addresses);
      if (secondary) later.push(add);
      else add();
    } else if (words[0] === 'inet6') {
      const add = () => addInet6(words, entry(own), defaults.v6, all.all_ipv6_addresses);
      if (words.includes('temporary')) later.push(add);
      else add();
    }
  }
  for (const add of later) add();
  return all;
}

function addInet(
  words: string[],
  device: string,
  entry: (name: string) => Interface,
  secondary: boolean,
  route: Record<string, unknown>,
  all: string[],
): void {
  const [address = '', length = '32'] = words[1]!.split('/');
  const broadcast = words[1]!.includes('/') && words[2] === 'brd' && words.length > 3 ? words[3]! : '';
  const facts: Address = { address, broadcast, ...masked(address, Number(length)), prefix: length };
  const label = words.at(-1)!;
  const labelled = entry(label);
  if (!secondary && labelled.ipv4 === undefined) labelled.ipv4 = facts;
  else secondaries(labelled).push(facts);
  if (secondary && label !== device) secondaries(entry(device)).push({ ...facts });
  if (route.address === address) {
    const hardware = entry(device);
    Object.assign(route, {
      broadcast,
      netmask: facts.netmask,
      network: facts.network,
      prefix: length,
      macaddress: hardware.macaddress ?? '00:00:00:00:00:00',
      mtu: hardware.mtu,
      type: hardware.type ?? 'unknown',
      alias: label,
    });
  }
  if (!address.startsWith('127.')) all.push(address);
}

function secondaries(facts: Interface): Address[] {
  facts.ipv4_secondaries ??= [];
  return facts.ipv4_secondaries as Address[];
}

function addInet6(words: string[], facts: Interface, route: Record<string, unknown>, all: string[]): void {
  const peer = words[2] === 'peer';
  const address = words[1]!.split('/')[0]!;
  const prefix = (peer ? words[3]! : words[1]!).split('/')[1] ?? '128';
  const scope = peer ? words[5] : words[3];
  facts.ipv6 ??= [];
  (facts.ipv6 as unknown[]).push({ address, prefix, scope });
  if (route.address === address)
    Object.assign(route, {
      prefix,
      scope,
      macaddress: facts.macaddress ?? '00:00:00:00:00:00',
      mtu: facts.mtu,
      type: facts.type ?? 'unknown',
    });
  if (address !== '::1') all.push(address);
}

function masked(address: string, prefix: number): { netmask: string; network: string } {
  const bits = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const dotted = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
  return { netmask: dotted(bits), network: dotted((value & bits) >>> 0) };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
