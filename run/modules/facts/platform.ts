import { type FactGroup, MACHINE } from './group.ts';

export const platform: FactGroup = {
  name: 'platform',
  minimal: true,
  names: [
    'system',
    'kernel',
    'kernel_version',
    'machine',
    'architecture',
    'machine_id',
    'hostname',
    'nodename',
    'userspace_bits',
    'userspace_architecture',
  ],
  files: [
    '/proc/sys/kernel/ostype',
    '/proc/sys/kernel/osrelease',
    '/proc/sys/kernel/version',
    '/proc/sys/kernel/hostname',
    '/var/lib/dbus/machine-id',
    '/etc/machine-id',
  ],
  // The fifth byte of a program is 1 for 32 bits: a 64-bit kernel may carry a 32-bit system.
  scripts: [
    MACHINE,
    `fact_section bits
if command -v getconf >/dev/null; then getconf LONG_BIT; else
  case $(head -c 5 /bin/sh | tail -c 1) in "$(printf '\\001')") echo 32 ;; *) echo 64 ;; esac
fi`,
  ],
  facts: (host) => {
    const machine = host.section('machine')?.trim() ?? '';
    const bits = host.section('bits')?.trim() ?? '';
    const nodename = host.file('/proc/sys/kernel/hostname') ?? '';
    const isX86 = machine === 'x86_64';
    const isI386 = /^i[3-6]86$|^i86pc$/.test(machine);
    const machineId = host.file('/var/lib/dbus/machine-id') ?? host.file('/etc/machine-id');
    return {
      system: host.file('/proc/sys/kernel/ostype') ?? 'Linux',
      kernel: host.file('/proc/sys/kernel/osrelease') ?? '',
      kernel_version: host.file('/proc/sys/kernel/version') ?? '',
      machine,
      architecture: isI386 ? 'i386' : machine,
      hostname: nodename.split('.')[0],
      nodename,
      userspace_bits: bits,
      ...(isX86 || isI386 ? { userspace_architecture: bits === '64' ? 'x86_64' : 'i386' } : {}),
      ...(machineId === undefined ? {} : { machine_id: machineId.split('\n')[0] }),
    };
  },
};

/** Apart from the rest because it asks the resolver. */
export const fqdn: FactGroup = {
  name: 'fqdn',
  minimal: true,
  names: ['fqdn', 'domain'],
  files: ['/proc/sys/kernel/hostname', '/etc/hosts'],
  scripts: [
    `fact_section fqdn
read -r m_name </proc/sys/kernel/hostname
if command -v getent >/dev/null; then
  m_ip=$(getent ahosts "$m_name" | head -n 1)
  [ -z "$m_ip" ] || getent hosts "\${m_ip%% *}"
else
  hostname -f 2>/dev/null | sed 's/^/- /'
fi`,
  ],
  facts: (host) => {
    const nodename = host.file('/proc/sys/kernel/hostname') ?? '';
    // Python's socket.getfqdn: of the names of the address the first with a dot, or else the canonical one.
    const names = host.lines('fqdn')[0]?.split(/\s+/).slice(1) ?? [];
    const name = names.find((each) => each.includes('.')) ?? names[0] ?? nodename;
    return { fqdn: name, domain: name.split('.').slice(1).join('.') };
  },
};
