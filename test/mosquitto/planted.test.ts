import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { main } from '../../run/cli.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { withTree } from '../playbook/tree.ts';

/*
 * Mistakes planted in inventories for the site's own playbook, as people make them. Each is found before a host is touched
 * (the addresses lead nowhere), named in words, at the line that ends in "# here", and where two places clash also at "# and
 * here".
 */

const test = suite('mistakes planted in inventories');
const ROOT = join(import.meta.dirname, '../..');

interface Planted {
  /** Lines of variables, by where they stand. */
  all?: string[];
  ec2?: string[];
  lamps?: string[];
  lamp07?: string[];
  lamp31?: string[];
  lamp07Id?: string;
  lamp31Id?: string;
  level?: 'error' | 'warning';
  playbook?: string;
}

function inventoryOf(planted: Planted): string {
  const { all = [], ec2 = [], lamps = [], lamp07 = [], lamp31 = [] } = planted;
  const host = (name: string, lines: string[]) => [`        ${name}:`, ...lines.map((line) => `          ${line}`)];
  const vars = (indent: string, lines: string[]) =>
    lines.length > 0 ? [`${indent}vars:`, ...lines.map((line) => `${indent}  ${line}`)] : [];
  return [
    'all:',
    ...vars('  ', all),
    '  children:',
    '    cloud:',
    '      hosts:',
    ...host('ec2', ['ansible_host: 10.0.21.12', ...ec2]),
    '    lamps:',
    ...vars('      ', lamps),
    '      hosts:',
    ...host('lamp07', ['ansible_host: 192.168.1.7', planted.lamp07Id ?? 'device_id: b827eb000007', ...lamp07]),
    ...host('lamp31', ['ansible_host: 192.168.1.31', planted.lamp31Id ?? 'device_id: b827eb000031', ...lamp31]),
    '',
  ].join('\n');
}

const topic = (text: string) => [`lamp_topics: [${text}] # here`];

const CASES: [name: string, planted: Planted, word: RegExp][] = [
  [
    'one Device ID twice',
    { lamp07Id: 'device_id: a7 # and here', lamp31Id: 'device_id: a7 # here' },
    /lamp07 and lamp31 have the same Device ID a7/,
  ],
  [
    'one client id twice',
    { lamp07: ['lamp_bridge: hall # and here'], lamp31: ['lamp_bridge: hall # here'] },
    /lamp07 and lamp31 have the same remote_clientid hall/,
  ],
  ['one client id for a group', { lamps: ['lamp_bridge: lamp # here'] }, /the same remote_clientid lamp/],
  ['a Device ID with a slash', { lamp07Id: 'device_id: hall/7 # here' }, /Device ID "hall\/7".*holds "\/"/],
  ['a Device ID with a wildcard', { lamp07Id: 'device_id: "hall+" # here' }, /holds "\+"/],
  ['a Device ID with a space', { lamp07Id: 'device_id: hall 7 # here' }, /holds a space|holds " "/],
  ['a Device ID with a dollar', { lamp07Id: 'device_id: $hall # here' }, /holds "\$"/],
  ['a cloud that is no host', { lamp07: ['lamp_cloud: ec3 # here'] }, /"ec3", is no host.*"ec2"/s],
  ['no topics', { lamp07: ['lamp_topics: [] # here'] }, /no topics/],
  ['QoS 3', { lamp07: topic('{ pattern: a/b, qos: 3 }') }, /QoS is 0, 1 or 2, not 3/],
  ['QoS -1', { lamp07: topic('{ pattern: a/b, qos: -1 }') }, /QoS is 0, 1 or 2/],
  ['an unknown direction', { lamp07: topic('{ pattern: a/b, direction: up }') }, /in, out or both, not "up"/],
  ['# in the middle', { lamp07: topic('{ pattern: a/#/b }') }, /"#" has to be the last level/],
  ['# within a level', { lamp07: topic('{ pattern: "a/b#" }') }, /a level of its own/],
  ['+ within a level', { lamp07: topic('{ pattern: a/b+/c }') }, /"\+" has to have a level of its own/],
  ['a pattern with a space', { lamp07: topic('{ pattern: a b }') }, /holds a space/],
  ['a pattern with a line feed', { lamp07: topic('{ pattern: "a\\ntopic # both" }') }, /line feed/],
  ['an unknown key of a topic', { lamp07: topic('{ pattern: a/b, dir: in }') }, /"direction"|dir/],
  [
    'overlapping topics in',
    { lamp07: topic('{ pattern: a/+, direction: in }, { pattern: a/#, direction: in }') },
    /overlap/,
  ],
  ['a wildcard in a prefix', { lamp07: ['lamp_remote_prefix: devices/+/b827eb000007/ # here'] }, /holds a wildcard/],
  [
    'a prefix without its slash',
    { lamp07: ['lamp_remote_prefix: devices/b827eb000007 # here'] },
    /does not end in "\/"/,
  ],
  [
    'a prefix without the Device ID',
    { lamp07: ['lamp_remote_prefix: devices/ # here'] },
    /lacks the Device ID b827eb000007/,
  ],
  [
    "another lamp's prefix",
    {
      lamp07: ['lamp_remote_prefix: devices/b827eb000031/b827eb000007/ # here'],
      lamp31Id: 'device_id: b827eb000031 # and here',
    },
    /holds the Device ID of lamp31/,
  ],
  ['one prefix for a group', { lamps: ['lamp_remote_prefix: devices/all/ # here'] }, /lacks the Device ID/],
  ['a port of 0', { ec2: ['cloud_port: 0 # here'] }, /1 to 65535/],
  ['a port of 70000', { ec2: ['cloud_port: 70000 # here'] }, /1 to 65535/],
  ['a port that is a word', { ec2: ['cloud_port: mqtt # here'] }, /an integer/],
  ["a lamp's port of the cloud", { lamp07: ['lamp_cloud_port: 500010 # here'] }, /1 to 65535/],
  [
    'one port twice',
    { ec2: ['cloud_port: 50001 # and here', 'cloud_listeners: [{ port: 50001 }] # here'] },
    /two listeners on port 50001/,
  ],
  [
    'websockets on an address',
    { ec2: ['cloud_listeners: [{ port: 9001, protocol: websockets, address: 10.0.21.12 }] # here'] },
    /every address unless socket_domain is set/,
  ],
  ['a protocol that is none', { ec2: ['cloud_listeners: [{ port: 9001, protocol: websocket }] # here'] }, /websockets/],
  ['nobody may log in', { ec2: ['cloud_allow_anonymous: false # here'] }, /nobody could log in/],
  [
    'a certificate without its key',
    { ec2: ['cloud_listeners: [{ port: 8883, certfile: /c.crt }] # here'] },
    /no keyfile/,
  ],
  [
    'a user twice',
    {
      ec2: ['cloud_users: [{ name: a, password: b }, { name: a, password: c }] # here'],
      lamps: ['lamp_cloud_username: a', 'lamp_cloud_password: b'],
    },
    /user a is there twice/,
  ],
  ['a user with a colon', { ec2: ['cloud_users: [{ name: "a:b", password: b }] # here'] }, /colon/],
  ['an empty password', { ec2: ['cloud_users: [{ name: a, password: "" }] # here'] }, /password of a is empty/],
  ['a password without a user', { lamp07: ['lamp_cloud_password: secret # here'] }, /needs remote_username/],
  [
    'a password across the internet',
    {
      lamps: ['lamp_cloud_address: 3.4.5.6', 'lamp_cloud_username: a', 'lamp_cloud_password: b # here'],
      ec2: ['cloud_users: [{ name: a, password: b }]'],
    },
    /in the clear/,
  ],
  [
    'an address with a line feed',
    { lamp07: ['lamp_cloud_address: "10.0.0.1\\nallow_anonymous true" # here'] },
    /line feed/,
  ],
  ['an address that is a comment', { lamp07: ['lamp_cloud_address: "#10.0.0.1" # here'] }, /a comment/],
  ['a bridge name with a space', { lamp07: ['lamp_bridge: my bridge # here'] }, /space/],
  [
    'a right to no topic',
    { ec2: ['cloud_acl: { patterns: [readwrite devices/#/%u] } # here'] },
    /"#" has to be the last level/,
  ],
  [
    'the state not writable',
    { ec2: ['cloud_acl: { patterns: ["readwrite devices/#"] } # here'] },
    /\$SYS\/broker\/connection/,
  ],
  ['half a certificate of a lamp', { lamp07: ['lamp_certfile: /c.crt # here'] }, /need each other/],
  [
    'everybody on the internet',
    { ec2: ['cloud_listeners: [{ port: 1885, address: 3.4.5.6 }] # here'], level: 'warning' },
    /everybody on the internet/,
  ],
  [
    'both ways under one name',
    {
      lamp07: ['lamp_topics:', '  - { pattern: a, direction: both, local_prefix: devices/b827eb000007/ } # here'],
      level: 'warning',
    },
    /goes both ways/,
  ],
  ['an option of no bridge', { lamp07: ['lamp_cleansession: maybe # here'] }, /true or false/],
];

/** A cloud with one user, and lamps that log in as it. */
const USERS = 'cloud_users: [{ name: lamp, password: secret }]';
const LOGIN = ['lamp_cloud_username: lamp', 'lamp_cloud_password: secret'];
const GROUP = 'cloud_security_group: { instance_id: i-0123456789abcdef0, region: eu-central-1 }';

/** How lamps and their cloud, each right by itself, do not fit. */
const TOGETHER: typeof CASES = [
  [
    'a user who is none',
    { ec2: [`${USERS} # and here`], lamps: ['lamp_cloud_username: lmap # here', 'lamp_cloud_password: secret'] },
    /logs in to ec2 as lmap, who is none of its users[\s\S]*did you mean "lamp"/,
  ],
  [
    'another password',
    { ec2: [`${USERS} # and here`], lamps: ['lamp_cloud_username: lamp', 'lamp_cloud_password: secert # here'] },
    /as lamp with another password than that user has/,
  ],
  ['users, and lamps without a name', { ec2: [`${USERS} # here`] }, /the bridge of lamp07 logs in as nobody/],
  [
    'a verification by somebody who is no user',
    { ec2: [USERS, 'cloud_test_user: { name: ghost, password: x } # here'], lamps: LOGIN },
    /the verification of lamp07 logs in to ec2 as ghost, who is none of its users/,
  ],
  [
    'a right with a misspelt access',
    { ec2: [USERS, 'cloud_acl: { patterns: ["readwrit devices/%u/#"] } # here'], lamps: LOGIN },
    /begins with a word that is no access[\s\S]*did you mean "readwrite"/,
  ],
  [
    'rights as other brokers write them',
    { ec2: [USERS, 'cloud_acl: { users: [{ name: lamp, topics: ["publish devices/#"] }] } # here'], lamps: LOGIN },
    /did you mean "write"/,
  ],
  [
    '%u in the rights of a user',
    { ec2: [USERS, 'cloud_acl: { users: [{ name: lamp, topics: ["readwrite devices/%u/#"] }] } # here'], lamps: LOGIN },
    /%u and %c mean something in patterns alone/,
  ],
  [
    'rights that shut the lamp out',
    {
      ec2: [
        USERS,
        'cloud_acl: { users: [{ name: lamp, topics: ["read #", "read $SYS/#"] }], patterns: ["write $SYS/broker/connection/%c/state"] } # here',
      ],
      lamps: LOGIN,
    },
    /does not let the user lamp write devices\/b827eb000007\/test1\/\+, which the bridge of lamp07 is to carry/,
  ],
  [
    'rights by user name where the prefix has the Device ID',
    {
      ec2: [
        USERS,
        'cloud_acl: { users: [{ name: lamp, topics: ["read $SYS/#"] }], patterns: ["readwrite devices/%u/#", "write $SYS/broker/connection/%c/state"] } # here',
      ],
      lamps: LOGIN,
    },
    /does not let the user lamp (read|write) devices\/b827eb0000/,
  ],
  [
    'TLS in the cloud and not at the lamps',
    { ec2: ['cloud_certfile: /c.crt # here', 'cloud_keyfile: /c.key'] },
    /on 50001 of ec2 speaks TLS and the bridge of lamp07 does not/,
  ],
  ['TLS at the lamps and not in the cloud', { lamps: ['lamp_cafile: /ca.crt # here'] }, /the listener .* does not/],
  [
    'certificates required of lamps that have none',
    {
      ec2: ['cloud_certfile: /c.crt', 'cloud_keyfile: /c.key', 'cloud_cafile: /ca.crt # here'],
      lamps: ['lamp_cafile: /ca.crt'],
    },
    /requires certificates and the bridge of lamp07 has none/,
  ],
  [
    'certificates required, and no authority',
    {
      ec2: ['cloud_certfile: /c.crt', 'cloud_keyfile: /c.key', 'cloud_require_certificate: true # here'],
      lamps: ['lamp_cafile: /ca.crt', 'lamp_certfile: /l.crt', 'lamp_keyfile: /l.key'],
    },
    /neither cafile nor capath/,
  ],
  [
    'names by certificate without certificates',
    { ec2: ['cloud_use_identity_as_username: true # here'] },
    /takes names from certificates and speaks no TLS/,
  ],
  [
    'a relative path',
    { ec2: ['cloud_certfile: certs/c.crt # here', 'cloud_keyfile: /c.key'], lamps: ['lamp_cafile: /ca.crt'] },
    /a path on the host begins with "\/"/,
  ],
  ['a relative path of a lamp', { lamp07: ['lamp_cafile: ca.crt # here'] }, /bridge_cafile is ca.crt/],
  [
    "another port than the cloud's",
    { lamp07: ['lamp_cloud_port: 50002 # here'], level: 'warning' },
    /to port 50002 of ec2, whose broker is set to listen on 50001/,
  ],
  [
    "the cloud's port of websockets",
    {
      ec2: ['cloud_listeners: [{ port: 50002, protocol: websockets, socket_domain: ipv4 }] # and here'],
      lamp07: ['lamp_cloud_port: 50002 # here'],
    },
    /which speaks websockets/,
  ],
  [
    'a listener that nobody else reaches',
    {
      ec2: ['cloud_listeners: [{ port: 50002, address: 127.0.0.1 }] # here'],
      lamp07: ['lamp_cloud_port: 50002 # and here'],
    },
    /lamp07 cannot reach it/,
  ],
  ['an address with its port', { ec2: ['cloud_address: "10.0.21.12:50001" # here'] }, /the port is an argument of/],
  ['an address with a scheme', { ec2: ['cloud_address: mqtt://10.0.21.12 # here'] }, /without the scheme/],
  ['an address of large numbers', { lamp07: ['lamp_cloud_address: 10.0.21.300 # here'] }, /no IPv4 address/],
  ['an address with a path', { lamp07: ['lamp_cloud_address: broker.lan/mqtt # here'] }, /holds a slash/],
  [
    "a cloud at the lamp's own address",
    { ec2: ['cloud_address: 127.0.0.1 # here'], level: 'warning' },
    /that is, to lamp07 itself/,
  ],
  [
    'a prefix with a slash in front',
    { lamp07: ['lamp_remote_prefix: /devices/b827eb000007/ # here'], level: 'warning' },
    /has an empty level/,
  ],
  [
    'a prefix with two slashes',
    { lamp07: ['lamp_remote_prefix: devices//b827eb000007/ # here'], level: 'warning' },
    /has an empty level/,
  ],
  [
    'a topic with a slash in front',
    { lamp07: topic('{ pattern: /test1/+ }'), level: 'warning' },
    /its first level is empty/,
  ],
  ['a topic out twice', { lamp07: topic('{ pattern: a/+ }, { pattern: a/+ }'), level: 'warning' }, /goes out twice/],
  ['topics as a mapping', { lamp07: ['lamp_topics: { pattern: a/b } # here'] }, /expected (an )?array|list/],
  ['topics as lines of mosquitto.conf', { lamp07: ['lamp_topics: ["test1/+ out 1"] # here'] }, /expected/],
  ['a QoS that is a word', { lamp07: topic('{ pattern: a/b, qos: one }') }, /expected an integer, not "one"/],
  [
    'one notification topic for all',
    { lamps: ['lamp_notification_topic: lamps/status # here'] },
    /lamp07 and lamp31 tell the state of their bridges at one topic/,
  ],
  [
    'a wildcard in a notification topic',
    { lamp07: ['lamp_notification_topic: devices/+/status # here'] },
    /holds a wildcard/,
  ],
  ['a check that is none', { lamps: ['lamp_verify_checks: [bridge, isolaton] # here'] }, /did you mean "isolation"/],
  ['no messages', { lamps: ['lamp_verify_messages: 0 # here'] }, /from 1 to 10000/],
  ['no time', { lamps: ['lamp_verify_timeout: -1 # here'] }, /at least 1/],
  ['a range that is none', { ec2: ['cloud_from: [192.168.1.0/33] # here'] }, /expected a range of IPv4 addresses/],
  ['a range that is a word', { ec2: ['cloud_from: [office] # here'] }, /expected a range of IPv4 addresses/],
  [
    'a security group open to the world for everybody',
    { ec2: ['cloud_from: [0.0.0.0/0] # here', GROUP] },
    /is everybody, and the listener admits anonymous clients/,
  ],
  [
    'a security group without its name',
    { ec2: ['cloud_from: [10.0.0.0/8]', 'cloud_security_group: { instanceid: i-0 } # here'] },
    /group_id/,
  ],
  [
    'one fixed address for a group',
    { lamps: ['static_address: 192.168.1.20/24 # here'] },
    /lamp07 and lamp31 are both to have the address/,
  ],
  ['a fixed address without its prefix', { lamp07: ['static_address: 192.168.1.20 # here'] }, /lacks its prefix/],
  [
    'a gateway elsewhere',
    { lamp07: ['static_address: 192.168.1.20/24', 'static_gateway: 192.168.2.1 # here'] },
    /is not in the network/,
  ],
  ["a lamp's own port", { lamp07: ['lamp_port: 99999 # here'] }, /from 1 to 65535/],
  ['the port of SSH', { ec2: ['cloud_port: 22 # here'], level: 'warning' }, /where SSH listens/],
  [
    'keys in the cloud and none at the lamps',
    { ec2: ['cloud_psk_hint: cloud # here', 'cloud_psks: [{ identity: a, key: a1b2 }]'] },
    /speaks TLS and the bridge of lamp07 does not/,
  ],
  [
    'keys in the cloud and certificates at the lamps',
    {
      ec2: ['cloud_psk_hint: cloud # here', 'cloud_psks: [{ identity: a, key: a1b2 }]'],
      lamps: ['lamp_cafile: /ca.crt'],
    },
    /goes by pre-shared keys and the bridge of lamp07 by certificates/,
  ],
  [
    "a key that is not the cloud's",
    {
      ec2: ['cloud_psk_hint: cloud', 'cloud_psks: [{ identity: a, key: a1b2 }] # and here'],
      lamps: ['lamp_psk_identity: a', 'lamp_psk: "a1b3" # here'],
    },
    /comes to ec2 as a, with another key than it has there/,
  ],
  [
    'a key of nobody',
    {
      ec2: ['cloud_psk_hint: cloud', 'cloud_psks: [{ identity: a, key: a1b2 }] # and here'],
      lamps: ['lamp_psk_identity: b # here', 'lamp_psk: a1b2'],
    },
    /comes to ec2 as b, which has no key there/,
  ],
  [
    'a key that is no hexadecimal number',
    {
      ec2: ['cloud_psk_hint: cloud', 'cloud_psks: [{ identity: a, key: secret }] # here'],
      lamps: ['lamp_psk_identity: a', 'lamp_psk: a1b2'],
    },
    /pairs of hexadecimal digits/,
  ],
  ['a hint and no keys', { ec2: ['cloud_psk_hint: cloud # here'] }, /asks for pre-shared keys and there are none/],
  [
    'users, and anybody else as well',
    { ec2: [USERS, 'cloud_allow_anonymous: true # here'], lamps: LOGIN, level: 'warning' },
    /whoever names none is admitted all the same/,
  ],
];

assert.ok(CASES.length >= 40 && TOGETHER.length >= 40);

for (const [name, planted, word] of [...CASES, ...TOGETHER])
  test(name, () => {
    const text = inventoryOf(planted);
    return withTree({ 'inventory.yaml': text }, async (cwd) => {
      const { io, err } = fakeIo({ cwd, env: { HOME: cwd } });
      const inventory = join(cwd, 'inventory.yaml');
      const code = await main(['-i', inventory, join(ROOT, 'playbooks/site.yaml'), '--syntax-check'], io);
      const said = err();
      assert.is(code, planted.level === 'warning' ? 0 : 1, said);
      assert.match(said, word);
      const lines = text.split('\n');
      for (const mark of ['# here', '# and here'] as const) {
        const line = lines.findIndex((each) => each.endsWith(` ${mark}`)) + 1;
        if (line > 0) assert.ok(said.includes(`inventory.yaml:${line}`), `line ${line}: ${lines[line - 1]}\n${said}`);
      }
    });
  });

test.run();
