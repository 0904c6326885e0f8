import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../run/mosquitto/passwords.ts';
import type { CheckName } from '../../run/mqtt/checks/check.ts';
import { type Verification, verifyBridge } from '../../run/mqtt/verify.ts';
import { sh } from '../../run/shell/script.ts';
import type { TaskResult } from '../../run/task.ts';
import { Brokers, freePorts, HAS_MOSQUITTO } from './brokers.ts';
import { testCertificates } from './certificates.ts';
import { type LocalHostOptions, localHost } from './local-host.ts';

/*
 * The further checks of a bridge against real brokers: each finds what it should, and is content where all is well.
 */

const Checks = suite('checks of a bridge against real brokers');
const test = HAS_MOSQUITTO ? Checks : Checks.skip;

const ID = 'b827eb000001';
const ACL = [
  'user verify',
  'topic readwrite #',
  'topic read $SYS/#',
  `pattern readwrite devices/%u/#`,
  `pattern write $SYS/broker/connection/%c/state`,
];

interface Options {
  /** Of the cloud, below its listener. */
  cloud?: string[];
  acl?: string[];
  users?: string[];
  /** Keys by their identities. */
  psks?: Record<string, string>;
  /** Of the bridge, below its topics. */
  bridge?: string[];
  verify?: Partial<Verification>;
  /** In systemd's place: ends and starts the cloud's broker, or refuses to. */
  services?: 'obliging' | 'refusing';
}

/** A cloud and a lamp with a bridge, and these checks of it. */
async function verified(checks: CheckName[], options: Options = {}, host: LocalHostOptions = {}): Promise<TaskResult> {
  const brokers = new Brokers();
  try {
    const [cloudPort, lampPort] = (await freePorts(2)) as [number, number];
    const { acl, psks, users = [] } = options;
    const keys = Object.entries(psks ?? {}).map(([identity, key]) => `${identity}:${key}\n`);
    const hashes = await Promise.all(
      users.map(async (name) => `${name}:${await hashOf(`${name}-password`, [2, 0])}\n`),
    );
    const cloud = await brokers.start('cloud', cloudPort, [
      `listener ${cloudPort}`,
      ...(users.length > 0 ? [`password_file ${brokers.file('passwords', hashes.join(''))}`] : []),
      ...(psks ? [`psk_file ${brokers.file('psk', keys.join(''))}`] : []),
      ...(acl ? [`acl_file ${brokers.file('acl', `${acl.join('\n')}\n`)}`] : []),
      ...(options.cloud ?? ['allow_anonymous true']),
    ]);
    const lamp = await brokers.start('lamp', lampPort, [
      `listener ${lampPort} 127.0.0.1`,
      'allow_anonymous true',
      `connection ${ID}_broker`,
      `address 127.0.0.1:${cloudPort}`,
      `remote_clientid ${ID}_broker`,
      `topic test1/+ out 1 "" devices/${ID}/`,
      `topic test2/+ in 1 "" devices/${ID}/`,
      'cleansession false',
      ...(options.bridge ?? []),
    ]);
    const login = { username: undefined, password: undefined };
    const cloudHost = localHost('cloud', host);
    const { run } = cloudHost;
    if (options.services)
      cloudHost.run = async (body, settings) => {
        if (!body.text.includes('systemctl start')) return run(body, settings);
        if (options.services === 'refusing') return run(sh`echo 'Access denied' >&2; return 1`);
        await (body.text.includes('systemd-run') ? brokers.end('cloud') : brokers.launch(cloud));
        return run(sh`true`);
      };
    return await verifyBridge(localHost('lamp01', host), cloudHost, {
      bridge: {
        lampName: 'lamp01',
        cloudName: 'cloud',
        deviceId: ID,
        clientId: `${ID}_broker`,
        remotePrefix: `devices/${ID}/`,
        otherDeviceId: 'b827ebffffff',
        outTopic: 'test1',
        inTopic: 'test2',
        localPort: lampPort,
        cloudAddress: '127.0.0.1',
        cloudPort,
        cloudUsername: options.verify?.cloudLogin?.username,
      },
      localAddress: '127.0.0.1',
      lampLogin: login,
      cloudLogin: login,
      stateSeconds: 10,
      messageSeconds: 3,
      stableSeconds: 0.2,
      places: {
        lamp: { service: 'no-such-unit', config: lamp.config },
        cloud: { service: 'no-such-unit', config: cloud.config },
      },
      checks,
      messages: 100,
      ...options.verify,
    });
  } finally {
    await brokers.stop();
  }
}

/** Users, rights, and logins of both. */
const CLOSED: Options = {
  cloud: ['allow_anonymous false'],
  acl: ACL,
  users: ['verify', ID],
  bridge: [`remote_username ${ID}`, `remote_password ${ID}-password`],
  verify: { cloudLogin: { username: 'verify', password: 'verify-password' } },
};

test('a closed cloud passes them all', async () => {
  const result = await verified(['bridge', 'stream', 'retained', 'will', 'isolation', 'refusal'], CLOSED);
  assert.is(result.failed, undefined, String(result.msg));
  assert.is(result.changed, false);
  assert.equal(result.refused, ['a client without a name', 'the user verify with a wrong password']);
  const { out, in: into } = result.stream as Record<'out' | 'in', Record<string, number>>;
  for (const flow of [out, into]) {
    assert.equal([flow!.sent, flow!.received, flow!.lost, flow!.doubled], [100, 100, 0, 0]);
    assert.ok(flow!.median_ms! > 0 && flow!.median_ms! <= flow!.p95_ms! && flow!.p95_ms! <= flow!.max_ms!);
  }
});

/** One check, what is wrong, and what it says. */
const FAILURES: [name: string, check: CheckName, options: Options, cause: string, words: RegExp][] = [
  ['no rights at all', 'isolation', {}, 'acl-missing', /devices\/b827ebffffff\/test1/],
  [
    'rights to everything',
    'isolation',
    { ...CLOSED, acl: [...ACL, `user ${ID}`, 'topic readwrite devices/#'] },
    'acl-too-wide',
    /written[\s\S]*topic readwrite devices\/#/,
  ],
  [
    "a right to read others' topics",
    'isolation',
    { ...CLOSED, acl: [...ACL, 'pattern read devices/+/test2/#'] },
    'acl-too-wide',
    /read[\s\S]*pattern read devices\/\+\/test2\/#/,
  ],
  ['everybody admitted', 'refusal', {}, 'stranger-admitted', /a client without a name[\s\S]*allow_anonymous true/],
  [
    'users, and everybody else',
    'refusal',
    { ...CLOSED, cloud: ['allow_anonymous true'] },
    'stranger-admitted',
    /a client without a name/,
  ],
  [
    'no retained messages',
    'retained',
    { bridge: ['bridge_outgoing_retain false'] },
    'not-retained',
    /is not kept on cloud/,
  ],
];
for (const [name, check, options, cause, words] of FAILURES)
  test(`${check}: ${name}`, async () => {
    const result = await verified([check], options);
    assert.is(result.failed, true, JSON.stringify(result));
    assert.equal([result.leg, result.cause], [check, cause], String(result.msg));
    assert.match(String(result.msg), words);
    assert.ok(result.hint);
  });

test('certificates: the lamp is its own, strangers of every kind stay outside', async () => {
  const certificates = testCertificates();
  try {
    const { ca, brokerCert, brokerKey, clientCert, clientKey } = certificates;
    const pem = (path: string) => readFileSync(path, 'utf8');
    const tls = { ca: pem(ca), cert: pem(clientCert), key: pem(clientKey), insecure: false, name: '127.0.0.1' };
    const options: Options = {
      cloud: [
        `cafile ${ca}`,
        `certfile ${brokerCert}`,
        `keyfile ${brokerKey}`,
        'require_certificate true',
        'use_identity_as_username true',
        'allow_anonymous false',
      ],
      bridge: [`bridge_cafile ${ca}`, `bridge_certfile ${clientCert}`, `bridge_keyfile ${clientKey}`],
      verify: { cloudLogin: { username: undefined, password: undefined, tls } },
    };
    const proven = await verified(['bridge', 'refusal'], options);
    assert.is(proven.failed, undefined, String(proven.msg));
    assert.equal(proven.refused, [
      'a client without a name',
      'a client without TLS',
      `a certificate for ${ID} of another authority`,
    ]);
    const anybody = {
      ...options,
      cloud: options.cloud!.map((line) =>
        line
          .replace('require_certificate true', 'require_certificate false')
          .replace('use_identity_as_username true', 'use_identity_as_username false')
          .replace('allow_anonymous false', 'allow_anonymous true'),
      ),
    };
    const open = await verified(['refusal'], anybody);
    assert.equal([open.leg, open.cause], ['refusal', 'stranger-admitted'], String(open.msg));
    const wide = await verified(['isolation'], options);
    assert.equal([wide.leg, wide.cause], ['isolation', 'acl-missing'], String(wide.msg));
  } finally {
    certificates.remove();
  }
});

test('pre-shared keys: the lamp is who its key says, and is kept to its topics', async () => {
  const KEYS = { [ID]: 'a1b2c3d4e5f60718', verify: '0f1e2d3c4b5a6978' };
  const psk = (identity: keyof typeof KEYS, key = KEYS[identity]!) => ({
    username: undefined,
    password: undefined,
    tls: { psk: { identity, key }, insecure: false, name: '127.0.0.1' },
  });
  const options: Options = {
    acl: ACL,
    psks: KEYS,
    cloud: ['psk_hint cloud', 'use_identity_as_username true', 'allow_anonymous false'],
    bridge: [`bridge_identity ${ID}`, `bridge_psk ${KEYS[ID]}`],
    verify: { cloudLogin: psk('verify') },
  };
  const proven = await verified(['bridge', 'isolation', 'refusal'], options);
  assert.is(proven.failed, undefined, String(proven.msg));
  assert.equal(proven.checks, ['bridge', 'isolation', 'refusal']);
  assert.equal(proven.refused, [
    'a client without a name',
    'a client without TLS',
    'a client with a key that is not of verify',
  ]);
  const wide = await verified(['isolation'], { ...options, acl: [...ACL, `user ${ID}`, 'topic readwrite devices/#'] });
  assert.equal([wide.leg, wide.cause], ['isolation', 'acl-too-wide'], String(wide.msg));
  assert.match(String(wide.msg), `the user ${ID}`);
  const wrong = await verified(['bridge'], { ...options, verify: { cloudLogin: psk('verify', 'ffff') } });
  assert.is(wrong.leg, 'cloud broker', String(wrong.msg));
});

test('messages in a stream that nobody takes are counted as lost', async () => {
  const brokenTopic = ['connection second', 'address 127.0.0.1:1', 'topic x out'];
  const result = await verified(['stream'], {
    bridge: brokenTopic,
    acl: [
      'topic read #',
      'topic write devices/+/test2/#',
      'topic read $SYS/#',
      'pattern write $SYS/broker/connection/%c/state',
    ],
    verify: { messageSeconds: 1 },
  });
  assert.equal([result.failed, result.leg], [true, 'stream'], String(result.msg));
  assert.match(String(result.msg), /100 of 100 messages out were lost/);
  assert.is(result.cause, 'acl-topic', String(result.msg));
});

test('what needs a client of our own is not made without one, and that is said', async () => {
  const result = await verified(['bridge', 'refusal', 'will'], {}, { forwardingForbidden: true });
  assert.is(result.failed, undefined, String(result.msg));
  assert.equal(result.checks, ['bridge']);
  assert.is(result.warnings?.length, 2);
  assert.match(String(result.warnings), /"refusal" was not made: .*AllowTcpForwarding/);
});

test('an outage that costs messages for no known reason is told with what was lost', async () => {
  const result = await verified(['outage'], {
    services: 'obliging',
    cloud: ['allow_anonymous true', 'persistence true', 'persistence_location /nonexistent/'],
    bridge: ['restart_timeout 1', 'max_queued_messages 5'],
    verify: { stateSeconds: 3, messageSeconds: 1 },
  });
  assert.equal([result.failed, result.leg], [true, 'outage'], JSON.stringify(result));
  assert.match(String(result.saw), /\d+ of 50 messages out .*were lost in an outage of cloud/);
  assert.is((result.outage as { sent: number }).sent, 50);
});

test('an outage that cannot be begun tells why, and one that was not made changes nothing', async () => {
  const message = await verified(['outage'], { services: 'refusing' }).then(
    () => '',
    (error: Error) => error.message,
  );
  assert.match(message, /^could not stop no-such-unit: Access denied/);
  const result = await verified(['outage'], {}, { forwardingForbidden: true });
  assert.equal([result.changed, result.checks], [false, []], String(result.msg));
});

Checks.run();
