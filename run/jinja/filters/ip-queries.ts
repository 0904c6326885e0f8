import { filterError } from '../errors.ts';
import { makeInt } from '../python/arithmetic.ts';
import { type IpAddress, parseAddress } from '../python/ip-address.ts';
import { pyString } from '../python/repr.ts';
import { isInt, isText } from '../values/kinds.ts';

type Query = (address: IpAddress, given: unknown) => unknown;

const when =
  (holds: (address: IpAddress) => boolean): Query =>
  (address, given) =>
    holds(address) && given;

const withPrefix = (address: IpAddress) => `${address.address}/${address.prefix}`;
const isHost = (address: IpAddress) => address.hasPrefix && address.size > 1n && !address.isNetwork;

function reverseName(address: IpAddress): string {
  const digits =
    address.version === 4 ? address.address.split('.') : address.value.toString(16).padStart(32, '0').split('');
  return `${digits.reverse().join('.')}.${address.version === 4 ? 'in-addr' : 'ip6'}.arpa.`;
}

function range(address: IpAddress, shown: (first: string, last: string) => unknown): unknown {
  const usable = address.usable;
  return usable ? shown(address.format(usable[0]), address.format(usable[1])) : null;
}

const address: Query = (ip) => (ip.isNetwork ? false : ip.address);
const broadcast: Query = (ip) => (ip.broadcast === undefined ? null : ip.format(ip.broadcast));
const network: Query = (ip) => (ip.size > 1n ? ip.network : false);
const netmask: Query = (ip) => ip.netmask;
const hostWithPrefix: Query = (ip) => isHost(ip) && withPrefix(ip);
const hostmask: Query = (ip) => ip.hostmask;
const networkCidr: Query = (ip) => (ip.hasPrefix ? ip.cidr : null);

/** ansible.utils.ipaddr's queries by name. */
const queries: Record<string, Query> = {
  '': (ip, given) => (ip.hasPrefix ? withPrefix(ip) : typeof given === 'string' ? ip.address : ip.address),
  '6to4': (ip, given) => {
    if (ip.version === 6) return ip.value >> 112n === 0x2002n && given;
    return ip.isPublic ? `2002:${hex(ip.value >> 16n)}:${hex(ip.value & 0xffffn)}::1/48` : false;
  },
  address,
  'address/prefix': hostWithPrefix,
  bool: () => true,
  broadcast,
  cidr: (ip) => withPrefix(ip),
  first_usable: (ip) => range(ip, (first) => first),
  gateway: hostWithPrefix,
  gw: hostWithPrefix,
  host: hostWithPrefix,
  'host/prefix': hostWithPrefix,
  hostmask,
  hostnet: hostWithPrefix,
  int: (ip) => (ip.hasPrefix ? `${ip.value}/${ip.prefix}` : makeInt(ip.value)),
  ip: (ip) => (ip.isNetwork ? false : ip.address),
  'ip/prefix': hostWithPrefix,
  ip_netmask: (ip) => `${ip.address} ${ip.netmask}`,
  ip_wildcard: (ip) => `${ip.address} ${ip.hostmask}`,
  ipv4: (ip, given) => (ip.version === 4 ? given : false),
  ipv6: (ip, given) => (ip.version === 6 ? given : `::ffff:${ip.address}/${ip.prefix + 96}`),
  last_usable: (ip) => range(ip, (_first, last) => last),
  'link-local': when((ip) => ip.isLinkLocal),
  lo: when((ip) => ip.isLoopback),
  loopback: when((ip) => ip.isLoopback),
  multicast: when((ip) => ip.isMulticast),
  net: (ip) => (ip.isNetwork ? ip.cidr : false),
  net_range: (ip) => range(ip, (first, last) => `${first}-${last}`),
  netmask,
  network,
  network_id: network,
  'network/prefix': networkCidr,
  network_netmask: (ip) => `${ip.network} ${ip.netmask}`,
  network_wildcard: (ip) => `${ip.network} ${ip.hostmask}`,
  next_usable: (ip) => {
    const usable = ip.usable;
    return usable && ip.value + 1n >= usable[0] && ip.value + 1n <= usable[1] ? ip.format(ip.value + 1n) : null;
  },
  peer: (ip) => peer(ip),
  prefix: (ip) => ip.prefix,
  previous_usable: (ip) => {
    const usable = ip.usable;
    return usable && ip.value - 1n >= usable[0] && ip.value - 1n <= usable[1] ? ip.format(ip.value - 1n) : null;
  },
  private: when((ip) => ip.isPrivate),
  public: when((ip) => ip.isPublic),
  range_usable: (ip) => range(ip, (first, last) => `${first}-${last}`),
  revdns: reverseName,
  size: (ip) => makeInt(ip.size),
  size_usable: (ip) => (ip.usable ? makeInt(ip.usable[1] - ip.usable[0] + 1n) : ip.size === 1n ? 1 : 0),
  subnet: networkCidr,
  type: (ip) => (ip.isNetwork ? 'network' : 'address'),
  unicast: when((ip) => !ip.isMulticast),
  v4: (ip, given) => (ip.version === 4 ? given : false),
  v6: (ip, given) => (ip.version === 6 ? given : `::ffff:${ip.address}/${ip.prefix + 96}`),
  version: (ip) => ip.version,
  wildcard: hostmask,
  wrap: (ip, given) => (ip.version === 6 ? `[${ip.address}]${ip.hasPrefix ? `/${ip.prefix}` : ''}` : given),
};

function hex(value: bigint): string {
  return value.toString(16);
}

/** The other end of a point-to-point link. */
function peer(ip: IpAddress): string {
  if (ip.bits - ip.prefix === 1) return ip.format(ip.value ^ 1n);
  if (ip.bits - ip.prefix === 2 && ip.value % 4n !== 0n && ip.value % 4n !== 3n) return ip.format(ip.value ^ 3n);
  throw filterError(`Not a point-to-point network: ${ip.address}/${ip.prefix}`);
}

/** Runs a query: a name, a network the address must lie in, or the index of an address in the network. */
export function runIpQuery(ip: IpAddress, given: unknown, query: unknown): unknown {
  const name = pyString(query);
  if (Object.hasOwn(queries, name)) return queries[name]!(ip, given);
  if (isInt(query) || /^-?\d+$/.test(name)) {
    const index = BigInt(name);
    const at = index < 0n ? ip.first + ip.size + index : ip.first + index;
    if (at < ip.first || at > ip.last) return null;
    return `${ip.format(at)}/${ip.prefix}`;
  }
  const network = isText(query) ? parseAddress(name) : undefined;
  if (network) return network.contains(ip) ? queries['']!(ip, given) : false;
  throw filterError(`ipaddr: unknown filter type: ${name}`);
}
