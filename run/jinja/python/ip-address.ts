import { Address4, Address6 } from 'ip-address';

/** An address of either version with the network around it. */
export class IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
  readonly prefix: number;
  /** Whether a prefix (or mask) was written. */
  readonly hasPrefix: boolean;

  constructor(version: 4 | 6, value: bigint, prefix: number, hasPrefix: boolean) {
    this.version = version;
    this.value = value;
    this.prefix = prefix;
    this.hasPrefix = hasPrefix;
  }

  get bits(): number {
    return this.version === 4 ? 32 : 128;
  }
  get size(): bigint {
    return 1n << BigInt(this.bits - this.prefix);
  }
  get first(): bigint {
    return this.value - (this.value % this.size);
  }
  get last(): bigint {
    return this.first + this.size - 1n;
  }
  /** A single address: no prefix written, or the longest. */
  get isAddress(): boolean {
    return !this.hasPrefix;
  }
  get isNetwork(): boolean {
    return this.size > 1n && this.value === this.first;
  }
  get address(): string {
    return this.format(this.value);
  }
  get network(): string {
    return this.format(this.first);
  }
  get cidr(): string {
    return `${this.network}/${this.prefix}`;
  }
  get broadcast(): bigint | undefined {
    return this.version === 4 && this.prefix < 31 ? this.last : undefined;
  }
  get netmask(): string {
    return this.format((1n << BigInt(this.bits)) - this.size);
  }
  get hostmask(): string {
    return this.format(this.size - 1n);
  }
  /** The first and last addresses that hosts can have. */
  get usable(): [bigint, bigint] | undefined {
    if (this.size === 1n) return undefined;
    if (this.size === 2n) return [this.first, this.last];
    return this.version === 4 ? [this.first + 1n, this.last - 1n] : [this.first + 1n, this.last];
  }

  format(value: bigint): string {
    if (this.version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
    return Address6.fromBigInt(value).correctForm();
  }

  at(value: bigint): IpAddress {
    return new IpAddress(this.version, value, this.prefix, this.hasPrefix);
  }

  contains(other: IpAddress): boolean {
    return this.version === other.version && this.first <= other.first && other.last <= this.last;
  }

  get isLoopback(): boolean {
    return within(this, ['127.0.0.0/8', '::1/128']);
  }
  get isMulticast(): boolean {
    return within(this, ['224.0.0.0/4', 'ff00::/8']);
  }
  get isLinkLocal(): boolean {
    return within(this, ['169.254.0.0/16', 'fe80::/10']);
  }
  get isPrivate(): boolean {
    return within(this, ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']);
  }
  get isPublic(): boolean {
    const reserved = within(this, [
      '0.0.0.0/8',
      '240.0.0.0/4',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '198.18.0.0/15',
      '100.64.0.0/10',
      '::/128',
    ]);
    return !reserved && !this.isLoopback && !this.isMulticast && !this.isLinkLocal && !this.isPrivate;
  }
}

function within(address: IpAddress, networks: readonly string[]): boolean {
  return networks.some((network) => parseAddress(network)?.contains(address) ?? false);
}

function prefixOfMask(mask: string): number | undefined {
  if (!Address4.isValid(mask) || mask.includes('/')) return undefined;
  const bits = new Address4(mask).bigInt().toString(2).padStart(32, '0');
  if (/^1*0*$/.test(bits)) return bits.replace(/0/g, '').length;
  return /^0*1*$/.test(bits) ? bits.replace(/1/g, '').length : undefined;
}

/** An address, `address/prefix` or `address/netmask`; `undefined` for anything else. */
export function parseAddress(text: string): IpAddress | undefined {
  const [address = '', suffix, ...rest] = text.trim().split('/');
  if (rest.length > 0) return undefined;
  const version = Address4.isValid(address) ? 4 : address.includes(':') && Address6.isValid(address) ? 6 : undefined;
  if (!version) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefix =
    suffix === undefined
      ? bits
      : /^\d+$/.test(suffix)
        ? Number(suffix)
        : version === 4
          ? prefixOfMask(suffix)
          : undefined;
  if (prefix === undefined || prefix > bits) return undefined;
  const value = version === 4 ? new Address4(address).bigInt() : new Address6(address).bigInt();
  return new IpAddress(version, value, prefix, suffix !== undefined);
}
