import { LamplighterError } from '../errors.ts';
import { runInside } from './inside.ts';
import type { HostState } from './state.ts';

const BEGIN = '# Hosts of this lab';
const END = '# End of the hosts of this lab';

/** Puts the block that it reads in the place of the old one, and leaves every other line of /etc/hosts alone. */
const REPLACE = `
block=$(cat)
[ "$block" = "$(sed -n '/^${BEGIN}$/,/^${END}$/p' /etc/hosts)" ] && exit 0
{ sed '/^${BEGIN}$/,/^${END}$/d' /etc/hosts; printf '%s\\n' "$block"; } >/etc/hosts.new && mv /etc/hosts.new /etc/hosts
`;

/** The part of /etc/hosts that names the hosts of a lab. */
export function hostsBlock(hosts: HostState[]): string {
  return [BEGIN, ...hosts.map((host) => `${host.address}\t${host.name}`), END].join('\n');
}

/** Brings the lab's part of /etc/hosts up to date in a running host. */
export async function updateHostsFile(init: number, hosts: HostState[]): Promise<void> {
  const { code, stderr } = await runInside(init, REPLACE, { input: hostsBlock(hosts) });
  if (code !== 0) throw new LamplighterError('LAB', `could not write /etc/hosts: ${stderr.trim()}`);
}
