import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutSecrets } from '../../run/modules/static-address/change.ts';
import { ifupdownFiles } from '../../run/modules/static-address/ifupdown.ts';
import { netplanFiles } from '../../run/modules/static-address/netplan.ts';
import { networkdFiles } from '../../run/modules/static-address/networkd.ts';
import { networkManagerFiles } from '../../run/modules/static-address/networkmanager.ts';
import { type StaticAddress, sameAddress } from '../../run/modules/static-address/request.ts';
import { nameServersFile } from '../../run/modules/static-address/resolv-conf.ts';
import type { InspectedTask } from '../../run/task.ts';
import staticAddress from '../../tasks/static_address.ts';

/* What is written. The change itself, and the way back, run on hosts: test/e2e/static-address.test.ts. */

const test = suite('static_address');

const INTERFACES = '/etc/network/interfaces';
const HOME: StaticAddress = {
  interface: 'enp8s0',
  address: ['192.168.1.20/24'],
  gateway: ['192.168.1.1'],
  dns: ['8.8.8.8', '8.8.4.4'],
};
const BOTH: StaticAddress = {
  interface: 'eth0',
  address: ['10.0.0.5/24', 'fd00::5/64'],
  gateway: ['10.0.0.1', 'fd00::1'],
  dns: [],
};
/** As the article on the home broker shows it. */
const SEED = `# Configuration for enp8s0
auto enp8s0
iface enp8s0 inet static
address 192.168.1.20
gateway 192.168.1.1
dns-nameservers 8.8.8.8 8.8.4.4
`;

test('arguments: what is no address, and what cannot work', () => {
  const trouble = (args: Record<string, unknown>) => {
    const parsed = staticAddress.args.safeParse(args);
    return parsed.success ? '' : parsed.error.issues.map((issue) => issue.message).join('; ');
  };
  assert.is(trouble({ address: '192.168.1.20/24', gateway: '192.168.1.1', dns: '8.8.8.8,8.8.4.4' }), '');
  assert.is(trouble({ address: ['10.0.0.5/24', 'fd00::5/64'], gateway: 'fe80::1' }), '');
  assert.match(trouble({ address: '192.168.1.20' }), 'lacks its prefix: write 192.168.1.20/24');
  assert.match(trouble({ address: '192.168.1.300/24' }), 'is not an IP address with a prefix');
  assert.match(trouble({ address: '192.168.1.20/33' }), 'from 1 to 32');
  assert.match(trouble({ address: '192.168.1.0/24' }), 'is the network itself');
  assert.match(trouble({ address: '192.168.1.255/24' }), 'broadcast');
  assert.match(trouble({ address: '192.168.1.20/24', gateway: '192.168.2.1' }), 'is not in the network');
  assert.match(trouble({ address: '192.168.1.20/24', gateway: '192.168.1.20' }), "host's own address");
  assert.match(trouble({ address: '192.168.1.20/24', gateway: 'fd00::1' }), 'has no address of its family');
  assert.match(trouble({ address: '192.168.1.20/24', gateway: '192.168.1.1,192.168.1.2' }), 'one gateway');
  assert.match(trouble({ address: '192.168.1.20/24', dns: 'resolver' }), 'is not an IP address');
  assert.match(trouble({ address: '192.168.1.20/24', interface: 'eth 0' }), 'name of an interface');
  assert.match(trouble({ address: [] }), 'names no address');
});

test('one address for two hosts is found before any is touched', () => {
  const of = (host: string, address: unknown): InspectedTask => ({
    module: 'static_address',
    host,
    address: host,
    args: { address },
    unknown: [],
  });
  const found = staticAddress.inspect!([
    of('a', ['10.0.0.5/24']),
    of('b', ['10.0.0.6/24', 'fd00::0:5/64']),
    of('c', ['fd00::5/64']),
  ]);
  assert.equal(
    found.map(({ rule, at }) => [rule, at.map(({ task, path }) => `${task.host} ${path.join('.')}`)]),
    [['duplicate-address', ['c address.0', 'b address.1']]],
  );
  assert.equal(staticAddress.inspect!([of('a', ['10.0.0.5/24']), of('a', ['10.0.0.5/24'])]), []);
});

test('ifupdown: an empty file becomes the one of the article, and stays', () => {
  const made = ifupdownFiles(new Map(), HOME);
  assert.equal(made, [{ path: INTERFACES, text: SEED, mode: '0644' }]);
  assert.is(ifupdownFiles(new Map([[INTERFACES, SEED]]), HOME)[0]!.text, SEED);
});

test('ifupdown: takes the place of DHCP; other interfaces and what is sourced stay', () => {
  const text = `source /etc/network/interfaces.d/*

auto lo enp8s0
iface lo inet loopback

# the cable
allow-hotplug enp8s0
iface enp8s0 inet dhcp
    metric 5
iface enp8s0 inet6 auto

iface wlan0 inet dhcp
`;
  const extra = '/etc/network/interfaces.d/cable';
  const files = new Map([
    [INTERFACES, text],
    [extra, 'iface enp8s0 inet static\n  address 10.0.0.1/8\n'],
  ]);
  const other = '/etc/network/interfaces.d/other';
  files.set(other, 'iface eth1 inet dhcp\n');
  const made = new Map(ifupdownFiles(files, HOME).map((file) => [file.path, file.text]));
  assert.not.ok(made.has(other), 'a file that says nothing of the interface is none of those that do');
  assert.is(
    made.get(INTERFACES),
    `source /etc/network/interfaces.d/*

${SEED}auto lo
iface lo inet loopback

# the cable
iface enp8s0 inet6 auto

iface wlan0 inet dhcp
`,
  );
  assert.is(made.get(extra), '');
  const again = ifupdownFiles(made, HOME);
  assert.equal(
    again.map(({ path, text }) => text === made.get(path)),
    [true],
  );
});

test('the diff shows no pass phrase, however its file writes it', () => {
  for (const line of [
    '    password: "one s3cret"',
    '  access-points: {"home": {password: s3cret}}',
    '        "home": { "password": "s3cret" }',
    'psk=s3cret',
    'wep-key0 = s3cret',
    'leap-password=s3cret',
    '  wpa-psk one s3cret',
    '\twireless-key1 s:s3cret',
    '#  wpa-psk s3cret',
    '      private: s3cret',
  ])
    assert.not.match(withoutSecrets(`before\n${line}\nbehind\n`), /s3cret/, line);
  const plain = 'iface wlan0 inet dhcp\n  wpa-key-mgmt WPA-PSK\n  address 10.0.0.5/24\npsk-flags=0\n';
  assert.is(withoutSecrets(plain), plain);
});

test('ifupdown: both families; a prefix that is not the one of the class is written', () => {
  assert.is(
    ifupdownFiles(new Map(), BOTH)[0]!.text,
    `# Configuration for eth0
auto eth0
iface eth0 inet static
address 10.0.0.5/24
gateway 10.0.0.1
iface eth0 inet6 static
address fd00::5/64
gateway fd00::1
`,
  );
});

test('netplan: in the file that defines the interface, with all else that it says', () => {
  const cloud = '/etc/netplan/50-cloud-init.yaml';
  const files = new Map([
    [
      '/etc/netplan/01-first.yaml',
      'network:\n  ethernets:\n    enp8s0:\n      addresses: [10.9.9.9/8]\n      mtu: 1400\n',
    ],
    [
      cloud,
      '# made by cloud-init\nnetwork:\n  version: 2\n  ethernets:\n    enp8s0: # the cable\n      dhcp4: true\n      match: {macaddress: "00:19:99:4e:a1:40"}\n      set-name: enp8s0\n',
    ],
    ['/etc/cloud/cloud.cfg.d', ''],
  ]);
  const made = netplanFiles(files, HOME);
  assert.equal(made, [
    {
      path: '/etc/netplan/01-first.yaml',
      mode: '0600',
      text: 'network:\n  ethernets:\n    enp8s0:\n      mtu: 1400\n',
    },
    {
      path: cloud,
      mode: '0600',
      text: `# made by cloud-init
network:
  version: 2
  ethernets:
    enp8s0:
      # the cable
      dhcp4: false
      match: { macaddress: "00:19:99:4e:a1:40" }
      set-name: enp8s0
      addresses:
        - 192.168.1.20/24
      routes:
        - to: default
          via: 192.168.1.1
      nameservers:
        addresses:
          - 8.8.8.8
          - 8.8.4.4
`,
    },
    {
      path: '/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg',
      mode: '0644',
      text: 'network: {config: disabled}\n',
    },
  ]);
  const now = new Map([...files, ...made.map(({ path, text }) => [path, text] as const)]);
  assert.equal(netplanFiles(now, HOME), made, 'a second run writes the same');
});

test('netplan: a file of its own where none defines the interface; gateway4 and IPv6 of before', () => {
  assert.equal(netplanFiles(new Map(), BOTH), [
    {
      path: '/etc/netplan/60-eth0.yaml',
      mode: '0600',
      text: `network:
  version: 2
  ethernets:
    eth0:
      dhcp4: false
      addresses:
        - 10.0.0.5/24
        - fd00::5/64
      routes:
        - to: default
          via: 10.0.0.1
        - to: default
          via: fd00::1
`,
    },
  ]);
  const old = 'network: {ethernets: {eth0: {addresses: [10.0.0.9/24, "fd00::9/64"], gateway4: 10.0.0.1}}}\n';
  const text = netplanFiles(new Map([['/etc/netplan/a.yaml', old]]), {
    ...BOTH,
    address: ['10.0.0.5/24'],
    gateway: [],
  })[0]!.text;
  assert.match(text, 'fd00::9/64');
  assert.not.match(text, /gateway4|10\.0\.0\.9/);
});

test('networkd: its own file is edited, a common one is left for one that comes first', () => {
  const own = '/etc/systemd/network/20-cable.network';
  const text = `# the cable
[Match]
Name=eth0

[Network]
DHCP=yes
MulticastDNS=yes
Address=10.0.0.9/24

[Route]
Gateway=10.0.0.2
[Route]
Destination=10.5.0.0/16
Gateway=10.0.0.3
`;
  const request = { ...BOTH, address: ['10.0.0.5/24'], gateway: ['10.0.0.1'], dns: ['10.0.0.1'] };
  const made = networkdFiles(new Map([[own, text]]), request, own);
  const expected = `# the cable
[Match]
Name=eth0

[Network]
DHCP=ipv6
MulticastDNS=yes
Address=10.0.0.5/24
Gateway=10.0.0.1
DNS=10.0.0.1

[Route]
Destination=10.5.0.0/16
Gateway=10.0.0.3
`;
  assert.equal(made, [{ path: own, text: expected, mode: '0644' }]);
  assert.equal(networkdFiles(new Map([[own, expected]]), request, own), made);
  const common = '/usr/lib/systemd/network/05-all.network';
  assert.equal(networkdFiles(new Map([[common, '[Match]\nName=e*\n[Network]\nDHCP=ipv4\n']]), BOTH, common), [
    {
      path: '/etc/systemd/network/00-eth0.network',
      mode: '0644',
      text: '[Match]\nName=eth0\n\n[Network]\nDHCP=no\nAddress=10.0.0.5/24\nAddress=fd00::5/64\nGateway=10.0.0.1\nGateway=fd00::1\n',
    },
  ]);
  assert.is(
    networkdFiles(new Map(), BOTH, undefined)[0]!.text,
    '[Match]\nName=eth0\n\n[Network]\nAddress=10.0.0.5/24\nAddress=fd00::5/64\nGateway=10.0.0.1\nGateway=fd00::1\n',
  );
});

test('NetworkManager: the keyfile of the connection, or a new one with a uuid that stays', () => {
  const path = '/etc/NetworkManager/system-connections/Wired connection 1.nmconnection';
  const text = `[connection]
id=Wired connection 1
uuid=5be81e7e-403a-4f1c-aa2e-daf2444f43a6
type=ethernet

[ipv4]
method=auto
may-fail=false

[ipv6]
method=auto
`;
  const made = networkManagerFiles(new Map([[path, text]]), HOME, path);
  assert.is(made[0]!.path, path);
  assert.is(
    made[0]!.text,
    text.replace(
      'method=auto\nmay-fail=false\n',
      'method=manual\nmay-fail=false\naddress1=192.168.1.20/24,192.168.1.1\ndns=8.8.8.8;8.8.4.4;\n',
    ),
  );
  assert.equal(networkManagerFiles(new Map([[path, made[0]!.text]]), HOME, path), made);
  const fresh = networkManagerFiles(new Map(), HOME, '/run/NetworkManager/system-connections/x.nmconnection');
  assert.is(fresh[0]!.path, '/etc/NetworkManager/system-connections/enp8s0.nmconnection');
  assert.is(fresh[0]!.mode, '0600');
  assert.match(fresh[0]!.text, /\[ipv6\]\nmethod=auto/);
  assert.equal(networkManagerFiles(new Map(), HOME, undefined), fresh);
});

test('name servers where no service writes them; spellings of one address', () => {
  assert.equal(nameServersFile('search lan\nnameserver 1.1.1.1\n\n', ['8.8.8.8']), [
    { path: '/etc/resolv.conf', mode: '0644', text: 'search lan\nnameserver 8.8.8.8\n' },
  ]);
  assert.equal(nameServersFile('nameserver 1.1.1.1\n', []), []);
  assert.ok(sameAddress('fd00:0::5', 'FD00::5'));
  assert.not.ok(sameAddress('10.0.0.5', '10.0.0.50'));
});

test.run();
