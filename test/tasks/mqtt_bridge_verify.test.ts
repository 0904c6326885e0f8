import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import mqttBridgeVerify from '../../tasks/mqtt_bridge_verify.ts';
import { Brokers, freePorts, HAS_MOSQUITTO } from '../mqtt/brokers.ts';
import { localHost } from '../mqtt/local-host.ts';

const Verify = suite('mqtt_bridge_verify');
const test = HAS_MOSQUITTO ? Verify : Verify.skip;

test('takes names, prefix and address from the Device ID and the inventory', async () => {
  const brokers = new Brokers();
  try {
    const [cloudPort, lampPort] = await freePorts(2);
    await brokers.start('cloud', cloudPort!, [`listener ${cloudPort}`, 'allow_anonymous true']);
    await brokers.start('lamp', lampPort!, [
      `listener ${lampPort} 127.0.0.1`,
      'allow_anonymous true',
      'connection l1_broker',
      `address 127.0.0.1:${cloudPort}`,
      'remote_clientid l1_broker',
      'topic test1/+ out 1 "" devices/l1/',
      'topic test2/+ in 1 "" devices/l1/',
      'cleansession true',
    ]);
    const cloud = localHost('ec2', { variables: { ansible_host: '127.0.0.1' } });
    const lamp = localHost('hall', { others: { ec2: cloud } });
    const args = { device_id: 'l1', cloud: 'ec2', cloud_port: cloudPort, local_port: lampPort, stable_seconds: 0.2 };
    const result = await mqttBridgeVerify.action!(mqttBridgeVerify.args.parse(args), lamp);
    assert.is(result.failed, undefined, String(result.msg));
    assert.match(String(result.summary), /once each/);
    const other = { ...args, device_id: 'l2', timeout: 1, message_timeout: 1 };
    const failed = await mqttBridgeVerify.action!(mqttBridgeVerify.args.parse(other), lamp);
    assert.is(failed.failed, true);
    assert.is(failed.leg, 'state');
  } finally {
    await brokers.stop();
  }
});

Verify('refuses Device IDs that are not one level of a topic', () => {
  for (const device_id of ['', 'a/b', 'a+', '#', 'a b', '$SYS'])
    assert.not(mqttBridgeVerify.args.safeParse({ device_id, cloud: 'c' }).success, device_id);
  assert.ok(mqttBridgeVerify.args.safeParse({ device_id: 'b827eb08451e', cloud: 'c' }).success);
});

Verify('hides its passwords', () => {
  assert.equal(mqttBridgeVerify.secrets, ['password', 'cloud_password', 'cloud_psk']);
});

Verify.run();
