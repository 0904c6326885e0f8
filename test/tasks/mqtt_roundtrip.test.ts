import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import mqttRoundtrip from '../../tasks/mqtt_roundtrip.ts';
import { bareStep } from '../mqtt/bare-step.ts';
import { type Broker, Brokers, freePorts, HAS_MOSQUITTO } from '../mqtt/brokers.ts';
import { testCertificates } from '../mqtt/certificates.ts';
import { localHost } from '../mqtt/local-host.ts';

const Brokered = suite('mqtt_roundtrip on a real broker');
const test = HAS_MOSQUITTO ? Brokered : Brokered.skip;
const brokers = new Brokers();
let open: Broker;
let locked: Broker;
let silent: Broker;
let deadPort: number;
let secure: Broker;
let files: ReturnType<typeof testCertificates>;

Brokered.before(async () => {
  if (!HAS_MOSQUITTO) return;
  const [a, b, c, dead, tls] = await freePorts(5);
  deadPort = dead!;
  open = await brokers.start('open', a!, [`listener ${a}`, 'allow_anonymous true']);
  const passwords = brokers.file('passwords', '');
  execFileSync('mosquitto_passwd', ['-b', passwords, 'user', "it's secret"]);
  locked = await brokers.start('locked', b!, [
    `listener ${b} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
  ]);
  files = testCertificates();
  secure = await brokers.start('secure', tls!, [
    `listener ${tls}`,
    'allow_anonymous true',
    `cafile ${files.ca}`,
    `certfile ${files.brokerCert}`,
    `keyfile ${files.brokerKey}`,
    'require_certificate true',
  ]);
  const acl = brokers.file('acl', 'topic write lamp/#\n');
  silent = await brokers.start('silent', c!, [`listener ${c}`, 'allow_anonymous true', `acl_file ${acl}`]);
});
Brokered.after(() => {
  files?.remove();
  return brokers.stop();
});

const roundtrip = (args: Record<string, unknown>) =>
  mqttRoundtrip.action!(mqttRoundtrip.args.parse({ timeout: 2, ...args }), localHost('x'));

for (const from of ['host', 'controller'] as const)
  test(`a round trip from the ${from}`, async () => {
    const result = await roundtrip({ port: open.port, from });
    assert.is(result.failed, undefined, String(result.msg));
    assert.ok(Number(result.latency_ms) > 0);
    assert.match(String(result.summary), /delivered in [\d.]+ ms/);
  });

test('every QoS', async () => {
  for (const qos of [0, 1, 2]) assert.is((await roundtrip({ port: open.port, qos })).failed, undefined);
});

test('a broker that is away, refuses, or swallows', async () => {
  assert.match(String((await roundtrip({ port: deadPort })).msg), /ECONNREFUSED/);
  assert.match(String((await roundtrip({ port: locked.port })).msg), /not authorized/);
  const wrong = await roundtrip({ port: locked.port, username: 'user', password: 'wrong' });
  assert.match(String(wrong.msg), /not authorized/);
  assert.match(String((await roundtrip({ port: silent.port })).msg), /did not deliver it within 2 s/);
});

test('a user and a password', async () => {
  const result = await roundtrip({ port: locked.port, username: 'user', password: "it's secret" });
  assert.is(result.failed, undefined, String(result.msg));
});

test("the host's own clients do it in one step", async () => {
  assert.is((await bareStep(mqttRoundtrip, { port: open.port, from: 'clients' })).rc, 0);
  const login = { username: 'user', password: "it's secret" };
  assert.is((await bareStep(mqttRoundtrip, { port: locked.port, from: 'clients', ...login })).rc, 0);
  const refused = await bareStep(mqttRoundtrip, { port: locked.port, from: 'clients', timeout: 1 });
  assert.match(refused.out, /^fail 127\.0\.0\.1:\d+: .*not authori[sz]ed/im);
  assert.match(
    (await bareStep(mqttRoundtrip, { port: deadPort, from: 'clients', timeout: 1 })).out,
    /fail .*Connection refused/,
  );
  assert.match(
    (await bareStep(mqttRoundtrip, { port: silent.port, from: 'clients', timeout: 1 })).out,
    /fail .*did not deliver/,
  );
});

for (const from of ['host', 'controller'])
  test(`TLS with certificates of both ends, from the ${from}`, async () => {
    const { ca, clientCert: cert, clientKey: key, otherCa } = files;
    const well = await roundtrip({ port: secure.port, from, ca, cert, key });
    assert.is(well.failed, undefined, String(well.msg));
    const foreign = await roundtrip({ port: secure.port, from, ca: otherCa, cert, key });
    assert.match(String(foreign.msg), /TLS with the broker failed/);
    assert.is((await roundtrip({ port: secure.port, from, ca: otherCa, cert, key, insecure: true })).failed, undefined);
    const name = await roundtrip({ port: secure.port, from, ca, cert, key, server_name: 'elsewhere' });
    assert.match(String(name.msg), /TLS with the broker failed: .*elsewhere/s);
    const bare = await roundtrip({ port: secure.port, from, ca });
    assert.match(String(bare.msg), /TLS with the broker failed: .*certificate required/s);
  });

test('TLS needs our own client, and a certificate its key', () => {
  assert.throws(() => mqttRoundtrip.args.parse({ from: 'clients', ca: 'x' }), /without TLS/);
  assert.throws(() => mqttRoundtrip.args.parse({ cert: 'x' }), /need each other/);
});

Brokered.run();
