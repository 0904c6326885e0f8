import { type Builtin, type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { makeInt } from '../python/arithmetic.ts';
import { IpAddress, parseAddress } from '../python/ip-address.ts';
import { intArgument } from '../python/method.ts';
import { pyString } from '../python/repr.ts';
import { iterate } from '../values/iterate.ts';
import { isInt, isSequence, isText } from '../values/kinds.ts';
import { Undefined } from '../values/types.ts';
import { runIpQuery } from './ip-queries.ts';
import { contains, mergeNetworks, spanningNetwork } from './ip-sets.ts';

function parse(value: unknown): IpAddress | undefined {
  if (isInt(value)) {
    const number = BigInt(value);
    return new IpAddress(number < 1n << 32n ? 4 : 6, number, number < 1n << 32n ? 32 : 128, false);
  }
  return isText(value) ? parseAddress(String(value)) : undefined;
}

function require(value: unknown, filter: string): IpAddress {
  const address = parse(value);
  if (address) return address;
  throw filterError(`${filter}: '${pyString(value)}' is not an address or a network`);
}

/** One address or a list of them through a query: what does not fit is False, or left out of a list. */
function ipaddr(value: unknown, query: unknown, version: 4 | 6 | undefined): unknown {
  if (value instanceof Undefined) throw value.error();
  if (isSequence(value))
    return value.map((item) => ipaddr(item, query, version)).filter((item) => item !== false && item !== null);
  const address = parse(value);
  if (!address || (version !== undefined && address.version !== version)) return false;
  return runIpQuery(address, value, query === undefined || query === null ? '' : query);
}

function ipFilter(fixed?: 4 | 6): Builtin {
  return builtin('value, query?, version?', (_rt, value, query, version) =>
    ipaddr(value, query, fixed ?? (version === 4 || version === 6 ? version : undefined)),
  );
}

function wrap(value: unknown): unknown {
  if (isSequence(value)) return value.map(wrap);
  const address = parse(value);
  if (address?.version !== 6) return value;
  const [host, prefix] = pyString(value).split('/');
  return `[${host}]${prefix === undefined ? '' : `/${prefix}`}`;
}

/** The subnets of a size, one of them, or how often and where a smaller network fits. */
function subnet(value: unknown, query: unknown, index: unknown): unknown {
  const network = parse(value);
  if (!network) return false;
  if (query === undefined || query === '')
    return network.isAddress ? `${network.address}/${network.prefix}` : network.cidr;
  const other = isText(query) ? parseAddress(String(query)) : undefined;
  if (other) {
    if (!other.contains(network))
      throw filterError(`ipsubnet: ${pyString(value)} is not in the subnet ${pyString(query)}`);
    return pyString(makeInt((network.first - other.first) / network.size + 1n));
  }
  const prefix = Number(pyString(query));
  if (!Number.isInteger(prefix)) throw filterError(`ipsubnet: '${pyString(query)}' is neither a prefix nor a network`);
  if (network.isAddress) return supernet(network, prefix, index);
  if (prefix < network.prefix) return false;
  const count = 1n << BigInt(prefix - network.prefix);
  if (index === undefined || index === null) return pyString(makeInt(count));
  const wanted = BigInt(intArgument(isText(index) ? Number(index) : index));
  const offset = wanted < 0n ? wanted + count : wanted;
  if (offset < 0n || offset >= count) return false;
  const size = 1n << BigInt(network.bits - prefix);
  return new IpAddress(network.version, network.first + offset * size, prefix, true).cidr;
}

function supernet(address: IpAddress, prefix: number, index: unknown): unknown {
  const target = new IpAddress(address.version, address.value, prefix, true);
  if (index === undefined || index === null) return target.cidr;
  const size = new IpAddress(address.version, address.value, intArgument(isText(index) ? Number(index) : index), true);
  return size.cidr;
}

function nthHost(value: unknown, index: unknown): unknown {
  const network = parse(value);
  if (!network) return false;
  const offset = BigInt(intArgument(isText(index) ? Number(index) : index, 0));
  const at = offset < 0n ? network.first + network.size + offset : network.first + offset;
  return at < network.first || at > network.last ? false : network.format(at);
}

function neighbour(value: unknown, offset: unknown, direction: 1n | -1n): unknown {
  const network = require(value, direction > 0n ? 'next_nth_usable' : 'previous_nth_usable');
  const at = network.value + direction * BigInt(intArgument(offset, 1));
  const range = network.usable;
  return range && at >= range[0] && at <= range[1] ? network.format(at) : false;
}

/** An interface identifier made of a MAC address (EUI-64). */
function slaac(value: unknown, mac: unknown): unknown {
  const network = parse(value);
  const digits = pyString(mac).replace(/[^\da-f]/gi, '');
  if (network?.version !== 6 || digits.length !== 12) return false;
  const identifier = BigInt(`0x${digits.slice(0, 6)}fffe${digits.slice(6)}`) ^ (1n << 57n);
  return network.format(network.first + identifier);
}

const macFormats: Record<string, (digits: string) => string> = {
  bare: (digits) => digits.toUpperCase(),
  cisco: (digits) => digits.replace(/(.{4})(?=.)/g, '$1.'),
  eui48: (digits) => digits.toUpperCase().replace(/(..)(?=.)/g, '$1-'),
  linux: (digits) => digits.replace(/(..)(?=.)/g, '$1:'),
  pgsql: (digits) => `${digits.slice(0, 6)}:${digits.slice(6)}`,
  postgresql: (digits) => `${digits.slice(0, 6)}:${digits.slice(6)}`,
  psql: (digits) => `${digits.slice(0, 6)}:${digits.slice(6)}`,
  unix: (digits) => digits.replace(/(..)(?=.)/g, '$1:').replace(/\b0(?=.)/g, ''),
  win: (digits) => digits.toUpperCase().replace(/(..)(?=.)/g, '$1-'),
};

function hardwareAddress(value: unknown, query: unknown, alias: string): unknown {
  const text = pyString(value);
  const digits = text.replace(/[-:.]/g, '').toLowerCase();
  const valid = /^[\da-f]{12}$/.test(digits);
  const format = query === undefined || query === null ? '' : pyString(query);
  if (format === '' || format === 'bool') {
    if (!valid && format === '') throw filterError(`${alias}: not a hardware address: ${text}`);
    return format === 'bool' ? valid : macFormats.eui48!(digits);
  }
  if (!valid) throw filterError(`${alias}: not a hardware address: ${text}`);
  if (format === 'int') return makeInt(BigInt(`0x${digits}`));
  const write = Object.hasOwn(macFormats, format) ? macFormats[format] : undefined;
  if (!write) throw filterError(`${alias}: unknown filter type: ${format}`);
  return write(digits);
}

function networks(value: unknown): IpAddress[] {
  return iterate(value).map((item) => require(item, 'cidr_merge'));
}

/** ansible.utils' filters for addresses and networks. */
export const ipFilters: Builtins = {
  cidr_merge: builtin('value, action?', (_rt, value, action) => {
    const how = action === undefined ? 'merge' : pyString(action);
    if (how === 'merge') return mergeNetworks(networks(value)).map((network) => network.cidr);
    if (how === 'span') return spanningNetwork(networks(value))?.cidr ?? null;
    throw filterError(`cidr_merge: invalid action '${how}'`);
  }),
  hwaddr: builtin('value, query?, alias?', (_rt, value, query) => hardwareAddress(value, query, 'hwaddr')),
  ip4_hex: builtin('arg, delimiter?', (_rt, value, delimiter) => {
    const address = require(value, 'ip4_hex');
    const digits = address.value.toString(16).padStart(8, '0').match(/../g)!;
    return digits.join(delimiter === undefined ? '' : pyString(delimiter));
  }),
  ipaddr: ipFilter(),
  ipmath: builtin('value, amount', (_rt, value, amount) => {
    const address = require(value, 'ipmath');
    return address.format(address.value + BigInt(intArgument(amount)));
  }),
  ipsubnet: builtin('value, query?, index?', (_rt, value, query, index) => subnet(value, query, index)),
  ipv4: ipFilter(4),
  ipv6: ipFilter(6),
  ipwrap: builtin('value, query?', (_rt, value) => wrap(value)),
  macaddr: builtin('value, query?', (_rt, value, query) => hardwareAddress(value, query, 'macaddr')),
  network_in_network: builtin('value, test', (_rt, value, test) => contains(pyString(value), pyString(test))),
  network_in_usable: builtin('value, test', (_rt, value, test) => {
    const [network, inner] = [require(value, 'network_in_usable'), require(test, 'network_in_usable')];
    const range = network.usable;
    return (
      range !== undefined && inner.version === network.version && inner.first >= range[0] && inner.last <= range[1]
    );
  }),
  next_nth_usable: builtin('value, offset', (_rt, value, offset) => neighbour(value, offset, 1n)),
  nthhost: builtin('value, query?', (_rt, value, query) => nthHost(value, query)),
  previous_nth_usable: builtin('value, offset', (_rt, value, offset) => neighbour(value, offset, -1n)),
  reduce_on_network: builtin('value, network', (_rt, value, network) =>
    iterate(value).filter((item) => contains(pyString(network), pyString(item))),
  ),
  slaac: builtin('value, query?', (_rt, value, mac) => slaac(value, mac)),
};
