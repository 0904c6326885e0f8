import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Verification, verifyBridge } from '../../run/mqtt/verify.ts';
import type { TaskResult } from '../../run/task.ts';
import { type Broker, Brokers, freePorts, HAS_MOSQUITTO, logOf } from './brokers.ts';
import { type LocalHostOptions, localHost } from './local-host.ts';

const ID = 'b827eb000001';
const PREFIX = `devices/${ID}/`;

/** A cloud's broker, a lamp's with a bridge between them, and room for what goes wrong. */
class Street {
  readonly brokers = new Brokers();
  cloud!: Broker;
  lamp!: Broker;
  /** Nothing listens here. */
  deadPort!: number;
  sparePort!: number;

  static async lay(): Promise<Street> {
    const street = new Street();
    const [cloudPort, lampPort, deadPort, sparePort] = await freePorts(4);
    street.cloud = street.brokers.paths('cloud', cloudPort!);
    street.lamp = street.brokers.paths('lamp', lampPort!);
    street.deadPort = deadPort!;
    street.sparePort = sparePort!;
    await street.startCloud();
    await street.startLamp();
    return street;
  }

  async startCloud(lines = ['allow_anonymous true']): Promise<void> {
    await this.brokers.start('cloud', this.cloud.port, [`listener ${this.cloud.port}`, ...lines]);
  }

  async startLamp(bridge = this.bridge()): Promise<void> {
    await this.brokers.start('lamp', this.lamp.port, this.lampLines(bridge));
  }

  /** Waits until the cloud has the lamp's subscriptions. */
  async connected(): Promise<void> {
    for (let tries = 0; !logOf(this.cloud).includes(`as ${ID}_broker`); tries++) {
      if (tries > 100) throw new Error('the bridge did not connect');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  lampLines(bridge: string[], port = this.lamp.port): string[] {
    return [`listener ${port} 127.0.0.1`, 'allow_anonymous true', ...bridge];
  }

  bridge(changes: { port?: number; topics?: string[]; cleansession?: boolean; more?: string[] } = {}): string[] {
    const { port = this.cloud.port, topics, cleansession = true, more = [] } = changes;
    return [
      `connection ${ID}_broker`,
      `address 127.0.0.1:${port}`,
      `remote_clientid ${ID}_broker`,
      ...(topics ?? [`topic test1/+ out 1 "" ${PREFIX}`, `topic test2/+ in 1 "" ${PREFIX}`]),
      `cleansession ${cleansession}`,
      ...more,
    ];
  }

  verify(changes: Partial<Verification> = {}, host: LocalHostOptions = {}): Promise<TaskResult> {
    return verifyBridge(localHost('lamp01', host), localHost('cloud', host), {
      bridge: {
        lampName: 'lamp01',
        cloudName: 'cloud',
        deviceId: ID,
        clientId: `${ID}_broker`,
        remotePrefix: PREFIX,
        otherDeviceId: 'b827ebffffff',
        outTopic: 'test1',
        inTopic: 'test2',
        localPort: this.lamp.port,
        cloudAddress: '127.0.0.1',
        cloudPort: this.cloud.port,
        cloudUsername: changes.cloudLogin?.username,
      },
      localAddress: '127.0.0.1',
      lampLogin: { username: undefined, password: undefined },
      cloudLogin: { username: undefined, password: undefined },
      stateSeconds: 12,
      messageSeconds: 2,
      stableSeconds: undefined,
      checks: ['bridge'],
      messages: 100,
      places: {
        lamp: { service: 'no-such-unit', config: this.lamp.config },
        cloud: { service: 'no-such-unit', config: this.cloud.config },
      },
      ...changes,
    });
  }
}

const Bridge = suite('bridge verification against real brokers');

/** All streets live at the same time: most of a verification that fails is waiting. */
const lives: { start: () => Promise<void>; end?: Promise<void> }[] = [];

Bridge.before(() => {
  for (const life of lives) {
    life.end = life.start();
    life.end.catch(() => undefined);
  }
});

function onStreet(name: string, body: (street: Street) => Promise<void>): void {
  const life: (typeof lives)[number] = {
    start: async () => {
      const street = await Street.lay();
      try {
        await body(street);
      } finally {
        await street.brokers.stop();
      }
    },
  };
  if (HAS_MOSQUITTO) lives.push(life);
  (HAS_MOSQUITTO ? Bridge : Bridge.skip)(name, () => life.end);
}

/** The verification fails at this leg with this cause, and its message says both and holds these words. */
function assertFailed(result: TaskResult, leg: string, cause: string, ...words: string[]): void {
  assert.is(result.failed, true, JSON.stringify(result));
  assert.equal({ leg: result.leg, cause: result.cause }, { leg, cause }, String(result.msg));
  for (const word of [`"${leg}"`, cause, ...words])
    assert.ok(String(result.msg).includes(word), `${word}: ${result.msg}`);
}

onStreet('a good bridge is proven, with latencies', async (street) => {
  const result = await street.verify({ stableSeconds: 0.5 });
  assert.is(result.failed, undefined, String(result.msg));
  const { out, in: incoming } = result as unknown as Record<'out' | 'in', { latency_ms: number; copies: number }>;
  assert.ok(out.latency_ms > 0 && out.latency_ms < 2000);
  assert.ok(incoming.latency_ms > 0 && incoming.latency_ms < 2000);
  assert.equal([out.copies, incoming.copies], [1, 1]);
  assert.equal(result.other_device, 'kept out');
  assert.equal(result.states, { lamp: '1', cloud: '1' });
  assert.match(
    String(result.summary),
    /^out [\d.]+ ms, in [\d.]+ ms, other device kept out, once each, state 1 for \d+ s$/,
  );
});

onStreet("where forwarding is forbidden the brokers' own clients do it", async (street) => {
  const result = await street.verify({ stableSeconds: 0.5 }, { forwardingForbidden: true });
  assert.is(result.failed, undefined, String(result.msg));
  assert.match(JSON.stringify(result.carriers), /mosquitto_pub and mosquitto_sub on lamp01/);
});

onStreet('a wrong port in the bridge', async (street) => {
  await street.startLamp(street.bridge({ port: street.deadPort }));
  assertFailed(
    await street.verify(),
    'state',
    'bridge-wrong-port',
    `127.0.0.1:${street.deadPort}`,
    `${street.cloud.port}`,
  );
});

onStreet('two lamps with one remote_clientid', async (street) => {
  const { brokers, sparePort } = street;
  await brokers.start('lamp02', sparePort, street.lampLines(street.bridge(), sparePort));
  const result = await street.verify();
  assert.is(result.cause, 'duplicate-client-id', String(result.msg));
  assert.ok(String(result.msg).includes(`${ID}_broker`));
});

onStreet('a prefix without its slash', async (street) => {
  const glued = PREFIX.slice(0, -1);
  await street.startLamp(
    street.bridge({ topics: [`topic test1/+ out 1 "" ${glued}`, `topic test2/+ in 1 "" ${glued}`] }),
  );
  assertFailed(
    await street.verify(),
    'out',
    'prefix-without-slash',
    `devices/${ID}test1/`,
    `Write the prefix as ${PREFIX}`,
  );
});

onStreet("another process on the lamp's port", async (street) => {
  const { brokers, lamp } = street;
  // The old process, from before there was a bridge, serves the port; the service's own is another one.
  await street.startLamp([]);
  const own = await brokers.start('own', street.sparePort, [`listener ${street.sparePort} 127.0.0.1`]);
  brokers.configure(lamp, street.lampLines(street.bridge()));
  copyFileSync(own.pidFile, lamp.pidFile);
  const result = await street.verify();
  assert.is(result.cause, 'stale-process', String(result.msg));
  assert.match(String(result.msg), new RegExp(`on lamp01 .* port ${lamp.port}: mosquitto, pid \\d+`));
});

onStreet('the cloud stopped', async (street) => {
  await street.brokers.end('cloud');
  assertFailed(await street.verify(), 'cloud broker', 'broker-stopped', 'not running on cloud');
});

onStreet('an ACL without the write of the state', async (street) => {
  const acl = street.brokers.file('acl', 'topic read $SYS/#\ntopic readwrite devices/#\n');
  await street.startCloud(['allow_anonymous true', `acl_file ${acl}`]);
  await street.startLamp();
  assertFailed(
    await street.verify(),
    'state',
    'acl-state-write',
    'pattern write $SYS/broker/connection/%c/state',
    'messages do cross',
  );
});

onStreet('an ACL without the reading of $SYS', async (street) => {
  const acl = street.brokers.file('acl', 'topic readwrite devices/#\npattern write $SYS/broker/connection/%c/state\n');
  await street.startCloud(['allow_anonymous true', `acl_file ${acl}`]);
  await street.startLamp();
  assertFailed(await street.verify(), 'state', 'acl-sys-read', 'topic read $SYS/#');
});

onStreet('an ACL that swallows the messages', async (street) => {
  const acl = street.brokers.file(
    'acl',
    'topic read $SYS/#\ntopic read devices/#\npattern write $SYS/broker/connection/%c/state\n',
  );
  await street.startCloud(['allow_anonymous true', `acl_file ${acl}`]);
  await street.startLamp();
  assertFailed(await street.verify(), 'out', 'acl-topic', 'the bridge');
});

onStreet('subscriptions of an older topic map', async (street) => {
  const { brokers } = street;
  await brokers.end('lamp');
  await street.startCloud();
  const keep = { cleansession: false };
  await street.startLamp(
    street.bridge({ ...keep, topics: [`topic ${PREFIX}# in 1`, `topic test1/+ out 1 "" ${PREFIX}`] }),
  );
  await street.connected();
  await brokers.end('lamp');
  await street.startLamp(street.bridge(keep));
  assertFailed(await street.verify(), 'exactly once', 'stale-subscriptions', 'cleansession false', 'cleansession true');
});

onStreet('a broker that refuses clients without a name', async (street) => {
  await street.startCloud([]);
  await street.startLamp();
  assertFailed(await street.verify(), 'cloud broker', 'anonymous-refused', 'allow_anonymous');
});

onStreet('a bridge with a wrong password', async (street) => {
  const passwords = street.brokers.file('passwords', '');
  for (const user of ['lamp', 'check']) execFileSync('mosquitto_passwd', ['-b', passwords, user, 'right']);
  await street.startCloud(['allow_anonymous false', `password_file ${passwords}`]);
  await street.startLamp(street.bridge({ more: ['remote_username lamp', 'remote_password wrong'] }));
  const result = await street.verify({ cloudLogin: { username: 'check', password: 'right' } });
  assertFailed(result, 'state', 'wrong-credentials', 'user lamp');
  await street.startLamp(street.bridge({ more: ['remote_username lamp', 'remote_password right'] }));
  const mended = await street.verify({ cloudLogin: { username: 'check', password: 'right' }, stableSeconds: 0.5 });
  assert.is(mended.failed, undefined, String(mended.msg));
});

onStreet('a configuration that was edited and not loaded', async (street) => {
  await street.startLamp([]);
  await new Promise((resolve) => setTimeout(resolve, 2600));
  street.brokers.configure(street.lamp, street.lampLines(street.bridge()));
  assertFailed(await street.verify(), 'state', 'config-not-loaded', street.lamp.config, 'Restart');
});

onStreet('notifications switched off', async (street) => {
  await street.startLamp(street.bridge({ more: ['notifications false'] }));
  assertFailed(await street.verify(), 'state', 'notifications-off', 'notifications false', 'messages do cross');
});

onStreet('no bridge at all', async (street) => {
  await street.startLamp([]);
  assertFailed(await street.verify(), 'state', 'no-bridge', `${ID}_broker`);
});

onStreet('the bridge that comes back while it is waited for', async (street) => {
  await street.startLamp();
  // The cloud goes away after the lamp is connected: the bridge comes back by itself some seconds later.
  await street.startCloud();
  const result = await street.verify({ stateSeconds: 40, stableSeconds: 0.5 });
  assert.is(result.failed, undefined, String(result.msg));
});

Bridge.run();
