import type { Wanted } from './request.ts';

export const RESOLV_CONF = '/etc/resolv.conf';

/** The file with these name servers in place of its own, where no service writes it; nothing without name servers. */
export function nameServersFile(text: string, dns: readonly string[]): Wanted[] {
  if (dns.length === 0) return [];
  const others = text.split('\n').filter((line) => !/^\s*nameserver\s/.test(line));
  while (others.at(-1) === '') others.pop();
  const lines = [...others, ...dns.map((each) => `nameserver ${each}`)];
  return [{ path: RESOLV_CONF, text: `${lines.join('\n')}\n`, mode: '0644' }];
}
