import { BlockList, isIP } from 'node:net';

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');

/** Every address of the host. */
export function isWildcard(address: string | undefined): boolean {
  return address === undefined || address === '0.0.0.0' || address === '::' || address === '*';
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** Whether an address is of a network that is not the internet. A name counts as private when it has no dot, or ends in .local. */
export function isPrivate(address: string): boolean {
  const kind = isIP(address);
  if (kind === 0) return !address.includes('.') || /\.(local|lan|internal|home\.arpa|localhost)$/i.test(address);
  return PRIVATE.check(address, kind === 4 ? 'ipv4' : 'ipv6');
}

/** An address that the internet reaches: not private, loopback or unspecified. */
export function isPublic(address: string): boolean {
  return isIP(address) !== 0 && !isWildcard(address) && !isPrivate(address);
}

/** Why a text cannot be the address of a broker to connect to; undefined when it can. */
export function wrongAddress(address: string): string | undefined {
  if (address.includes('://')) return 'write it without the scheme; TLS is set by bridge_cafile';
  if (/^[^:]*:\d+$/.test(address)) return 'the port is an argument of its own';
  if (address.includes('/')) return 'it holds a slash';
  if (/^[\d.]+$/.test(address) && isIP(address) === 0) return 'these numbers are no IPv4 address';
  if (address.includes(':') && isIP(address.replace(/%.*$/, '')) === 0) return 'these are no groups of an IPv6 address';
  return undefined;
}
