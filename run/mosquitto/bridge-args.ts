import { z } from 'zod';
import { bool, choice, int, list, record, str } from '../args.ts';
import { filter, word } from './names.ts';

/*
 * The arguments of mosquitto_bridge, under Mosquitto's own names. Source: mosquitto.conf(5), "Configuring Bridges".
 */

const topic = record({
  pattern: filter(),
  direction: str().default('out'),
  qos: int().default(1),
  local_prefix: optionalWord(),
  remote_prefix: optionalWord(),
});
export type BridgeTopic = z.output<typeof topic>;

const endpoint = record({ address: word(), port: int() });
export type Endpoint = z.output<typeof endpoint>;

/** Credentials and ids, written between the addresses and the topics. */
export const identity = {
  remote_clientid: word().optional(),
  remote_username: word().optional(),
  remote_password: word().optional(),
  local_clientid: word().optional(),
  local_username: word().optional(),
  local_password: word().optional(),
};

/** All else, written below the topics in this order. */
export const settings = {
  cleansession: bool().optional(),
  local_cleansession: bool().optional(),
  start_type: choice('automatic', 'lazy', 'once').optional(),
  idle_timeout: int({ min: 0 }).optional(),
  threshold: int({ min: 1 }).optional(),
  keepalive_interval: int({ min: 5, max: 65535 }).optional(),
  restart_timeout: list(int({ min: 1 })).optional(),
  round_robin: bool().optional(),
  notifications: bool().optional(),
  notifications_local_only: bool().optional(),
  notification_topic: word().optional(),
  try_private: bool().optional(),
  bridge_attempt_unsubscribe: bool().optional(),
  bridge_bind_address: word().optional(),
  bridge_max_packet_size: int({ min: 0 }).optional(),
  bridge_outgoing_retain: bool().optional(),
  bridge_protocol_version: choice('mqttv31', 'mqttv311', 'mqttv50').optional(),
  bridge_receive_maximum: int({ min: 1, max: 65535 }).optional(),
  bridge_reload_type: choice('lazy', 'immediate').optional(),
  bridge_session_expiry_interval: int({ min: 0 }).optional(),
  bridge_cafile: word().optional(),
  bridge_capath: word().optional(),
  bridge_certfile: word().optional(),
  bridge_keyfile: word().optional(),
  bridge_alpn: word().optional(),
  bridge_ciphers: word().optional(),
  bridge_insecure: bool().optional(),
  bridge_require_ocsp: bool().optional(),
  bridge_tls_use_os_certs: bool().optional(),
  bridge_tls_version: choice('tlsv1', 'tlsv1.1', 'tlsv1.2', 'tlsv1.3').optional(),
  bridge_identity: word().optional(),
  bridge_psk: word().optional(),
};

export const bridgeArgs = z.strictObject({
  file: str().default('bridging'),
  state: choice('present', 'absent').default('present'),
  connection: word(),
  device_id: str().optional(),
  address: word().optional(),
  port: int().optional(),
  addresses: z.array(endpoint).optional(),
  topics: z.array(topic).default([]),
  local_prefix: optionalWord(),
  remote_prefix: optionalWord(),
  allow_plaintext_credentials: bool().default(false),
  ...identity,
  ...settings,
});
export type BridgeArgs = z.output<typeof bridgeArgs>;

/** The brokers that the bridge connects to, the first one first. */
export function endpointsOf({ address, port, addresses }: BridgeArgs): Partial<Endpoint>[] {
  return [
    ...(address === undefined && port === undefined ? [] : [{ address, port }]),
    ...(addresses ?? []),
  ] as Partial<Endpoint>[];
}

export interface MappedTopic {
  direction: string;
  /** The filter on the bridge's own broker and the one on the other. */
  local: string;
  remote: string;
  localPrefix: string;
  remotePrefix: string;
  pattern: string;
}

/** A topic with the prefixes that hold for it. */
export function mapped(args: BridgeArgs, topic: BridgeTopic): MappedTopic {
  const localPrefix = topic.local_prefix ?? args.local_prefix ?? '';
  const remotePrefix = topic.remote_prefix ?? args.remote_prefix ?? '';
  const { pattern, direction } = topic;
  const bare = pattern === '""' ? '' : pattern;
  return { direction, pattern, localPrefix, remotePrefix, local: localPrefix + bare, remote: remotePrefix + bare };
}

/** A word, or nothing at all (`""` in the file). */
function optionalWord(): z.ZodType<string | undefined> {
  return z.union([z.literal(''), word()]).optional() as unknown as z.ZodType<string | undefined>;
}
