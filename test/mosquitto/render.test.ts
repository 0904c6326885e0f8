import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { variantsOf } from '../../run/mosquitto/lines.ts';
import { aclFile, bridgeFile, brokerFile } from '../../run/mosquitto/render.ts';
import { bridge, bridgeText, broker, brokerText, ID } from './cases.ts';

const test = suite("Mosquitto's files");

test("the course's bridging.conf, byte for byte", () => {
  assert.is(
    bridgeText(),
    `connection ${ID}_broker
address 10.0.21.12:50001
remote_clientid ${ID}_broker
topic test1/+ out 1 "" devices/${ID}/
topic test2/+ in 1 "" devices/${ID}/
cleansession true
`,
  );
});

test("the course's port.conf, byte for byte, on the versions that admit everybody", () => {
  for (const version of [
    [1, 4],
    [1, 6],
  ] as const)
    assert.is(brokerText({}, version), 'listener 50001\n');
  assert.is(brokerText({}, [2, 0]), 'listener 50001\nallow_anonymous true\n');
  assert.is(brokerText({ allow_anonymous: false }, [1, 4]), 'listener 50001\nallow_anonymous false\n');
});

test('several listeners, users and limits, a paragraph each', () => {
  const text = brokerText(
    {
      listeners: [
        { port: 1883, address: '127.0.0.1' },
        {
          port: 8883,
          cafile: '/ca.pem',
          certfile: '/c.pem',
          keyfile: '/k.pem',
          require_certificate: true,
          tls_version: 'tlsv1.2',
        },
        { port: 9001, protocol: 'websockets', socket_domain: 'ipv4' },
      ],
      allow_anonymous: false,
      users: [{ name: 'a', password: 'b' }],
      acl: { patterns: ['read x'] },
      persistence: true,
      log_type: ['error', 'warning'],
      max_queued_messages: 5000,
    },
    [2, 0],
  );
  assert.is(
    text,
    `listener 1883 127.0.0.1

listener 8883
cafile /ca.pem
certfile /c.pem
keyfile /k.pem
require_certificate true
tls_version tlsv1.2

listener 9001
protocol websockets
socket_domain ipv4

allow_anonymous false
password_file /etc/mosquitto/passwords
acl_file /etc/mosquitto/acl

log_type error
log_type warning
persistence true
max_queued_messages 5000
`,
  );
});

test('every option of a bridge, in one order', () => {
  const text = bridgeText({
    addresses: [{ address: 'second', port: 1 }],
    local_prefix: 'here/',
    remote_username: 'u',
    remote_password: 'p',
    local_clientid: 'l',
    restart_timeout: [5, 30],
    notifications: true,
    keepalive_interval: 20,
    try_private: false,
    bridge_cafile: '/ca.pem',
    bridge_certfile: '/c.pem',
    bridge_keyfile: '/k.pem',
    bridge_insecure: false,
    bridge_protocol_version: 'mqttv50',
    start_type: 'automatic',
  });
  assert.is(
    text,
    `connection ${ID}_broker
addresses 10.0.21.12:50001 second:1
remote_clientid ${ID}_broker
remote_username u
remote_password p
local_clientid l
topic test1/+ out 1 here/ devices/${ID}/
topic test2/+ in 1 here/ devices/${ID}/
cleansession true
start_type automatic
keepalive_interval 20
restart_timeout 5 30
notifications true
try_private false
bridge_protocol_version mqttv50
bridge_cafile /ca.pem
bridge_certfile /c.pem
bridge_keyfile /k.pem
bridge_insecure false
`,
  );
});

test('an ACL reads like a hand-written one', () => {
  const { acl } = broker({
    acl: {
      anonymous: ['read public/#'],
      users: [{ name: 'lamp', topics: ['readwrite devices/lamp/#', { topic: 'news/#', access: 'read' }] }],
      patterns: ['write $SYS/broker/connection/%c/state', 'devices/%u/#'],
    },
  });
  assert.is(
    aclFile(acl!),
    `topic read public/#

user lamp
topic readwrite devices/lamp/#
topic read news/#

pattern write $SYS/broker/connection/%c/state
pattern readwrite devices/%u/#
`,
  );
});

test('a file that is the same everywhere has one variant', () => {
  assert.equal(
    variantsOf(() => bridgeFile(bridge())).map(({ from, refused }) => [from, refused]),
    [['1.4', '']],
  );
  assert.equal(
    variantsOf((version) => brokerFile(broker(), version)).map(({ from }) => from),
    ['1.4', '2.0'],
  );
});

/** An option, and what each release that does not know it is told. */
const NEWER: [Record<string, unknown>, [string, string][]][] = [
  [
    { bridge_bind_address: '10.0.0.1' },
    [
      ['1.4', 'bridge_bind_address (since 2.0)'],
      ['2.0', ''],
    ],
  ],
  [
    { notifications_local_only: true },
    [
      ['1.4', 'notifications_local_only (since 1.5)'],
      ['1.5', ''],
    ],
  ],
  [
    { bridge_alpn: 'mqtt' },
    [
      ['1.4', 'bridge_alpn (since 1.6)'],
      ['1.6', ''],
    ],
  ],
  [
    { bridge_protocol_version: 'mqttv50' },
    [
      ['1.4', 'bridge_protocol_version mqttv50 (since 2.0)'],
      ['2.0', ''],
    ],
  ],
  [
    { restart_timeout: [5, 30] },
    [
      ['1.4', 'restart_timeout 5 30 (since 1.6)'],
      ['1.6', ''],
    ],
  ],
  [{ restart_timeout: 5 }, [['1.4', '']]],
  [
    { bridge_reload_type: 'immediate', local_cleansession: true },
    [
      ['1.4', 'local_cleansession (since 2.0), bridge_reload_type (since 2.1)'],
      ['2.0', 'bridge_reload_type (since 2.1)'],
      ['2.1', ''],
    ],
  ],
];
for (const [more, expected] of NEWER)
  test(`refused by name and version: ${Object.keys(more).join(', ')}`, () => {
    assert.equal(
      variantsOf(() => bridgeFile(bridge(more))).map(({ from, refused }) => [from, refused]),
      expected,
    );
  });

/** The same of a broker's options. */
const NEWER_BROKER: [Record<string, unknown>, [string, string][]][] = [
  [
    { listeners: [{ port: 1, max_qos: 1, socket_domain: 'ipv4' }] },
    [
      ['1.4', 'socket_domain (since 1.5), max_qos (since 2.0)'],
      ['1.5', 'max_qos (since 2.0)'],
      ['2.0', ''],
    ],
  ],
  [
    { listeners: [{ port: 1, tls_version: 'tlsv1.3' }] },
    [
      ['1.4', 'tls_version tlsv1.3 (since 1.6)'],
      ['1.6', ''],
      ['2.0', ''],
    ],
  ],
  [
    { listeners: [{ port: 1, use_identity_as_username: true, certfile: '/c', keyfile: '/k', cafile: '/a' }] },
    [
      ['1.4', ''],
      ['2.0', ''],
    ],
  ],
  [
    { max_keepalive: 60, check_retain_source: true },
    [
      ['1.4', 'check_retain_source (since 1.5), max_keepalive (since 1.6)'],
      ['1.5', 'max_keepalive (since 1.6)'],
      ['1.6', ''],
      ['2.0', ''],
    ],
  ],
];
for (const [more, expected] of NEWER_BROKER)
  test(`a broker's, refused by name and version: ${JSON.stringify(more)}`, () => {
    assert.equal(
      variantsOf((version) => brokerFile(broker(more), version)).map(({ from, refused }) => [from, refused]),
      expected,
    );
  });

test('2.1 knows everything that can be said, in its file', () => {
  const newest = {
    bridge_ciphers: 'HIGH',
    bridge_receive_maximum: 10,
    bridge_reload_type: 'immediate',
    bridge_session_expiry_interval: 60,
    bridge_tls_use_os_certs: true,
  };
  const last = variantsOf(() => bridgeFile(bridge(newest))).at(-1);
  assert.is(last?.from, '2.1');
  assert.is(last?.refused, '');
  for (const [option, value] of Object.entries(newest))
    assert.ok(last?.text.includes(`\n${option} ${value}\n`), option);
});

for (const value of ['a b', 'a\nlistener 1', '#a', 'a\r', '\ta', ''])
  test(`no word of a line: ${JSON.stringify(value)}`, () => {
    assert.throws(() => bridge({ remote_username: value }), /the value/);
    assert.throws(() => bridge({ connection: value }), /the value/);
  });

test('a topic may begin with #, and hold no space', () => {
  assert.match(bridgeText({ topics: [{ pattern: '#' }] }), /^topic # out 1 ""/m);
  assert.throws(() => bridge({ topics: [{ pattern: 'a b' }] }), /a space/);
  assert.throws(() => bridge({ topics: [{ pattern: 'a\ntopic #' }] }), /line feed/);
});

test.run();
