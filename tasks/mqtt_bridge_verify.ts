import { z } from 'zod';
import { bool, choice, float, int, list, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { inspectMosquitto } from '../run/mosquitto/rules.ts';
import { CHECKS } from '../run/mqtt/checks/check.ts';
import { commonName, type TlsOptions, tlsOptions } from '../run/mqtt/tls.ts';
import { verifyBridge } from '../run/mqtt/verify.ts';
import { type ActionHost, defineTask, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  device_id: level(),
  remote_clientid: level().optional(),
  remote_prefix: str().optional(),
  other_device_id: level().optional(),
  out_topic: level().default('test1'),
  in_topic: level().default('test2'),
  local_address: str().default('127.0.0.1'),
  local_port: int({ min: 1, max: 65535 }).default(1883),
  username: str().optional(),
  password: str().optional(),
  cloud: str(),
  cloud_address: str().optional(),
  cloud_port: int({ min: 1, max: 65535 }).default(50001),
  cloud_username: str().optional(),
  cloud_password: str().optional(),
  tls: bool().default(false),
  ca: path().optional(),
  cert: path().optional(),
  key: path().optional(),
  insecure: bool().default(false),
  cloud_tls: bool().default(false),
  cloud_ca: path().optional(),
  cloud_cert: path().optional(),
  cloud_key: path().optional(),
  cloud_psk_identity: str().optional(),
  cloud_psk: str()
    .refine((key) => /^([0-9A-Fa-f]{2})+$/.test(key), 'expected a key in hexadecimal digits')
    .optional(),
  cloud_insecure: bool().default(false),
  cloud_server_name: str().optional(),
  notification_topic: str().optional(),
  checks: list(choice(...CHECKS)).default(['bridge']),
  messages: int({ min: 1, max: 10_000 }).default(100),
  timeout: int({ min: 1 }).default(40),
  message_timeout: int({ min: 1 }).default(10),
  stable_seconds: float().optional(),
  service: str().default('mosquitto'),
  config: path().default('/etc/mosquitto/mosquitto.conf'),
});
type Args = z.output<typeof args>;

/**
 * Runs for a lamp. The state of two lamps with one id flaps every 4 to 5 s, so `stable_seconds` is by default 3, and 15
 * where the cloud's log tells of a takeover in the last minute or cannot be read.
 */
export default defineTask<Args>({
  name: 'lamplighter.mqtt.mqtt_bridge_verify',
  summary: "Proves that a lamp's bridge carries messages both ways, only its own, each once; or says why not.",
  args: args as z.ZodType<Args>,
  secrets: ['password', 'cloud_password', 'cloud_psk'],
  checkMode: 'none',
  returns: {
    summary: 'The result in words.',
    out: 'The message from the lamp to the cloud: latency_ms and copies.',
    in: 'The message from the cloud to the lamp.',
    other_device: 'Whether the message for another Device ID was kept out.',
    states: '$SYS/broker/connection/CLIENT_ID/state on the lamp and on the cloud.',
    checks: 'The checks that were made.',
    stream: 'Of the check stream: sent, received, lost, doubled, median_ms, p95_ms and max_ms, out and in.',
    refused: 'Of the check refusal: who was turned away.',
    outage: 'Of the check outage: seconds, sent, out_arrived, in_arrived.',
    stable_seconds: 'For how long the state was seen to be 1 on both.',
    leg: 'On a failure: which part failed (lamp broker, cloud broker, state, out, in, other device, exactly once, stability, or the name of another check).',
    saw: 'What was seen instead.',
    cause: 'The likely cause, one word of a fixed list.',
    likely_cause: 'The same as a sentence.',
    evidence: 'Lines of configuration, logs, processes and firewalls that say so.',
    hint: 'What to do.',
  },
  example: `
- name: Verify the bridge
  mqtt_bridge_verify:
    device_id: b827eb08451e
    cloud: ec2 # inventory name of the cloud's host
    cloud_port: 50001
    # bridge (default): a message each way, only this lamp's, each once, the state held
    # stream: many messages each way, none lost or doubled; retained, will: both cross
    # isolation: by the lamp's own login no other lamp's topics can be read or written
    # refusal: clients without a name, with a wrong password or another authority's certificate stay outside
    # outage: what is sent while the cloud's broker is stopped arrives afterwards; it stops and starts that broker
    checks: [bridge, stream, retained, will]
`,
  inspect: inspectMosquitto,
  action: verify,
});

async function verify(args: Args, host: ActionHost): Promise<TaskResult> {
  const cloud = host.other(args.cloud);
  const id = args.device_id;
  const cloudAddress = args.cloud_address ?? String(cloud.variable('ansible_host') ?? args.cloud);
  const cloudFiles = {
    tls: args.cloud_tls,
    ca: args.cloud_ca,
    cert: args.cloud_cert,
    key: args.cloud_key,
    insecure: args.cloud_insecure,
  };
  const { cloud_psk: psk, cloud_psk_identity: pskIdentity } = args;
  if ((psk === undefined) !== (pskIdentity === undefined))
    throw new LamplighterError('BAD_ARGUMENT', 'cloud_psk and cloud_psk_identity need each other');
  const name = args.cloud_server_name ?? cloudAddress;
  const cloudTls: TlsOptions | undefined =
    psk !== undefined && pskIdentity !== undefined
      ? { psk: { identity: pskIdentity, key: psk }, insecure: false, name }
      : await tlsOptions(cloudFiles, name, host);
  const place = { service: args.service, config: args.config };
  return verifyBridge(host, cloud, {
    bridge: {
      lampName: host.host,
      cloudName: args.cloud,
      deviceId: id,
      clientId: args.remote_clientid ?? `${id}_broker`,
      remotePrefix: args.remote_prefix ?? `devices/${id}/`,
      otherDeviceId: args.other_device_id ?? `not${id}`,
      outTopic: args.out_topic,
      inTopic: args.in_topic,
      localPort: args.local_port,
      cloudAddress,
      cloudPort: args.cloud_port,
      cloudUsername: args.cloud_username ?? pskIdentity ?? commonName(cloudTls?.cert),
      notificationTopic: args.notification_topic,
    },
    localAddress: args.local_address,
    lampLogin: {
      username: args.username,
      password: args.password,
      tls: await tlsOptions(args, args.local_address, host),
    },
    cloudLogin: {
      username: args.cloud_username,
      password: args.cloud_password,
      tls: cloudTls,
    },
    stateSeconds: args.timeout,
    messageSeconds: args.message_timeout,
    stableSeconds: args.stable_seconds,
    places: { lamp: place, cloud: place },
    checks: args.checks,
    messages: args.messages,
  });
}

/** One level of a topic, which is also a client id. */
function level(): z.ZodType<string> {
  return str().refine(
    (text) => text !== '' && !/[+#/$\s\0]/.test(text),
    'expected one level of a topic: no "/", "+", "#", "$" or spaces',
  ) as unknown as z.ZodType<string>;
}
