import { IpAddress, parseAddress } from '../python/ip-address.ts';

/** Whether a network contains an address or another network. */
export function contains(network: string, inner: string): boolean {
  const [outer, address] = [parseAddress(network), parseAddress(inner)];
  return outer !== undefined && address !== undefined && outer.contains(address);
}

interface Span {
  version: 4 | 6;
  first: bigint;
  last: bigint;
}

/** The fewest networks that cover exactly these addresses and networks. */
export function mergeNetworks(networks: readonly IpAddress[]): IpAddress[] {
  const sorted = networks
    .map((network): Span => ({ version: network.version, first: network.first, last: network.last }))
    .sort((a, b) => a.version - b.version || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const spans: Span[] = [];
  for (const span of sorted) {
    const last = spans.at(-1);
    if (last && last.version === span.version && span.first <= last.last + 1n) {
      if (span.last > last.last) last.last = span.last;
    } else spans.push(span);
  }
  return spans.flatMap(toNetworks);
}

function toNetworks({ version, first, last }: Span): IpAddress[] {
  const bits = version === 4 ? 32 : 128;
  const networks: IpAddress[] = [];
  for (let at = first; at <= last; ) {
    let prefix = bits;
    while (prefix > 0) {
      const size = 1n << BigInt(bits - prefix + 1);
      if (at % size !== 0n || at + size - 1n > last) break;
      prefix--;
    }
    const network = new IpAddress(version, at, prefix, true);
    networks.push(network);
    at += network.size;
  }
  return networks;
}

/** The smallest single network that contains all of these. */
export function spanningNetwork(networks: readonly IpAddress[]): IpAddress | undefined {
  const [head, ...rest] = networks;
  if (!head || rest.some((network) => network.version !== head.version)) return undefined;
  for (let prefix = head.prefix; prefix >= 0; prefix--) {
    const candidate = new IpAddress(head.version, head.value, prefix, true);
    if (networks.every((network) => candidate.contains(network))) return candidate.at(candidate.first);
  }
  return undefined;
}
