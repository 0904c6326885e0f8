import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectMosquitto } from '../../run/mosquitto/rules.ts';
import { standIn } from '../../run/task.ts';
import { cloud, ID, lamp, said, task } from './cases.ts';

const test = suite('rules of brokers and bridges');

/** Users, and nobody else. */
const CLOSED = { allow_anonymous: false };
const topics = (...list: Record<string, unknown>[]) => ({ topics: list });
const OUT = { pattern: 'test1/+', direction: 'out' };

test('a site as it should be has nothing to say', () => {
  assert.equal(said(cloud(), lamp('lamp01', 'a1'), lamp('lamp02', 'a2')), []);
});

/** One bridge, what is changed in it, and what is said. */
const BRIDGES: [name: string, more: Record<string, unknown>, said: string[]][] = [
  ['no address', { address: undefined }, ['error no-address l:connection']],
  ['no port', { port: undefined }, ['error no-port l:address']],
  ['a port of 0', { port: 0 }, ['error port l:port']],
  ['a port of 65536', { port: 65536 }, ['error port l:port']],
  [
    'a port of an alternative',
    { address: undefined, port: undefined, addresses: [{ address: 'a', port: 70000 }] },
    ['error port l:addresses.0.port'],
  ],
  ['no topics', topics(), ['error no-topics l:topics']],
  ['QoS 3', topics({ ...OUT, qos: 3 }), ['error qos l:topics.0.qos']],
  ['QoS -1', topics({ ...OUT, qos: -1 }), ['error qos l:topics.0.qos']],
  ['an unknown direction', topics({ ...OUT, direction: 'outwards' }), ['error direction l:topics.0.direction']],
  ['# not last', topics({ ...OUT, pattern: 'a/#/b' }), ['error filter l:topics.0.pattern']],
  ['# in a level', topics({ ...OUT, pattern: 'a/b#' }), ['error filter l:topics.0.pattern']],
  ['+ in a level', topics({ ...OUT, pattern: 'a/b+/c' }), ['error filter l:topics.0.pattern']],
  ['a wildcard in a prefix', topics({ ...OUT, local_prefix: '+/' }), ['error prefix-wildcard l:topics.0.local_prefix']],
  [
    'a prefix without its slash',
    { remote_prefix: `devices/${ID}`, ...topics(OUT) },
    ['error prefix-slash l:remote_prefix'],
  ],
  [
    'a prefix without the Device ID',
    { remote_prefix: 'devices/', ...topics(OUT) },
    ['error prefix-id l:remote_prefix'],
  ],
  ['no prefix at all', { remote_prefix: undefined, ...topics(OUT) }, ['error prefix-id l:remote_prefix']],
  [
    'overlapping in',
    topics({ pattern: 'a/+', direction: 'in' }, { pattern: '#', direction: 'in' }),
    ['error overlapping-in l:topics.1.pattern'],
  ],
  ['one in and one out', topics({ pattern: 'a/+', direction: 'in' }, { pattern: 'b/#', direction: 'out' }), []],
  [
    'both under one name',
    { device_id: undefined, remote_prefix: undefined, ...topics({ pattern: 'a/#', direction: 'both' }) },
    ['warning both-equal l:topics.0.direction'],
  ],
  [
    'a Device ID with a slash',
    { device_id: 'a/b' },
    ['error device-id l:device_id', 'error prefix-id l:remote_prefix', 'error prefix-id l:remote_prefix'],
  ],
  ['a certificate without its key', { bridge_certfile: '/c' }, ['error tls l:bridge_certfile']],
  ['a key without its identity', { bridge_psk: 'ab' }, ['error tls l:bridge_psk']],
  ['a key that is not hexadecimal', { bridge_psk: 'xy', bridge_identity: 'i' }, ['error tls l:bridge_psk']],
  ['a password without a user', { remote_password: 'x' }, ['error credentials l:remote_password']],
  [
    'a password across the internet',
    { address: '3.4.5.6', remote_username: 'u', remote_password: 'x' },
    ['error plaintext-credentials l:remote_password'],
  ],
  [
    'the same by name',
    { address: 'broker.example.com', remote_username: 'u', remote_password: 'x' },
    ['error plaintext-credentials l:remote_password'],
  ],
  ['the same over TLS', { address: '3.4.5.6', remote_username: 'u', remote_password: 'x', bridge_cafile: '/ca' }, []],
  [
    'the same, as told',
    { address: '3.4.5.6', remote_username: 'u', remote_password: 'x', allow_plaintext_credentials: true },
    [],
  ],
  ['a password at home', { remote_username: 'u', remote_password: 'x' }, []],
];
for (const [name, more, expected] of BRIDGES)
  test(`bridge: ${name}`, () =>
    assert.equal(said(task('mosquitto_bridge', 'l', { ...lamp('l', ID).args, ...more })), expected));

for (const bad of ['', 'a/b', 'a+', '#a', 'a$b', 'a b', 'a\u0001'])
  test(`Device ID ${JSON.stringify(bad)}`, () => {
    const found = inspectMosquitto([task('mosquitto_bridge', 'l', { ...lamp('l', ID).args, device_id: bad })]);
    assert.ok(found.some(({ rule }) => rule === 'device-id'));
  });

const wss = { port: 9001, protocol: 'websockets' };
const BROKERS: [name: string, more: Record<string, unknown>, said: string[], address?: string][] = [
  ['a port of 0', { listeners: [{ port: 0 }] }, ['error port cloud:listeners.0.port']],
  ['nobody admitted', { allow_anonymous: undefined }, ['error nobody-admitted cloud:listeners.0.port']],
  ['anonymous refused and no users', { allow_anonymous: false }, ['error nobody-admitted cloud:allow_anonymous']],
  ['loopback needs nobody', { allow_anonymous: undefined, listeners: [{ port: 1, address: '127.0.0.1' }] }, []],
  ['users are enough', { allow_anonymous: undefined, users: [{ name: 'a', password: 'b' }] }, []],
  [
    'certificates are enough',
    {
      allow_anonymous: undefined,
      listeners: [
        {
          port: 1,
          certfile: '/c',
          keyfile: '/k',
          cafile: '/a',
          require_certificate: true,
          use_identity_as_username: true,
        },
      ],
    },
    [],
  ],
  [
    'two on one port',
    { listeners: [{ port: 1 }, { port: 1, address: '10.0.0.1' }] },
    ['error duplicate-port cloud:listeners.1.port cloud:listeners.0.port'],
  ],
  [
    'two addresses',
    {
      listeners: [
        { port: 1, address: '127.0.0.1' },
        { port: 1, address: '10.0.0.1' },
      ],
    },
    [],
  ],
  [
    'two families',
    {
      listeners: [
        { port: 1, socket_domain: 'ipv4' },
        { port: 1, socket_domain: 'ipv6' },
      ],
    },
    [],
  ],
  [
    'websockets with an address',
    { listeners: [{ port: 1 }, { ...wss, address: '127.0.0.1' }] },
    ['error websockets-address cloud:listeners.1.address'],
  ],
  [
    'websockets with an address and its domain',
    { listeners: [{ port: 1 }, { ...wss, address: '127.0.0.1', socket_domain: 'ipv4' }] },
    [],
  ],
  ['nothing but websockets', { listeners: [wss] }, ['warning websockets-only cloud:listeners']],
  ['a certificate without a key', { listeners: [{ port: 1, certfile: '/c' }] }, ['error tls cloud:listeners.0']],
  [
    'certificates that nothing judges',
    { listeners: [{ port: 1, certfile: '/c', keyfile: '/k', require_certificate: true }] },
    ['error tls cloud:listeners.0.require_certificate'],
  ],
  ['a wrong topic in the ACL', { acl: { patterns: ['read a/#/b'] } }, ['error filter cloud:acl.patterns.0']],
  [
    'rights of nobody',
    { users: [{ name: 'a', password: 'b' }], acl: { users: [{ name: 'c', topics: ['#'] }] } },
    ['warning unknown-user cloud:acl.users.0.name'],
  ],
  [
    'a user twice',
    {
      ...CLOSED,
      users: [
        { name: 'a', password: 'b' },
        { name: 'a', password: 'c' },
      ],
    },
    ['error duplicate-user cloud:users.1.name'],
  ],
  ['a user with a colon', { ...CLOSED, users: [{ name: 'a:b', password: 'b' }] }, ['error value cloud:users.0.name']],
  ['an empty password', { ...CLOSED, users: [{ name: 'a', password: '' }] }, ['error value cloud:users.0.password']],
  ['anonymous on the internet', {}, ['warning anonymous-public cloud:listeners.0.port'], '3.4.5.6'],
  [
    'anonymous on a public address',
    { listeners: [{ port: 1, address: '3.4.5.6' }] },
    ['warning anonymous-public cloud:listeners.0.port'],
  ],
];
for (const [name, more, expected, address] of BROKERS)
  test(`broker: ${name}`, () => assert.equal(said(cloud(more, 'cloud', address)), expected));

test('two lamps with one client id', () => {
  assert.equal(said(lamp('lamp07', 'a'), lamp('lamp31', 'b', { remote_clientid: 'a_broker' })), [
    'error duplicate-clientid lamp31:remote_clientid lamp07:remote_clientid',
  ]);
  assert.equal(
    said(lamp('lamp07', 'a'), lamp('lamp31', 'b', { remote_clientid: 'a_broker', address: '10.9.9.9' })),
    [],
  );
});

test('two lamps with one Device ID', () => {
  const found = inspectMosquitto([
    lamp('lamp07', 'a'),
    lamp('lamp31', 'a', { remote_clientid: 'other', connection: 'other' }),
  ]);
  const first = found.find(({ rule }) => rule === 'duplicate-device-id');
  assert.is(first?.message, 'lamp07 and lamp31 have the same Device ID a: each would get what is meant for the other');
});

test('a connection twice on a host, and two bridges in one file', () => {
  const second = { remote_clientid: 'x', address: '10.1.1.1', device_id: undefined };
  assert.equal(said(lamp('l', 'a'), lamp('l', 'a', { ...second, file: 'second' })), [
    'error duplicate-connection l:connection l:connection',
  ]);
  assert.equal(said(lamp('l', 'a'), lamp('l', 'a', { ...second, connection: 'other' })), [
    'error same-file l:connection l:connection',
  ]);
});

test("another's Device ID in a prefix", () => {
  assert.equal(said(lamp('l1', 'a'), lamp('l2', 'b', { remote_prefix: 'devices/a/b/', ...topics(OUT) })), [
    'error foreign-id l2:remote_prefix l1:device_id',
  ]);
});

test('what one sends and another takes', () => {
  const none = { device_id: undefined, remote_prefix: undefined };
  const sends = lamp('l1', 'a', { ...none, ...topics({ pattern: 'all/x', direction: 'out' }) });
  const takes = lamp('l2', 'b', { ...none, ...topics({ pattern: 'all/#', direction: 'in' }) });
  assert.equal(said(sends, takes), ['warning cross-talk l1:topics.0 l2:topics']);
});

test('two brokers that bridge each other', () => {
  const none = { device_id: undefined, remote_prefix: undefined, ...topics({ pattern: 'loop/#', direction: 'both' }) };
  const a = task('mosquitto_bridge', 'a', { ...lamp('a', 'x', { ...none, address: '10.0.0.2' }).args }, '10.0.0.1');
  const b = task('mosquitto_bridge', 'b', { ...lamp('b', 'y', { ...none, address: '10.0.0.1' }).args }, '10.0.0.2');
  assert.ok(
    said(a, b).some((text) => text.startsWith('error loop')),
    said(a, b).join('\n'),
  );
});

test('a ring of three with remapping, and a chain that is none', () => {
  const hop = (host: string, address: string, to: string, from: string, into: string) =>
    task(
      'mosquitto_bridge',
      host,
      {
        ...lamp(host, host, {
          device_id: undefined,
          remote_prefix: into,
          local_prefix: from,
          address: to,
          ...topics({ pattern: '#', direction: 'out' }),
        }).args,
      },
      address,
    );
  const ring = [hop('a', 'A', 'B', 'x/', 'y/'), hop('b', 'B', 'C', 'y/', 'z/'), hop('c', 'C', 'A', 'z/', 'x/q/')];
  assert.equal(said(...ring).filter((text) => text.includes('loop')).length, 1);
  assert.equal(said(...ring.slice(0, 2)), []);
  const open = [ring[0]!, ring[1]!, hop('c', 'C', 'A', 'z/', 'w/')];
  assert.equal(said(...open), []);
});

const verify = (host: string, id: string, more = {}) =>
  task('mqtt_bridge_verify', host, { device_id: id, remote_clientid: `${id}_broker`, cloud: 'cloud', ...more });

test('notifications off while the state is verified', () => {
  assert.equal(said(lamp('l', 'a', { notifications: false }), verify('l', 'a')), [
    'error notifications-off l:notifications l:cloud',
  ]);
  assert.equal(said(lamp('l', 'a', { notifications_local_only: true }), verify('l', 'a')), [
    'error notifications-off l:notifications_local_only l:cloud',
  ]);
  assert.equal(said(lamp('l', 'a', { notifications: false })), []);
});

test('an ACL without the state', () => {
  const users = [
    { name: 'a', password: 'p' },
    { name: 'v', password: 'p' },
  ];
  const rights = [{ name: 'v', topics: ['#', 'read $SYS/#'] }];
  const own = lamp('l', 'a', { remote_username: 'a', remote_password: 'p' });
  const check = verify('l', 'a', { cloud_username: 'v' });
  const patterns = ['readwrite devices/%u/#'];
  assert.equal(said(cloud({ users, acl: { users: rights, patterns } }), own, check), [
    'error state-write cloud:acl l:remote_clientid',
  ]);
  const better = [...patterns, 'write $SYS/broker/connection/%c/state'];
  assert.equal(said(cloud({ users, acl: { users: rights, patterns: better } }), own, check), []);
  assert.equal(said(cloud({ users, acl: { users: [{ name: 'v', topics: ['#'] }], patterns: better } }), own, check), [
    'error state-read cloud:acl l:cloud_username',
  ]);
});

test('an ACL without the notification topic, and one for names from certificates', () => {
  const users = [
    { name: 'a', password: 'p' },
    { name: 'v', password: 'p' },
  ];
  const right = { name: 'v', topics: ['#', 'read $SYS/#'] };
  const own = (topic: string) =>
    lamp('l', 'a', { remote_username: 'a', remote_password: 'p', notification_topic: topic });
  const check = verify('l', 'a', { cloud_username: 'v' });
  const confined = (more = {}) =>
    cloud({ users, acl: { users: [right], patterns: ['readwrite devices/%u/#'] }, ...more });
  assert.equal(said(confined(), own('devices/a/status'), check), []);
  assert.equal(said(confined(), own('status/a'), check), ['error state-write cloud:acl l:remote_clientid']);
  const tls = {
    certfile: '/c',
    keyfile: '/k',
    cafile: '/a',
    require_certificate: true,
    use_identity_as_username: true,
  };
  const shown = { bridge_cafile: '/a', bridge_certfile: '/c', bridge_keyfile: '/k' };
  const certified = { listeners: [{ port: 50001, ...tls }], users: undefined };
  assert.equal(said(confined(certified), lamp('l', 'a', shown), verify('l', 'a')), []);
});

test('what is not known is taken for right', () => {
  const id = standIn('l', 'device_id');
  assert.equal(said(lamp('l', id)), []);
  const { port: _port, topics: _topics, ...rest } = lamp('l', id).args;
  assert.equal(said(task('mosquitto_bridge', 'l', rest, 'l', ['port', 'topics'])), []);
  assert.equal(
    said(task('mosquitto_broker', 'c', { listeners: [{ port: 1, protocol: 'mqtt' }] }, 'c', ['allow_anonymous'])),
    [],
  );
});

test('a thousand lamps with a user and rights each, in a moment', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `id${i}`);
  const broker = cloud({
    allow_anonymous: false,
    users: ids.map((name) => ({ name, password: name })),
    acl: { users: ids.map((name) => ({ name, topics: [`readwrite devices/${name}/#`] })) },
  });
  const street = ids.map((id, i) => lamp(`lamp${i}`, id, { remote_username: id, remote_password: id }));
  const started = performance.now();
  assert.equal(said(broker, ...street), []);
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`);
});

test('a thousand lamps in a moment', () => {
  const street = Array.from({ length: 1000 }, (_, i) => lamp(`lamp${i}`, `id${i}`));
  const started = performance.now();
  assert.equal(said(cloud(), ...street), []);
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`);
});

test('the seed has nothing to be said against', () => assert.equal(said(lamp('l', ID), cloud()), []));

test.run();
