import { z } from 'zod';
import { bool, choice, int, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { clientRoundtrip } from '../run/mqtt/client-roundtrip.ts';
import type { EndOptions, Qos } from '../run/mqtt/end.ts';
import { openFromController, openFromHost } from '../run/mqtt/open.ts';
import { roundtrip } from '../run/mqtt/roundtrip.ts';
import { tlsOptions } from '../run/mqtt/tls.ts';
import { type ActionHost, defineTask, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    address: str().default('127.0.0.1'),
    port: int({ min: 1, max: 65535 }).default(1883),
    topic: topic().default('lamp/hello'),
    username: str().optional(),
    password: str().optional(),
    qos: int({ min: 0, max: 2 }).default(1),
    timeout: int({ min: 1 }).default(10),
    from: choice('host', 'clients', 'controller').default('host'),
    tls: bool().default(false),
    ca: path().optional(),
    cert: path().optional(),
    key: path().optional(),
    insecure: bool().default(false),
    server_name: str().optional(),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key need each other')
  .refine(
    (args) => args.from !== 'clients' || !(args.tls || args.insecure || args.ca || args.cert),
    'from: clients speaks without TLS: use from: host or from: controller',
  );
type Args = z.output<typeof args>;

export default defineTask<Args>({
  name: 'lamplighter.mqtt.mqtt_roundtrip',
  summary: 'Publishes a message to a broker and receives it as a subscriber.',
  args: args as z.ZodType<Args>,
  argAliases: { address: ['host'] },
  secrets: ['password'],
  checkMode: 'none',
  returns: {
    latency_ms: "Milliseconds from publishing to receiving, on the controller's clock (not from: clients).",
    carrier: 'What carried the message.',
    summary: 'The result in words.',
  },
  example: `
- name: Test publish and subscribe
  mqtt_roundtrip:
    port: 50001
    # host (default): the controller's MQTT client through the host's SSH connection
    # clients: mosquitto_pub and mosquitto_sub on the host; costs no round trip of its own
    # controller: directly over the network
    from: host
    # TLS, with files of the controller: ca (else what its system trusts), cert and key of a client, insecure, server_name
    ca: ca.crt
`,
  step: (args) => (args.from === 'clients' ? clientRoundtrip({ ...args, qos: args.qos as Qos }) : undefined),
  result: (reply, { address, port }) => ({
    changed: false,
    ...(reply.status === 'ok'
      ? {
          carrier: 'mosquitto_pub and mosquitto_sub',
          summary: `${address}:${port} delivers what is published`,
        }
      : {}),
    ...(reply.fields.msg === undefined ? {} : { msg: reply.fields.msg }),
  }),
  action: fromOutside,
});

/** A round trip by the controller's own client. */
async function fromOutside(args: Args, host: ActionHost): Promise<TaskResult> {
  const { address, port, username, password } = args;
  const options: EndOptions = {
    tls: await tlsOptions(args, args.server_name ?? address, host),
    username,
    password,
    qos: args.qos as Qos,
    timeoutSeconds: args.timeout,
    signal: host.signal,
  };
  try {
    const open = () =>
      args.from === 'controller'
        ? openFromController({ address, port }, options)
        : openFromHost(host, { address, port }, options);
    const end = await open();
    try {
      const latency = await roundtrip(end, args.topic, args.timeout);
      return {
        changed: false,
        latency_ms: Math.round(latency * 10) / 10,
        carrier: end.carrier,
        summary: `${address}:${port} delivered in ${latency.toFixed(1)} ms, ${end.carrier}`,
      };
    } finally {
      await end.close();
    }
  } catch (error) {
    if (!(error instanceof LamplighterError) || error.code === 'INTERRUPTED') throw error;
    return {
      failed: true,
      changed: false,
      msg: `${address}:${port}: ${error.message}`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

/** A topic to publish to. */
function topic(): z.ZodType<string> {
  return str().refine(
    (text) => text !== '' && !/[+#\0\s]/.test(text),
    'expected a topic without wildcards or spaces',
  ) as unknown as z.ZodType<string>;
}
