/** What does the work of modules that Ansible has and Lamplighter has not. */
const INSTEAD: [names: string, advice: string][] = [
  [
    'yum dnf dnf5 pacman apk zypper homebrew pkgng opkg portage',
    'use package, which takes the names of Debian packages',
  ],
  ['apt_key', 'use deb822_repository with signed_by, which fetches the key too'],
  ['rpm_key yum_repository', 'the hosts are to be Debian: use deb822_repository'],
  ['pip pip3 npm gem composer cpanm easy_install', 'run it by command, with "creates" so that it runs once'],
  ['git subversion hg', 'run git by command, with "creates" so that it runs once'],
  ['synchronize', 'use copy with a directory: only files that differ travel'],
  ['archive', 'run tar by command, with "creates"'],
  ['firewalld iptables', 'use ufw'],
  ['sysvinit runit', 'use service'],
  ['sysctl', 'write a file in /etc/sysctl.d by copy, and notify a handler that runs "sysctl --system"'],
  ['mount', 'write the line by lineinfile, and run mount by command'],
  ['known_hosts', 'use lineinfile on /etc/ssh/ssh_known_hosts'],
  ['modprobe', 'write a file in /etc/modules-load.d by copy, and run modprobe by command'],
  ['expect', 'use shell with the answers on stdin'],
  ['alternatives', 'run update-alternatives by command'],
  ['debconf', 'run debconf-set-selections by shell'],
  ['acl', 'run setfacl by command'],
  ['set_stats', 'register the values, and print them by debug'],
  ['xml', 'use template, or replace with a regular expression'],
  ['mqtt', 'use mqtt_roundtrip, or run mosquitto_pub by command'],
];

const BY_NAME = new Map(INSTEAD.flatMap(([names, advice]) => names.split(' ').map((name) => [name, advice] as const)));

/** One sentence on what to do about a module that is Ansible's alone, by its short or its full name. */
export function adviceFor(name: string): string {
  const short = name.slice(name.lastIndexOf('.') + 1);
  const advice = /^docker|^podman/.test(short) ? 'run the program by command' : BY_NAME.get(short);
  return advice ?? 'keep it behind a "when" that these hosts do not meet, or run what it does by command';
}
