import { z } from 'zod';
import { choice, int, list, path } from '../run/args.ts';
import { cidr } from '../run/modules/cidr.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, raw, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

const args = z.strictObject({
  port: int({ min: 1, max: 65535 }),
  proto: choice('tcp', 'udp').default('tcp'),
  cidr_ip: list(cidr(4)).default([]),
  cidr_ipv6: list(cidr(6)).default([]),
  nftables_conf: path().default('/etc/nftables.conf'),
});
type Args = z.output<typeof args>;

/**
 * ufw where it is active, otherwise nftables where a chain filters what comes in: its rule stands before what drops, and in the
 * file that is loaded at boot. Without ranges the port is opened to all. Nothing is done where no firewall is active.
 */
export default defineTask<Args>({
  name: 'lamplighter.mqtt.firewall_port',
  summary: 'Opens a port in the firewall that is active on the host, ufw or nftables; does nothing where none is.',
  args: args as unknown as z.ZodType<Args>,
  checkMode: 'full',
  returns: { firewall: 'ufw, nftables or none.' },
  example: `
- name: Let the street in
  firewall_port:
    port: 50001
    cidr_ip: [198.51.100.0/24]
`,
  // Judged ahead: a range of addresses that is none would be found on the host only.
  inspect: () => [],
  step: ({ port, proto, cidr_ip, cidr_ipv6, nftables_conf }) =>
    lines(
      shellFunctions(new URL('../run/modules/firewall-port.sh', import.meta.url)),
      sh`m_port=${port} m_proto=${proto} m_from=${[...cidr_ip, ...cidr_ipv6].join(' ')} m_conf=${nftables_conf}`,
      raw('fw_main'),
    ),
});
