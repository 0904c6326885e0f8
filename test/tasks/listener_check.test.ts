import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import listenerCheck from '../../tasks/listener_check.ts';
import { bareStep } from '../mqtt/bare-step.ts';
import { type Broker, Brokers, freePorts, HAS_MOSQUITTO } from '../mqtt/brokers.ts';

const Listener = suite('listener_check on a real broker');
const test = HAS_MOSQUITTO ? Listener : Listener.skip;
const brokers = new Brokers();
let open: Broker;
let locked: Broker;
let deadPort: number;

Listener.before(async () => {
  if (!HAS_MOSQUITTO) return;
  const [a, b, dead] = await freePorts(3);
  deadPort = dead!;
  open = await brokers.start('open', a!, [`listener ${a}`, 'allow_anonymous true']);
  locked = await brokers.start('locked', b!, [`listener ${b} 127.0.0.1`]);
});
Listener.after(() => brokers.stop());

test("a port of the service's own process is fine", async () => {
  const { rc, out } = await bareStep(listenerCheck, { port: open.port, service: 'x', pid_file: open.pidFile });
  assert.is(rc, 0, out);
  assert.match(out, /ret main_pid \d+/);
  assert.match(out, /ret stale $/m);
});

test('another process on it, or on a former port, is named', async () => {
  const elsewhere = await bareStep(listenerCheck, {
    port: open.port,
    service: 'x',
    pid_file: locked.pidFile,
    timeout: 0,
  });
  assert.match(
    elsewhere.out,
    new RegExp(`fail port ${open.port} belongs to another process: mosquitto, pid \\d+; x's own is pid \\d+`),
  );
  const former = { port: open.port, former_ports: [locked.port], service: 'x', pid_file: open.pidFile, timeout: 0 };
  assert.match(
    (await bareStep(listenerCheck, former)).out,
    new RegExp(`fail port ${locked.port} belongs to another process`),
  );
});

test('IPv4 alone is not enough, unless that is wanted', async () => {
  const args = { port: locked.port, service: 'x', pid_file: locked.pidFile, timeout: 0 };
  assert.match((await bareStep(listenerCheck, args)).out, /fail nothing listens on port \d+ over IPv6/);
  assert.is((await bareStep(listenerCheck, { ...args, ipv6: false })).rc, 0);
});

test('a port that opens late is waited for; in check mode it is unknown', async () => {
  const args = { port: deadPort, service: 'x', pid_file: open.pidFile };
  assert.match((await bareStep(listenerCheck, args, true)).out, /unknown nothing listens on port \d+ now/);
  const late = bareStep(listenerCheck, { ...args, pid_file: brokers.paths('late', deadPort).pidFile, timeout: 8 });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await brokers.start('late', deadPort, [`listener ${deadPort}`, 'allow_anonymous true']);
  const { rc, out } = await late;
  assert.is(rc, 0, out);
});

test('the result tells listeners and stale processes apart', () => {
  const fields = {
    main_pid: '7',
    listeners: '0.0.0.0 1883 9 mosquitto\n[::] 50001 7 mosquitto',
    stale: '0.0.0.0 1883 9 mosquitto',
    msg: 'm',
  };
  const reply = {
    status: 'failed' as const,
    rc: 1,
    fields,
    diffs: [],
    warnings: [],
    stdout: '',
    stderr: '',
    seconds: 0,
  };
  const result = listenerCheck.result!(reply, listenerCheck.args.parse({ port: 50001 }), {} as never);
  assert.is(result.main_pid, 7);
  assert.is((result.listeners as unknown[]).length, 2);
  assert.equal(result.stale, [{ address: '0.0.0.0', port: 1883, pid: 9, name: 'mosquitto' }]);
  assert.is(result.msg, 'm');
});

Listener.run();
