import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileTemplate } from '../../run/jinja/template.ts';
import { scopeOf } from './scopes.ts';

const test = suite('filters that this machine has no oracle for');

const variables = {
  data: {
    hosts: [
      { name: 'a', up: true, ips: ['10.0.0.1'] },
      { name: 'b', up: false, ips: [] },
    ],
  },
  // Made by ansible-vault 2.14 with the password "pw".
  vault:
    '$ANSIBLE_VAULT;1.2;AES256;x\n35303135303233396562656661646331366132646439393864386436346265633131303833626332\n6633373465613063653833366166666665383635313330320a306565313662386363313833313934\n37613364323333643433366637323564346431623265376634643336376463383861316536313161\n3065366366396662330a336432333264653838353861373430353666323965366663306136633434\n6631\n',
  addresses: ['192.168.32.0/24', 'fe80::100/10', 'foo', '10.1.1.5'],
};

/** From the documentation of ansible.utils, community.general and passlib. */
const cases: [string, unknown][] = [
  ["{{ data | json_query('hosts[?up].name') }}", ['a']],
  ["{{ data | community.general.json_query('hosts[*].ips[]') }}", ['10.0.0.1']],
  ["{{ data | json_query('length(hosts)') }}", '2'],
  ["{{ vault | unvault('pw') }}", 'plain text\n'],
  ["{{ 'x' | vault('k') | unvault('k') }}", 'x'],
  ["{{ 'plain' | unvault('k') }}", 'plain'],
  ['{{ vault is vault_encrypted }}', true],
  ["{{ '192.0.2.1/24' | ipaddr('address') }}", '192.0.2.1'],
  ["{{ '192.0.2.1/24' | ansible.utils.ipaddr('network') }}", '192.0.2.0'],
  ["{{ '192.0.2.1/24' | ipaddr('netmask') }}", '255.255.255.0'],
  ["{{ '192.0.2.1/24' | ipaddr('broadcast') }}", '192.0.2.255'],
  ["{{ '192.0.2.1/24' | ipaddr('network/prefix') }}", '192.0.2.0/24'],
  ["{{ '192.0.2.1/24' | ipaddr('prefix') }}", '24'],
  ["{{ '192.0.2.1/24' | ipaddr('size') }}", '256'],
  ["{{ '192.0.2.1/24' | ipaddr('revdns') }}", '1.2.0.192.in-addr.arpa.'],
  ["{{ '192.0.2.0/24' | ipaddr('5') }}", '192.0.2.5/24'],
  ["{{ '192.0.2.0/24' | ipaddr('-1') | ipaddr('address') }}", '192.0.2.255'],
  ["{{ '192.0.2.0/24' | ipaddr('net') }}", '192.0.2.0/24'],
  ["{{ '192.0.2.0/24' | ipaddr('first_usable') }}", '192.0.2.1'],
  ["{{ '192.0.2.0/24' | ipaddr('range_usable') }}", '192.0.2.1-192.0.2.254'],
  ["{{ '192.0.2.5' | ipaddr('192.0.2.0/24') }}", '192.0.2.5'],
  ["{{ '10.0.0.5' | ipaddr('private') }}", '10.0.0.5'],
  ["{{ '8.8.8.8' | ipaddr('private') }}", false],
  ["{{ 'nonsense' | ipaddr }}", false],
  ['{{ addresses | ipv4 }}', ['192.168.32.0/24', '10.1.1.5']],
  ["{{ '2001:db8::1' | ipv6 }}", '2001:db8::1'],
  ["{{ '2001:db8::1' | ipwrap }}", '[2001:db8::1]'],
  ["{{ '192.168.0.0/16' | ipsubnet(24) }}", '256'],
  ["{{ '192.168.0.0/16' | ipsubnet(20, 0) }}", '192.168.0.0/20'],
  ["{{ '192.168.0.0/16' | ipsubnet(20, -1) }}", '192.168.240.0/20'],
  ["{{ '192.168.144.5' | ipsubnet(20) }}", '192.168.144.0/20'],
  ["{{ '192.168.0.0/20' | ipsubnet('192.168.0.0/16') }}", '1'],
  ["{{ '10.0.0.0/8' | nthhost(305) }}", '10.0.1.49'],
  ["{{ '192.168.1.5' | ipmath(-10) }}", '192.168.0.251'],
  ["{{ '192.168.1.5/24' | next_nth_usable(2) }}", '192.168.1.7'],
  ["{{ ['192.168.0.0/17', '192.168.128.0/17', '192.168.128.1'] | cidr_merge }}", ['192.168.0.0/16']],
  ["{{ ['192.168.1.1', '192.168.1.2'] | cidr_merge('span') }}", '192.168.1.0/30'],
  ["{{ '192.168.0.0/24' | network_in_usable('192.168.0.1') }}", true],
  ["{{ '192.168.0.0/24' | network_in_usable('192.168.0.255') }}", false],
  ["{{ '192.168.0.0/24' | network_in_network('192.168.0.0/26') }}", true],
  ["{{ ['192.168.0.34', '10.3.0.3'] | reduce_on_network('192.168.0.0/24') }}", ['192.168.0.34']],
  [
    "{{ 'fdcf:1894:23b5:d38c:0000:0000:0000:0000' | slaac('c2:31:b3:83:bf:2b') }}",
    'fdcf:1894:23b5:d38c:c031:b3ff:fe83:bf2b',
  ],
  ["{{ '1a:2b:3c:4d:5e:6f' | hwaddr('cisco') }}", '1a2b.3c4d.5e6f'],
  ["{{ '1a2b.3c4d.5e6f' | hwaddr('linux') }}", '1a:2b:3c:4d:5e:6f'],
  ["{{ '10.2.1.1' is ansible.utils.in_network('10.0.0.0/8') }}", true],
  [
    "{{ 'secret' | password_hash('blowfish', 'abcdefghijklmnopqrstuu', rounds=4) }}",
    '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW',
  ],
  ["{{ ['/a/b', '/a/c'] | commonpath }}", '/a'],
];

for (const [template, expected] of cases) {
  test(template, () => assert.equal(compileTemplate(template).render(scopeOf(variables), {}), expected));
}

test.run();
