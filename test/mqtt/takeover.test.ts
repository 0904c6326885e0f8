import { connect as connectTcp } from 'node:net';
import { MqttClient } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passwordFile } from '../../run/mosquitto/passwords.ts';
import { takeovers, usersOf } from '../../run/mqtt/log.ts';
import { Brokers, freePorts, HAS_MOSQUITTO, logOf } from './brokers.ts';

/*
 * What the host's Mosquitto does when one user takes the client id of another, which docs/decisions.md tells: it lets it,
 * unless the listener makes ids of user names.
 */

const test = suite("another's client id");
const brokers = new Brokers();
const USERS = [
  { name: 'lamp07', password: 'a' },
  { name: 'lamp31', password: 'b' },
];

test.after(() => brokers.stop());

/** A client that stays connected until it is thrown off. */
async function client(port: number, user: (typeof USERS)[number], clientId: string): Promise<MqttClient> {
  const options = {
    clientId,
    username: user.name,
    password: user.password,
    reconnectPeriod: 0,
    protocolVersion: 4,
  } as const;
  const made = new MqttClient(() => connectTcp(port, '127.0.0.1'), options);
  made.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => made.once('connect', () => resolve()).once('close', reject));
  return made;
}

async function twoOf(lines: string[]) {
  const [port] = await freePorts(1);
  const passwords = brokers.file('passwords', await passwordFile(USERS, '', [2, 0]));
  const broker = await brokers.start('cloud', port!, [
    `listener ${port} 127.0.0.1`,
    ...lines,
    `password_file ${passwords}`,
  ]);
  const victim = await client(port!, USERS[0]!, 'b827eb000007_broker');
  const thrownOff = new Promise<boolean>((resolve) => victim.once('close', () => resolve(false)));
  const other = await client(port!, USERS[1]!, 'b827eb000007_broker');
  await other.publishAsync('a', 'b', { qos: 1 });
  const isThere = await Promise.race([
    thrownOff,
    victim.publishAsync('a', 'b', { qos: 1 }).then(
      () => true,
      () => thrownOff,
    ),
  ]);
  victim.end(true);
  other.end(true);
  return { isThere, log: logOf(broker).split('\n') };
}

test('whoever is admitted takes any id: the log tells, and as which users', async () => {
  const { isThere, log } = await twoOf([]);
  assert.is(isThere, false);
  assert.is(takeovers(log, 'b827eb000007_broker').length, 1);
  assert.equal(usersOf(log, 'b827eb000007_broker'), ['lamp31', 'lamp07']);
});

test('use_username_as_clientid: each has the id of its name, and both stay', async () => {
  const { isThere, log } = await twoOf(['use_username_as_clientid true']);
  assert.is(isThere, true);
  assert.equal(usersOf(log, 'lamp31'), ['lamp31']);
});

if (HAS_MOSQUITTO) test.run();
else console.log('skipped: no mosquitto');
