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

assert.ok(CASES.length >= 40);

for (const [name, planted, word] of CASES)
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
