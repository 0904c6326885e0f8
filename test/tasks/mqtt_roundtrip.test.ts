import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sh } from '../../run/shell/quote.ts';
import type { TaskContext } from '../../run/task.ts';
import listenerCheck from '../../tasks/listener_check.ts';
import mqttRoundtrip from '../../tasks/mqtt_roundtrip.ts';
import { type Broker, Brokers, freePorts, HAS_MOSQUITTO } from '../mqtt/brokers.ts';
import { localHost } from '../mqtt/local-host.ts';

/** What of the runtime these two steps use. */
const RUNTIME = sh`
  ll_ret() { printf 'ret %s %s\n' "$1" "$2"; }
  ll_fail() { printf 'fail %s\n' "$1"; exit 1; }
  ll_unknown() { printf 'unknown %s\n' "$1"; exit 0; }
  ll_temp() { ll_tmp=$(mktemp); }`;

const Brokered = suite('mqtt_roundtrip and listener_check on a real broker');
const test = HAS_MOSQUITTO ? Brokered : Brokered.skip;
const brokers = new Brokers();
let open: Broker;
let locked: Broker;
let silent: Broker;
let deadPort: number;

Brokered.before(async () => {
  if (!HAS_MOSQUITTO) return;
  const [a, b, c, dead] = await freePorts(4);
  deadPort = dead!;
  open = await brokers.start('open', a!, [`listener ${a}`, 'allow_anonymous true']);
  const passwords = brokers.file('passwords', '');
  execFileSync('mosquitto_passwd', ['-b', passwords, 'user', "it's secret"]);
  locked = await brokers.start('locked', b!, [
    `listener ${b} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
  ]);
  const acl = brokers.file('acl', 'topic write lamp/#\n');
  silent = await brokers.start('silent', c!, [`listener ${c}`, 'allow_anonymous true', `acl_file ${acl}`]);
});
Brokered.after(() => brokers.stop());

async function step(
  module: typeof listenerCheck | typeof mqttRoundtrip,
  args: Record<string, unknown>,
  check = false,
): Promise<{ rc: number; out: string }> {
  const parsed = module.args.parse(args) as never;
  const body = await module.step!(parsed, {} as TaskContext);
  const reply = await localHost('x').run(sh`${RUNTIME}
    ll_check=${check ? '1' : ''}
    ( ${body!} )`);
  return { rc: reply.rc, out: reply.stdout };
}

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
  assert.is((await step(mqttRoundtrip, { port: open.port, from: 'clients' })).rc, 0);
  const login = { username: 'user', password: "it's secret" };
  assert.is((await step(mqttRoundtrip, { port: locked.port, from: 'clients', ...login })).rc, 0);
  const refused = await step(mqttRoundtrip, { port: locked.port, from: 'clients', timeout: 1 });
  assert.match(refused.out, /^fail 127\.0\.0\.1:\d+: .*not authori[sz]ed/im);
  assert.match(
    (await step(mqttRoundtrip, { port: deadPort, from: 'clients', timeout: 1 })).out,
    /fail .*Connection refused/,
  );
  assert.match(
    (await step(mqttRoundtrip, { port: silent.port, from: 'clients', timeout: 1 })).out,
    /fail .*did not deliver/,
  );
});

test("a port of the service's own process is fine", async () => {
  const { rc, out } = await step(listenerCheck, { port: open.port, service: 'x', pid_file: open.pidFile });
  assert.is(rc, 0, out);
  assert.match(out, /ret main_pid \d+/);
  assert.match(out, /ret stale $/m);
});

test('another process on it, or on a former port, is named', async () => {
  const elsewhere = await step(listenerCheck, { port: open.port, service: 'x', pid_file: locked.pidFile, timeout: 0 });
  assert.match(
    elsewhere.out,
    new RegExp(`fail port ${open.port} belongs to another process: mosquitto, pid \\d+; x's own is pid \\d+`),
  );
  const former = { port: open.port, former_ports: [locked.port], service: 'x', pid_file: open.pidFile, timeout: 0 };
  assert.match(
    (await step(listenerCheck, former)).out,
    new RegExp(`fail port ${locked.port} belongs to another process`),
  );
});

test('IPv4 alone is not enough, unless that is wanted', async () => {
  const args = { port: locked.port, service: 'x', pid_file: locked.pidFile, timeout: 0 };
  assert.match((await step(listenerCheck, args)).out, /fail nothing listens on port \d+ over IPv6/);
  assert.is((await step(listenerCheck, { ...args, ipv6: false })).rc, 0);
});

test('a port that opens late is waited for; in check mode it is unknown', async () => {
  const args = { port: deadPort, service: 'x', pid_file: open.pidFile };
  assert.match((await step(listenerCheck, args, true)).out, /unknown nothing listens on port \d+ now/);
  const late = step(listenerCheck, { ...args, pid_file: brokers.paths('late', deadPort).pidFile, timeout: 8 });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await brokers.start('late', deadPort, [`listener ${deadPort}`, 'allow_anonymous true']);
  const { rc, out } = await late;
  assert.is(rc, 0, out);
});

Brokered.run();
