import { isIPv4, isIPv6 } from 'node:net';

/*
 * Addresses as /proc/net/tcp and tcp6 show them: each 32-bit word as the processor has it, in hexadecimal. The order of
 * bytes is that of little-endian machines, which all of Ansible's own code assumes too.
 */

/** States of TCP by the numbers of the kernel's include/net/tcp_states.h. */
export const TCP_STATES: Record<string, string> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
};

export const ANY_V4 = '00000000';
export const ANY_V6 = '0'.repeat(32);

export function portHex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** All ways in which a local address may stand in the tables; undefined for what is no address. */
export function addressHex(address: string): string[] | undefined {
  if (address === 'localhost') return [...addressHex('127.0.0.1')!, ...addressHex('::1')!];
  if (isIPv4(address)) {
    const word = words(address.split('.').map(Number));
    return [word, `0000000000000000FFFF0000${word}`];
  }
  if (isIPv6(address)) return [words(ipv6Bytes(address))];
  return undefined;
}

function words(bytes: number[]): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4)
    for (const byte of bytes.slice(i, i + 4).reverse()) text += byte.toString(16).toUpperCase().padStart(2, '0');
  return text;
}

function ipv6Bytes(address: string): number[] {
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    return `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array<string>(gap).fill('0'), ...back].map((group) => Number.parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 255]);
}
