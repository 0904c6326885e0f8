import { isIP } from 'node:net';
import { Address4, Address6 } from 'ip-address';

/** What the files of every backend are made of; `interface` is known by then. */
export interface StaticAddress {
  interface: string;
  /** Each with its prefix: `192.168.1.20/24`, `fd00::20/64`. */
  address: readonly string[];
  /** At most one of each family. */
  gateway: readonly string[];
  /** Name servers; an empty list leaves those that are written. */
  dns: readonly string[];
}

export type Family = 4 | 6;

/** A file of the host; `undefined` as content of one that is not there. */
export type Files = ReadonlyMap<string, string>;

/** A file as it should be. */
export interface Wanted {
  path: string;
  text: string;
  /** Of a new file; one that is there keeps its own. */
  mode: string;
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

/** The families that a request says something about: the other one stays as it is. */
export function families({ address }: StaticAddress): Family[] {
  return ([4, 6] as const).filter((family) => address.some((each) => familyOf(each) === family));
}

/** Those of a list that are of a family. */
export function ofFamily(list: readonly string[], family: Family): string[] {
  return list.filter((each) => familyOf(each) === family);
}

/** What is wrong with an argument. */
export interface Complaint {
  about: 'address' | 'gateway' | 'dns';
  message: string;
}

/** What is wrong with addresses and gateways, in words; nothing when all is well. */
export function complaints(request: Omit<StaticAddress, 'interface'>): Complaint[] {
  const found: Complaint[] = [];
  for (const each of request.address) {
    const trouble = addressTrouble(each);
    if (trouble !== undefined) found.push({ about: 'address', message: trouble });
  }
  for (const about of ['gateway', 'dns'] as const)
    for (const each of request[about])
      if (isIP(each) === 0) found.push({ about, message: `"${each}" is not an IP address` });
  if (found.length > 0) return found;
  for (const family of [4, 6] as const) {
    const gateways = ofFamily(request.gateway, family);
    const addresses = ofFamily(request.address, family);
    const say = (message: string) => found.push({ about: 'gateway', message });
    if (gateways.length > 1) say(`there can be one gateway for IPv${family}, not ${gateways.join(', ')}`);
    if (gateways.length > 0 && addresses.length === 0)
      say(`the gateway ${gateways[0]} has no address of its family: add one for IPv${family}`);
    else if (gateways.length > 0) for (const message of gatewayTrouble(gateways[0]!, addresses)) say(message);
  }
  return found;
}

function addressTrouble(text: string): string | undefined {
  const [bare = '', prefix] = text.split('/');
  if (isIP(bare) === 0) return `"${text}" is not an IP address with a prefix such as 192.168.1.20/24`;
  if (prefix === undefined)
    return `${text} lacks its prefix: write ${text}/${isIP(bare) === 4 ? 24 : 64}, if that is the size of the network`;
  const most = isIP(bare) === 4 ? 32 : 128;
  if (!/^\d+$/.test(prefix) || Number(prefix) < 1 || Number(prefix) > most)
    return `${text}: the prefix is a number from 1 to ${most}`;
  if (isIP(bare) === 6) return undefined;
  const address = new Address4(text);
  if (Number(prefix) > 30) return undefined;
  if (address.startAddress().correctForm() === bare) return `${text} is the network itself, not a host in it`;
  if (address.endAddress().correctForm() === bare) return `${text} is the broadcast address of its network`;
  return undefined;
}

function gatewayTrouble(gateway: string, addresses: string[]): string[] {
  if (addresses.some((each) => sameAddress(each.split('/')[0]!, gateway)))
    return [`the gateway ${gateway} is the host's own address`];
  if (familyOf(gateway) === 6 && /^fe[89ab]/i.test(gateway)) return [];
  const reached = addresses.some((each) =>
    familyOf(gateway) === 4
      ? new Address4(gateway).isInSubnet(new Address4(each))
      : new Address6(gateway).isInSubnet(new Address6(each)),
  );
  return reached ? [] : [`the gateway ${gateway} is not in the network of ${addresses.join(', ')}`];
}

/** One spelling for each address, as the kernel prints it. */
export function canonical(address: string): string {
  const [bare = '', prefix] = address.split('/');
  const text = familyOf(bare) === 6 ? new Address6(bare).correctForm() : bare;
  return prefix === undefined ? text : `${text}/${prefix}`;
}

export function sameAddress(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}
