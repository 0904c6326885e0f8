import type { FactGroup } from './group.ts';
import { baseName } from './host-view.ts';

export const dateTime: FactGroup = {
  name: 'date_time',
  minimal: true,
  names: ['date_time'],
  // The zone's name in January and in July tells whether it has a summer time, and what that is called.
  scripts: [
    `fact_section date
LC_ALL=C date '+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%N|%Z|%z'
LC_ALL=C date -d "@$(($(date +%s) / 31556952 * 31556952 + 1296000))" '+%Z|%z' 2>/dev/null
LC_ALL=C date -d "@$(($(date +%s) / 31556952 * 31556952 + 17020800))" '+%Z|%z' 2>/dev/null`,
  ],
  facts: (host) => {
    const [now = '', ...halves] = host.lines('date');
    const [year, month, weekday, weekdayNumber, week, day, hour, minute, second, epoch = '0', nanos = '', tz, offset] =
      now.split('|');
    // busybox does not know %N.
    const micros = /^\d+$/.test(nanos) ? nanos.slice(0, 6) : '000000';
    const utc = new Date(Number(epoch) * 1000).toISOString().slice(0, 19);
    const zones = halves.map((line) => line.split('|')).sort((a, b) => Number(a[1]) - Number(b[1]));
    return {
      date_time: {
        year,
        month,
        weekday,
        weekday_number: weekdayNumber,
        weeknumber: week,
        day,
        hour,
        minute,
        second,
        epoch,
        epoch_int: epoch,
        date: `${year}-${month}-${day}`,
        time: `${hour}:${minute}:${second}`,
        iso8601_micro: `${utc}.${micros}Z`,
        iso8601: `${utc}Z`,
        iso8601_basic: `${year}${month}${day}T${hour}${minute}${second}${micros}`,
        iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
        tz,
        tz_dst: zones.at(-1)?.[0] ?? tz,
        tz_offset: offset,
      },
    };
  },
};

export const env: FactGroup = {
  name: 'env',
  minimal: true,
  names: ['env'],
  scripts: [`fact_section env; cat /proc/self/environ | tr '\\000' '\\002'`],
  facts: (host) => ({
    env: Object.fromEntries(
      (host.section('env') ?? '')
        .trimEnd()
        .split('\u0002')
        .filter((pair) => pair.includes('='))
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    ),
  }),
};

export const user: FactGroup = {
  name: 'user',
  minimal: true,
  names: ['user_*', 'real_user_id', 'real_group_id', 'effective_user_id', 'effective_group_id'],
  files: ['/proc/self/status'],
  scripts: [
    `fact_section user; m_uid=$(id -u)
if command -v getent >/dev/null; then getent passwd "$m_uid"; else grep "^[^:]*:[^:]*:$m_uid:" /etc/passwd; fi`,
  ],
  facts: (host) => {
    const status = host.file('/proc/self/status') ?? '';
    const [, realUser, effectiveUser] = /^Uid:\s+(\d+)\s+(\d+)/m.exec(status) ?? [];
    const [, realGroup, effectiveGroup] = /^Gid:\s+(\d+)\s+(\d+)/m.exec(status) ?? [];
    const [name, , uid, gid, gecos, dir, shell] = host.lines('user')[0]?.split(':') ?? [];
    return {
      ...(name === undefined
        ? {}
        : {
            user_id: name,
            user_uid: Number(uid),
            user_gid: Number(gid),
            user_gecos: gecos,
            user_dir: dir,
            user_shell: shell,
          }),
      real_user_id: Number(realUser),
      effective_user_id: Number(effectiveUser),
      real_group_id: Number(realGroup),
      effective_group_id: Number(effectiveGroup),
    };
  },
};

/** By process 1, or by what is installed. Source: module_utils/facts/system/service_mgr.py */
export const serviceMgr: FactGroup = {
  name: 'service_mgr',
  minimal: true,
  names: ['service_mgr'],
  files: ['/proc/1/comm'],
  links: ['/sbin/init'],
  scripts: [
    `fact_exists /run/systemd/system /dev/.run/systemd /dev/.systemd /etc/init /sbin/openrc /etc/init.d /etc/openwrt_release
fact_section init_tools; command -v systemctl initctl || { command -v systemctl; command -v initctl; }`,
  ],
  facts: (host) => {
    const known: Record<string, string> = {
      procd: 'openwrt_init',
      'runit-init': 'runit',
      svscan: 'svc',
      'openrc-init': 'openrc',
    };
    const init = baseName(host.file('/proc/1/comm') ?? host.link('/sbin/init') ?? '');
    if (init !== '' && init !== 'init' && !init.endsWith('sh')) return { service_mgr: known[init] ?? init };
    const has = (tool: string) => host.lines('init_tools').some((path) => baseName(path) === tool);
    const booted = ['/run/systemd/system', '/dev/.run/systemd', '/dev/.systemd'].some((path) => host.exists(path));
    const chosen = [
      ['openwrt_init', host.exists('/etc/openwrt_release')],
      ['systemd', has('systemctl') && booted],
      ['upstart', has('initctl') && host.exists('/etc/init')],
      ['openrc', host.exists('/sbin/openrc')],
      ['systemd', has('systemctl') && baseName(host.link('/sbin/init') ?? '') === 'systemd'],
      ['sysvinit', host.exists('/etc/init.d')],
    ].find(([, there]) => there);
    return { service_mgr: chosen?.[0] ?? 'service' };
  },
};

/** Package managers by their programs; a later one wins. Source: module_utils/facts/system/pkg_mgr.py */
const MANAGERS: [path: string, name: string][] = [
  ['/usr/bin/rpm-ostree', 'atomic_container'],
  ['/usr/bin/yum', 'yum'],
  ['/usr/bin/dnf', 'dnf'],
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/zypper', 'zypper'],
  ['/usr/sbin/urpmi', 'urpmi'],
  ['/usr/bin/pacman', 'pacman'],
  ['/bin/opkg', 'opkg'],
  ['/usr/pkg/bin/pkgin', 'pkgin'],
  ['/usr/local/bin/brew', 'homebrew'],
  ['/sbin/apk', 'apk'],
  ['/usr/bin/emerge', 'portage'],
  ['/usr/bin/xbps-install', 'xbps'],
  ['/usr/bin/swupd', 'swupd'],
];

export const pkgMgr: FactGroup = {
  name: 'pkg_mgr',
  minimal: true,
  names: ['pkg_mgr'],
  files: ['/etc/os-release /etc/redhat-release /etc/debian_version'],
  scripts: [`fact_exists ${MANAGERS.map(([path]) => path).join(' ')} /run/ostree-booted`],
  facts: (host) => {
    const installed = MANAGERS.filter(([path]) => host.exists(path)).map(([, name]) => name);
    const name = installed.at(-1) ?? 'unknown';
    if (host.file('/etc/redhat-release') !== undefined) {
      if (host.exists('/run/ostree-booted')) return { pkg_mgr: 'atomic_container' };
      if (installed.includes('dnf')) return { pkg_mgr: 'dnf' };
      return { pkg_mgr: installed.includes('yum') ? 'yum' : name };
    }
    // Other managers can be installed on Debian; they are not its own.
    if (host.file('/etc/debian_version') !== undefined && installed.includes('apt')) return { pkg_mgr: 'apt' };
    return { pkg_mgr: name };
  },
};

export const cmdline: FactGroup = {
  name: 'cmdline',
  minimal: true,
  names: ['cmdline', 'proc_cmdline'],
  files: ['/proc/cmdline'],
  facts: (host) => {
    const text = host.file('/proc/cmdline');
    if (text === undefined) return {};
    const last: Record<string, unknown> = {};
    const all: Record<string, unknown> = {};
    for (const word of text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      const value = equals < 0 ? true : word.slice(equals + 1);
      last[name] = value;
      if (equals >= 0 && name in all) all[name] = [all[name], value].flat();
      else all[name] = value;
    }
    return { cmdline: last, proc_cmdline: all };
  },
};

export const dns: FactGroup = {
  name: 'dns',
  minimal: true,
  names: ['dns'],
  files: ['/etc/resolv.conf'],
  facts: (host) => {
    const found: Record<string, unknown> = {};
    const servers: string[] = [];
    for (const line of (host.file('/etc/resolv.conf') ?? '').split('\n')) {
      if (/^[#;]/.test(line)) continue;
      const [key, ...values] = line.trim().split(/\s+/);
      if (key === 'nameserver') found.nameservers = servers;
      if (key === 'nameserver') servers.push(...values);
      else if (key === 'domain' && values.length > 0) found.domain = values[0];
      else if (key === 'search' || key === 'sortlist') found[key] = values;
      else if (key === 'options')
        found.options = Object.fromEntries(
          values.map((option) => {
            const colon = option.indexOf(':');
            return colon < 0 ? [option, true] : [option.slice(0, colon), option.slice(colon + 1) || true];
          }),
        );
    }
    return { dns: found };
  },
};

export const lsb: FactGroup = {
  name: 'lsb',
  minimal: true,
  names: ['lsb'],
  files: ['/etc/lsb-release'],
  scripts: ['fact_section lsb; command -v lsb_release >/dev/null && lsb_release -a 2>/dev/null'],
  facts: (host) => {
    const found: Record<string, string> = {};
    const set = (key: string, value: string) => {
      found[key] = value.trim().replace(/^['"\\]+|['"\\]+$/g, '');
    };
    for (const line of host.lines('lsb')) {
      const [label = '', value = ''] = [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)];
      const key = { 'Distributor ID': 'id', Description: 'description', Release: 'release', Codename: 'codename' }[
        label
      ];
      if (key !== undefined) set(key, value);
    }
    if (Object.keys(found).length === 0)
      for (const match of (host.file('/etc/lsb-release') ?? '').matchAll(/^DISTRIB_(\w+)=(.*)$/gm))
        set(match[1]!.toLowerCase(), match[2]!);
    if (found.release !== undefined) found.major_release = found.release.split('.')[0]!;
    return { lsb: found };
  },
};

export const sshKeys: FactGroup = {
  name: 'ssh_pub_keys',
  minimal: true,
  names: ['ssh_host_key_*'],
  files: ['/etc/ssh/ssh_host_*_key.pub /etc/openssh/ssh_host_*_key.pub /etc/ssh_host_*_key.pub'],
  facts: (host) => {
    const facts: Record<string, string> = {};
    for (const directory of ['/etc/ssh', '/etc/openssh', '/etc']) {
      for (const algorithm of ['dsa', 'rsa', 'ecdsa', 'ed25519']) {
        const words = host.file(`${directory}/ssh_host_${algorithm}_key.pub`)?.split(/\s+/);
        if (words?.[1] === undefined) continue;
        facts[`ssh_host_key_${algorithm}_public`] = words[1];
        facts[`ssh_host_key_${algorithm}_public_keytype`] = words[0]!;
      }
      if (Object.keys(facts).length > 0) break;
    }
    return facts;
  },
};

export const selinux: FactGroup = {
  name: 'selinux',
  minimal: true,
  names: ['selinux', 'selinux_python_present'],
  files: ['/sys/fs/selinux/enforce /sys/fs/selinux/policyvers /etc/selinux/config'],
  facts: (host) => {
    const enforce = host.file('/sys/fs/selinux/enforce');
    // Nothing here needs Python's bindings: what they could tell is known.
    if (enforce === undefined) return { selinux: { status: 'disabled' }, selinux_python_present: true };
    const config = host.file('/etc/selinux/config') ?? '';
    return {
      selinux: {
        status: 'enabled',
        policyvers: Number(host.file('/sys/fs/selinux/policyvers') ?? 0) || 'unknown',
        config_mode: /^SELINUX=(\w+)/m.exec(config)?.[1] ?? 'unknown',
        mode: enforce === '1' ? 'enforcing' : 'permissive',
        type: /^SELINUXTYPE=(\w+)/m.exec(config)?.[1] ?? 'unknown',
      },
      selinux_python_present: true,
    };
  },
};

export const apparmor: FactGroup = {
  name: 'apparmor',
  minimal: true,
  names: ['apparmor'],
  scripts: ['fact_exists /sys/kernel/security/apparmor'],
  facts: (host) => ({ apparmor: { status: host.exists('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled' } }),
};

export const capabilities: FactGroup = {
  name: 'caps',
  minimal: true,
  names: ['system_capabilities', 'system_capabilities_enforced'],
  scripts: ['fact_section caps; command -v capsh >/dev/null && capsh --print 2>/dev/null'],
  facts: (host) => {
    const lines = host.lines('caps');
    // Where there is no capsh, Ansible says so by these words.
    if (lines.length === 0) return { system_capabilities: 'N/A', system_capabilities_enforced: 'N/A' };
    const current = lines
      .find((line) => line.startsWith('Current:'))
      ?.slice('Current:'.length)
      .trim();
    if (current === undefined) return { system_capabilities: [], system_capabilities_enforced: 'NA' };
    if (current === '=ep') return { system_capabilities: [], system_capabilities_enforced: 'False' };
    return {
      system_capabilities: (current.split('=')[1] ?? '').split(',').map((each) => each.trim()),
      system_capabilities_enforced: 'True',
    };
  },
};

export const fips: FactGroup = {
  name: 'fips',
  minimal: true,
  names: ['fips'],
  files: ['/proc/sys/crypto/fips_enabled'],
  facts: (host) => ({ fips: host.file('/proc/sys/crypto/fips_enabled') === '1' }),
};

export const chroot: FactGroup = {
  name: 'chroot',
  names: ['is_chroot'],
  // Only root may look at process 1's root; for others a root directory has number 2, or 128 and 256 on xfs and btrfs.
  scripts: [
    `fact_section chroot; echo "$debian_chroot"; ls -di / /proc/1/root/. 2>/dev/null
stat -f -c %T / 2>/dev/null`,
  ],
  facts: (host) => {
    const text = host.section('chroot') ?? '';
    const [own, first] = [...text.matchAll(/^ *(\d+) \//gm)].map((match) => match[1]);
    if (!text.startsWith('\n')) return { is_chroot: true };
    if (first !== undefined) return { is_chroot: own !== first };
    const root = text.includes('btrfs') ? '256' : text.includes('xfs') ? '128' : '2';
    return { is_chroot: own !== root };
  },
};

export const loadAverage: FactGroup = {
  name: 'loadavg',
  names: ['loadavg'],
  files: ['/proc/loadavg'],
  facts: (host) => {
    const [one, five, fifteen] = (host.file('/proc/loadavg') ?? '').split(' ').map(Number);
    return { loadavg: { '1m': one, '5m': five, '15m': fifteen } };
  },
};

export const storage: FactGroup = {
  name: 'storage_ids',
  names: ['fibre_channel_wwn', 'iscsi_iqn', 'hostnqn'],
  files: ['/sys/class/fc_host/*/port_name /etc/iscsi/initiatorname.iscsi /etc/nvme/hostnqn'],
  facts: (host) => ({
    fibre_channel_wwn: host.paths(/^\/sys\/class\/fc_host\//).map((path) => host.file(path)!.replace(/^0x/, '')),
    iscsi_iqn: /^InitiatorName=(\S+)/m.exec(host.file('/etc/iscsi/initiatorname.iscsi') ?? '')?.[1] ?? '',
    hostnqn: /^nqn\.\S*/m.exec(host.file('/etc/nvme/hostnqn') ?? '')?.[0] ?? '',
  }),
};
