import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { main } from '../../run/cli.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { lighter, scratch } from '../helpers/lighter.ts';

/*
 * Mistakes in an inventory for playbooks/site.yaml, found before any host is touched: the addresses lead nowhere, so a run
 * that went on would end with unreachable hosts.
 */

const test = suite('looking ahead');
const files = scratch();
test.after(() => files.remove());

/** Line 4 is the cloud's, line 8 the lamps' variables, line 11 lamp07, line 13 lamp31. */
function inventory({ cloud = 'x: 1', lamps = 'x: 1', lamp07 = 'x: 1', lamp31 = 'x: 1' }): string {
  return `cloud:
  hosts:
    ec2:
      {ansible_host: 192.0.2.1, ${cloud}}
lamps:
  vars:
    # what all lamps have
    ${lamps}
  hosts:
    lamp07:
      {ansible_host: 192.0.2.7, ${lamp07}}
    lamp31:
      {ansible_host: 192.0.2.31, ${lamp31}}
`;
}

const CASES: [name: string, values: Parameters<typeof inventory>[0], line: number, says: RegExp][] = [
  ['a port of the cloud', { cloud: 'cloud_port: 70000' }, 4, /70000/],
  [
    'a topic of all lamps',
    { lamps: 'lamp_topics: [{pattern: a/#/b, direction: in}]' },
    8,
    /"#" has to be the last level/,
  ],
  ['a direction', { lamps: 'lamp_topics: [{pattern: a, direction: outward}]' }, 8, /in, out or both/],
  ['a QoS', { lamps: 'lamp_topics: [{pattern: a, qos: 3}]' }, 8, /QoS is 0, 1 or 2, not 3/],
  ['no topics', { lamps: 'lamp_topics: []' }, 8, /has no topics/],
  [
    'overlapping topics',
    { lamps: 'lamp_topics: [{pattern: a, direction: in}, {pattern: +, direction: in}]' },
    8,
    /overlap/,
  ],
  [
    'a prefix that lacks its slash',
    { lamps: 'lamp_remote_prefix: "devices/{{ device_id }}"' },
    8,
    /does not end in "\/"/,
  ],
  ['a prefix without the Device ID', { lamps: 'lamp_remote_prefix: devices/all/' }, 8, /lacks the Device ID/],
  [
    'two lamps with one Device ID',
    { lamp07: 'device_id: b8', lamp31: 'device_id: b8' },
    13,
    /lamp07 and lamp31 have the same[\s\S]*hosts\.yaml:11/,
  ],
  [
    'two lamps with one client id',
    { lamp07: 'lamp_bridge: x', lamp31: 'lamp_bridge: x' },
    13,
    /lamp07 and lamp31 have the same remote_clientid x[\s\S]*hosts\.yaml:11/,
  ],
  ['a Device ID with a slash', { lamp31: 'device_id: b8/27' }, 13, /Device ID "b8\/27"/],
  ['a line feed in a name', { lamp31: 'lamp_bridge: "a\\nlistener 1"' }, 13, /line feed/],
  ['anonymous refused and no users', { cloud: 'cloud_allow_anonymous: false' }, 0, /nobody could log in on port 50001/],
];

for (const [name, values, line, says] of CASES)
  test(name, async () => {
    const hosts = files.write('hosts.yaml', inventory(values));
    const { io, err } = fakeIo();
    assert.is(await main(['-i', hosts, 'playbooks/site.yaml', '--syntax-check'], io), 1);
    const said = err();
    assert.match(said, says);
    if (line > 0) assert.match(said, new RegExp(`hosts\\.yaml:${line}\\b`), said);
  });

test('what facts alone can tell is no mistake, and limits leave out what is about others', async () => {
  const well = files.write('well.yaml', inventory({}).replaceAll('192.0.2.', '127.9.9.'));
  const options = ['-e', 'ansible_port=9', '--timeout', '2'];
  assert.is((await lighter(['-i', well, 'playbooks/site.yaml', ...options])).exitCode, 4);
  const half = inventory({ lamp31: 'lamp_topics: []' }).replaceAll('192.0.2.', '127.9.9.');
  const other = files.write('half.yaml', half);
  assert.is((await lighter(['-i', other, 'playbooks/site.yaml', ...options, '--limit', 'lamp07'])).exitCode, 4);
  const refused = await lighter(['-i', other, 'playbooks/site.yaml', ...options, '--limit', 'lamp31']);
  assert.is(refused.exitCode, 1);
  assert.equal(refused.tasks, [], 'no host is touched');
});

test.run();
