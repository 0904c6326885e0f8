import type { FactGroup } from './group.ts';
import type { HostView } from './host-view.ts';

/** Which distributions are of one family. Source: module_utils/facts/system/distribution.py, OS_FAMILY_MAP. */
const FAMILIES: Record<string, string[]> = {
  RedHat: [
    ...['RedHat', 'RHEL', 'Fedora', 'CentOS', 'Scientific', 'SLC', 'Ascendos', 'CloudLinux', 'PSBM', 'OracleLinux'],
    ...['OVS', 'OEL', 'Amazon', 'Virtuozzo', 'XenServer', 'Alibaba', 'EulerOS', 'openEuler', 'AlmaLinux', 'Rocky'],
    ...['TencentOS', 'EuroLinux', 'Kylin Linux Advanced Server'],
  ],
  Debian: [
    ...['Debian', 'Ubuntu', 'Raspbian', 'Neon', 'KDE neon', 'Linux Mint', 'SteamOS', 'Devuan', 'Kali'],
    ...['Cumulus Linux', 'Pop!_OS', 'Parrot', 'Pardus GNU/Linux', 'Uos', 'Deepin', 'OSMC'],
  ],
  Suse: ['SuSE', 'SLES', 'SLED', 'openSUSE', 'openSUSE Tumbleweed', 'SLES_SAP', 'SUSE_LINUX', 'openSUSE Leap'],
  Archlinux: ['Archlinux', 'Antergos', 'Manjaro'],
  Altlinux: ['Altlinux'],
  Gentoo: ['Gentoo', 'Funtoo'],
  Alpine: ['Alpine'],
};

type Facts = Record<string, unknown>;
type Parser = (data: string, host: HostView) => Facts | undefined;

export const distribution: FactGroup = {
  name: 'distribution',
  minimal: true,
  names: ['distribution', 'distribution_*', 'os_family'],
  files: [
    ...['/etc/os-release', '/usr/lib/os-release', '/etc/debian_version', '/etc/lsb-release', '/etc/redhat-release'],
    ...['/etc/centos-release', '/etc/oracle-release', '/etc/system-release', '/etc/alpine-release'],
    ...['/etc/openwrt_release', '/etc/arch-release', '/etc/gentoo-release', '/etc/altlinux-release'],
  ],
  scripts: ['fact_exists /etc/arch-release'],
  facts: (host) => {
    const facts = { ...guess(host), ...fromFiles(host) };
    const name = String(facts.distribution);
    const family = Object.keys(FAMILIES).find((each) => FAMILIES[each]!.includes(name)) ?? name;
    return { ...facts, os_family: family };
  },
};

/** What os-release says, as the `distro` package of Python reads it. */
function guess(host: HostView): Facts {
  const release = osRelease(host);
  const id = release.ID ?? '';
  const name = id.charAt(0).toUpperCase() + id.slice(1).toLowerCase();
  let version = release.VERSION_ID ?? '';
  // Debian keeps its point release in a file of its own.
  if (id === 'debian') {
    const exact = host.file('/etc/debian_version');
    if (exact !== undefined && /^\d/.test(exact)) version = exact;
  }
  if (id === 'centos')
    version =
      host
        .file('/etc/centos-release')
        ?.match(/(\d+)(\.\d+)?/)?.[0]
        ?.split('.')
        .slice(0, 2)
        .join('.') ?? version;
  const codename =
    release.VERSION_CODENAME ?? release.UBUNTU_CODENAME ?? /\(([^)]+)\)/.exec(release.VERSION ?? '')?.[1] ?? '';
  return {
    distribution: name === 'Amzn' ? 'Amazon' : name === 'Rhel' ? 'RedHat' : name || 'OtherLinux',
    distribution_version: version || 'NA',
    distribution_release: codename,
    distribution_major_version: version.split('.')[0] || 'NA',
  };
}

function osRelease(host: HostView): Record<string, string> {
  const text = host.file('/etc/os-release') ?? host.file('/usr/lib/os-release') ?? '';
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(?:"([^"\n]*)"|'([^'\n]*)'|(.*))$/gm)].map((match) => [
      match[1]!,
      (match[2] ?? match[3] ?? match[4] ?? '').trim(),
    ]),
  );
}

/** Files in the order in which Ansible tries them, each with the name it stands for and how it is read. */
const FILES: [path: string, name: string, parse: Parser][] = [
  ['/etc/altlinux-release', 'Altlinux', searched('ALT')],
  ['/etc/oracle-release', 'OracleLinux', searched('Oracle Linux')],
  ['/etc/centos-release', 'CentOS', centos],
  ['/etc/redhat-release', 'RedHat', searched('Red Hat')],
  ['/etc/openwrt_release', 'OpenWrt', openwrt],
  ['/etc/os-release', 'Amazon', amazon],
  ['/etc/system-release', 'Amazon', amazon],
  ['/etc/alpine-release', 'Alpine', (data) => ({ distribution: 'Alpine', distribution_version: data })],
  ['/etc/os-release', 'Archlinux', (data) => (data.includes('Arch Linux') ? { distribution: 'Archlinux' } : undefined)],
  ['/etc/os-release', 'SUSE', suse],
  ['/etc/gentoo-release', 'Gentoo', searched('Gentoo')],
  ['/etc/os-release', 'Debian', debian],
  ['/etc/lsb-release', 'Debian', debian],
];

function fromFiles(host: HostView): Facts {
  if (host.exists('/etc/arch-release') && !FILES.slice(0, 8).some(([path, , parse]) => parsed(host, path, parse)))
    return {
      distribution: 'Archlinux',
      distribution_file_path: '/etc/arch-release',
      distribution_file_variety: 'Archlinux',
    };
  for (const [path, name, parse] of FILES) {
    const facts = parsed(host, path, parse);
    if (facts !== undefined)
      return {
        distribution: name,
        distribution_file_path: path,
        distribution_file_variety: name,
        distribution_file_parsed: true,
        ...facts,
      };
  }
  const named = osRelease(host).NAME;
  if (named === undefined) return {};
  return {
    ...(String(guess(host).distribution) === 'OtherLinux' ? { distribution: named } : {}),
    distribution_file_path: '/etc/os-release',
    distribution_file_variety: 'NA',
    distribution_file_parsed: true,
  };
}

function parsed(host: HostView, path: string, parse: Parser): Facts | undefined {
  const data = host.file(path);
  return data === undefined ? undefined : parse(data.replace(/^['"\\]+|['"\\]+$/g, ''), host);
}

function searched(text: string): Parser {
  return (data) =>
    data.includes(text) ? { distribution_file_search_string: text } : { distribution: data.split(/\s+/)[0] };
}

function centos(data: string): Facts | undefined {
  if (data.includes('CentOS Stream')) return { distribution_release: 'Stream' };
  if (data.includes('TencentOS Server')) return { distribution: 'TencentOS' };
  return undefined;
}

function openwrt(data: string): Facts | undefined {
  if (!data.includes('OpenWrt')) return undefined;
  const version = /DISTRIB_RELEASE=["'](.*)["']/.exec(data)?.[1];
  const release = /DISTRIB_CODENAME=["'](.*)["']/.exec(data)?.[1];
  return {
    distribution: 'OpenWrt',
    ...(version === undefined ? {} : { distribution_version: version }),
    ...(release === undefined ? {} : { distribution_release: release }),
  };
}

function amazon(data: string): Facts | undefined {
  if (!data.includes('Amazon')) return undefined;
  const version = /VERSION_ID="(.*)"/.exec(data)?.[1] ?? /(\d[\d.]*)/.exec(data)?.[1];
  if (version === undefined) return { distribution: 'Amazon' };
  const [major, minor = 'NA'] = version.split('.');
  return {
    distribution: 'Amazon',
    distribution_version: version,
    distribution_major_version: major,
    distribution_minor_version: minor,
  };
}

function suse(data: string): Facts | undefined {
  if (!/suse/i.test(data)) return undefined;
  const name = /^NAME=(.*)$/m.exec(data)?.[1]?.replace(/"/g, '');
  const version = /^VERSION_ID="?([0-9]+\.?[0-9]*)"?/m.exec(data)?.[1];
  const minor = /^VERSION_ID="?[0-9]+\.?([0-9]*)"?/m.exec(data)?.[1];
  return {
    ...(name === undefined ? {} : { distribution: name }),
    ...(version === undefined
      ? {}
      : { distribution_version: version, distribution_major_version: version.split('.')[0] }),
    ...(minor === undefined ? {} : { distribution_release: /open/i.test(data) ? minor : minor || '0' }),
  };
}

/** Debian and what descends from it, by the words in os-release. */
function debian(data: string, host: HostView): Facts | undefined {
  const quoted = (key: string) => new RegExp(`${key}="?([^"\\n]+)"?`).exec(data)?.[1];
  const versioned = (name: string, release?: string): Facts => {
    const version = quoted('VERSION_ID');
    return {
      distribution: name,
      ...(release === undefined ? {} : { distribution_release: release }),
      ...(version === undefined
        ? {}
        : { distribution_version: version, distribution_major_version: version.split('.')[0] }),
    };
  };
  if (/Debian|Raspbian/.test(data)) {
    const release = /PRETTY_NAME=[^(]+ \(?([^)]+?)\)/.exec(data)?.[1];
    const minor = /(\d+)\.(\d+)/.exec(host.file('/etc/debian_version') ?? '')?.[2];
    return {
      distribution: 'Debian',
      ...(release === undefined ? {} : { distribution_release: release }),
      ...(minor === undefined ? {} : { distribution_minor_version: minor }),
    };
  }
  if (data.includes('Ubuntu')) return { distribution: 'Ubuntu' };
  if (data.includes('SteamOS')) return { distribution: 'SteamOS' };
  if (/Kali|Parrot/.test(data)) {
    const release = /DISTRIB_RELEASE=(.*)/.exec(data)?.[1];
    return {
      distribution: data.includes('Kali') ? 'Kali' : 'Parrot',
      ...(release === undefined ? {} : { distribution_release: release }),
    };
  }
  if (data.includes('Devuan')) return versioned('Devuan', /PRETTY_NAME="?[^("]+ \(?([^) "]+)\)?/.exec(data)?.[1]);
  if (data.includes('Cumulus')) return versioned('Cumulus Linux', quoted('VERSION'));
  if (data.includes('Mint')) return versioned('Linux Mint');
  if (/UOS|Uos|uos/.test(data)) return versioned('Uos', quoted('VERSION_CODENAME'));
  if (/[Dd]eepin/.test(data)) return versioned('Deepin', quoted('VERSION_CODENAME'));
  return undefined;
}
