import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aclAllows } from '../../run/mqtt/acl.ts';
import { bridgesOf, listenersOf, parseConfigLine, splitAddress } from '../../run/mqtt/config.ts';
import { parseListeners } from '../../run/mqtt/listeners.ts';
import { bridgeSources, bridgeTarget, sinceStart, takeovers, usersOf } from '../../run/mqtt/log.ts';
import { matches, overlap } from '../../run/mqtt/topics.ts';
import { failedLeg, summary } from '../../run/mqtt/verdict.ts';
import { bridging, CLIENT, ID, observation, port, unconnected } from './evidence-cases.ts';

const NAMES = { lampName: 'lamp01', cloudName: 'cloud', clientId: 'l1_broker' };
const Parts = suite('parts of the verification');

Parts('filters match topics as MQTT 4.7 says', () => {
  const cases: [string, string, boolean][] = [
    ['a/+/c', 'a/b/c', true],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['+', '$SYS', false],
    ['#', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
  ];
  for (const [filter, topic, expected] of cases) assert.is(matches(filter, topic), expected, `${filter} ${topic}`);
});

Parts('filters overlap when some topic matches both', () => {
  assert.ok(overlap('test2/+', 'test2/#'));
  assert.ok(overlap('+/a', 'b/+'));
  assert.ok(overlap('#', 'x/y'));
  assert.not(overlap('test1/+', 'test2/+'));
  assert.not(overlap('a/+', 'a/b/c'));
});

Parts('an ACL file is read as mosquitto reads it', () => {
  const file = [
    'topic read $SYS/#',
    'user lamp',
    'topic devices/lamp/#',
    'topic deny devices/lamp/secret',
    'pattern write $SYS/broker/connection/%c/state',
    'pattern read u/%u/#',
  ];
  const lamp = { username: 'lamp', clientId: 'c1' };
  const nobody = { clientId: 'c1' };
  assert.ok(aclAllows(file, nobody, 'read', '$SYS/broker/version'));
  assert.not(
    aclAllows(file, lamp, 'read', '$SYS/broker/version'),
    'topics before the first user are for anonymous clients',
  );
  assert.ok(aclAllows(file, lamp, 'write', 'devices/lamp/x'));
  assert.not(aclAllows(file, nobody, 'write', 'devices/lamp/x'));
  assert.not(aclAllows(file, lamp, 'read', 'devices/lamp/secret'));
  assert.ok(aclAllows(file, nobody, 'write', '$SYS/broker/connection/c1/state'));
  assert.not(aclAllows(file, nobody, 'write', '$SYS/broker/connection/c2/state'));
  assert.ok(aclAllows(file, lamp, 'read', 'u/lamp/x'));
  assert.not(aclAllows(file, nobody, 'read', 'u//x'));
});

Parts('bridges and listeners are read from a configuration', () => {
  const [bridge, second] = bridgesOf([
    ...bridging(),
    ...bridging('connection other\naddress [::1]\ntopic # both 2 a/ b/'),
  ]);
  assert.equal(bridge?.addresses, ['10.98.50.10:50001']);
  assert.is(bridge?.clientId, CLIENT);
  assert.is(bridge?.cleansession, true);
  assert.equal(
    bridge?.topics.map(({ pattern, direction, localPrefix, remotePrefix }) => [
      pattern,
      direction,
      localPrefix,
      remotePrefix,
    ]),
    [
      ['test1/+', 'out', '', `devices/${ID}/`],
      ['test2/+', 'in', '', `devices/${ID}/`],
    ],
  );
  assert.is(second?.cleansession, false);
  assert.equal(
    listenersOf(port('listener 50001 127.0.0.1\nport 1884')).map((each) => each.port),
    [50001, 1884],
  );
  assert.equal(splitAddress('10.0.0.1'), { host: '10.0.0.1', port: 1883 });
  assert.equal(parseConfigLine('/a b/c.conf:3:  topic   x out'), {
    file: '/a b/c.conf',
    line: 3,
    option: 'topic',
    value: 'x out',
  });
});

Parts('a log tells takeovers, sources and targets since the last start', () => {
  const log = [
    '1: Client c already connected, closing old connection.',
    '2: mosquitto version 2.0.11 starting',
    '3: Connecting bridge (step 1) c (10.0.0.1:50001)',
    '4: Client c [10.0.0.2:1] disconnected: session taken over.',
    '5: Client cc already connected, closing old connection.',
    '6: New bridge connected from 10.0.0.2:1234 as c (p2, c1, k60).',
    '2026-11-21T23:00:00: Client c already connected, closing old connection.',
  ];
  assert.is(sinceStart(log).length, 6);
  assert.equal(
    takeovers(log, 'c').map(({ at }) => at),
    [4, undefined],
  );
  assert.equal(bridgeSources(log, 'c'), ['10.0.0.2']);
  assert.is(bridgeTarget(log, 'c'), '10.0.0.1:50001');
  assert.is(bridgeTarget(log, 'd'), undefined);
});

Parts('listeners are read with and without owners', () => {
  assert.equal(parseListeners('[::] 50001 7 my proc\n* 22 - -\nnoise\n'), [
    { address: '[::]', port: 50001, pid: 7, name: 'my proc' },
    { address: '*', port: 22, pid: undefined, name: '-' },
  ]);
});

Parts('the first leg that failed is told, with what was seen', () => {
  assert.is(failedLeg(observation(), NAMES), undefined);
  assert.match(summary(observation()), /^out 1\.0 ms, in 1\.0 ms, .* state 1 for 3 s$/);
  assert.match(failedLeg(unconnected(), NAMES)?.saw ?? '', /lamp01 says 0, cloud says 0; no message crosses/);
  assert.is(failedLeg(observation({ otherArrived: true }), NAMES)?.leg, 'other device');
  assert.is(failedLeg(observation({ sentinelArrived: false }), NAMES)?.leg, 'other device');
  assert.match(
    failedLeg(observation({ out: { ...observation().out, copies: 2 } }), NAMES)?.saw ?? '',
    /out arrived 2 times/,
  );
  assert.is(failedLeg(observation({ heldSeconds: 1 }), NAMES)?.leg, 'stability');
  const { latencyMs: _, ...lost } = observation().in;
  const stray = { side: 'lamp', topic: `devices/${ID}/test2/w`, message: 'in', copies: 1 } as const;
  const failed = failedLeg(observation({ in: lost, strays: [stray] }), NAMES);
  assert.is(failed?.leg, 'in');
  assert.match(failed?.saw ?? '', /it went to devices\/b827eb000001\/test2\/w instead/);
});

Parts('the log tells as whom a client was admitted, also by its certificate', () => {
  const log = [
    "1: New bridge connected from 10.0.0.7:1 as l1_broker (p2, c0, k60, u'old').",
    '2: mosquitto version 2.0.11 starting',
    "3: New bridge connected from 10.0.0.7:2 as l1_broker (p2, c0, k60, u'b827eb000007').",
    '4: New client connected from 10.0.0.8:3 as l2_broker (p2, c1, k60).',
  ];
  assert.is(usersOf(log, 'l1_broker')[0], 'b827eb000007');
  assert.equal(usersOf(log, 'l2_broker'), []);
  assert.equal(usersOf(log.slice(0, 2), 'l1_broker'), []);
});

Parts.run();
