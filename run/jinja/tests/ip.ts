import { type Builtins, builtin } from '../builtin.ts';
import { contains as includes } from '../filters/ip-sets.ts';
import { parseAddress } from '../python/ip-address.ts';
import { pyString } from '../python/repr.ts';

const parsed = (value: unknown) => parseAddress(pyString(value));

/** ansible.utils' tests of addresses. */
export const ipTests: Builtins = {
  in_any_network: builtin('ip, networks', (_rt, ip, networks) =>
    (networks as unknown[]).some((network) => includes(pyString(network), pyString(ip))),
  ),
  in_network: builtin('ip, network', (_rt, ip, network) => includes(pyString(network), pyString(ip))),
  ip: builtin('ip', (_rt, value) => parsed(value) !== undefined),
  ip_address: builtin('ip', (_rt, value) => parsed(value)?.isAddress ?? false),
  ipv4: builtin('ip', (_rt, value) => parsed(value)?.version === 4),
  ipv4_address: builtin('ip', (_rt, value) => {
    const address = parsed(value);
    return address?.version === 4 && address.isAddress;
  }),
  ipv6: builtin('ip', (_rt, value) => parsed(value)?.version === 6),
  ipv6_address: builtin('ip', (_rt, value) => {
    const address = parsed(value);
    return address?.version === 6 && address.isAddress;
  }),
  loopback: builtin('ip', (_rt, value) => parsed(value)?.isLoopback ?? false),
  mac: builtin('mac', (_rt, value) =>
    /^(?:[\da-f]{2}(?:[:-]?[\da-f]{2}){5}|(?:[\da-f]{4}\.){2}[\da-f]{4})$/i.test(pyString(value)),
  ),
  multicast: builtin('ip', (_rt, value) => parsed(value)?.isMulticast ?? false),
  private: builtin('ip', (_rt, value) => parsed(value)?.isPrivate ?? false),
  public: builtin('ip', (_rt, value) => parsed(value)?.isPublic ?? false),
  subnet_of: builtin('network_a, network_b', (_rt, a, b) => includes(pyString(b), pyString(a))),
  supernet_of: builtin('network_a, network_b', (_rt, a, b) => includes(pyString(a), pyString(b))),
};
