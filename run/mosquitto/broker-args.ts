import { z } from 'zod';
import { bool, choice, int, list, path, record, str } from '../args.ts';
import { filterWords, word, words } from './names.ts';

/*
 * The arguments of mosquitto_broker, under Mosquitto's own names for its options. Ranges and meanings are judged by
 * rules.ts, which knows what to say; here only types and words. Source: mosquitto.conf(5).
 */

const listener = record({
  port: int(),
  address: word().optional(),
  protocol: choice('mqtt', 'websockets').default('mqtt'),
  socket_domain: choice('ipv4', 'ipv6').optional(),
  bind_interface: word().optional(),
  cafile: word().optional(),
  capath: word().optional(),
  certfile: word().optional(),
  keyfile: word().optional(),
  require_certificate: bool().optional(),
  use_identity_as_username: bool().optional(),
  use_subject_as_username: bool().optional(),
  tls_version: choice('tlsv1', 'tlsv1.1', 'tlsv1.2', 'tlsv1.3').optional(),
  ciphers: word().optional(),
  crlfile: word().optional(),
  dhparamfile: word().optional(),
  max_connections: int({ min: -1 }).optional(),
  max_qos: int({ min: 0, max: 2 }).optional(),
  mount_point: word().optional(),
  use_username_as_clientid: bool().optional(),
  psk_hint: word().optional(),
});
export type Listener = z.output<typeof listener>;

/** Whether a client's certificate says its name. */
export function isNamedByCertificate(listener: Listener): boolean {
  return listener.use_identity_as_username === true || listener.use_subject_as_username === true;
}

const user = record({ name: str(), password: str() });
export type User = z.output<typeof user>;

/** One of the keys of listeners with a psk_hint, under the name that the client gives. */
const presharedKey = record({ identity: word(), key: word() });
export type PresharedKey = z.output<typeof presharedKey>;

const ACCESS = ['read', 'write', 'readwrite', 'deny'] as const;

/** A right as Mosquitto writes it (`write devices/#`), or `{topic, access}`. Without a word it is `readwrite`. */
const right = z.preprocess(
  (value) => {
    if (typeof value !== 'string') return value;
    const [, access, topic] = /^(?:(read|write|readwrite|deny) +)?(.*)$/.exec(value) ?? [];
    return { topic, ...(access === undefined ? {} : { access }) };
  },
  record({ topic: filterWords(), access: choice(...ACCESS).default('readwrite') }),
);
export type Right = z.output<typeof right>;

const acl = record({
  anonymous: list(right as unknown as z.ZodType<Right>).default([]),
  users: z.array(record({ name: str(), topics: list(right as unknown as z.ZodType<Right>) })).default([]),
  patterns: list(right as unknown as z.ZodType<Right>).default([]),
});
export type Acl = z.output<typeof acl>;

const LOG_TYPES = [
  'debug',
  'error',
  'warning',
  'notice',
  'information',
  'subscribe',
  'unsubscribe',
  'websockets',
  'none',
  'all',
] as const;

/** Options of the whole broker, in the order in which they are written. */
export const settings = {
  persistence: bool().optional(),
  persistent_client_expiration: word().optional(),
  autosave_interval: int({ min: 0 }).optional(),
  autosave_on_changes: bool().optional(),
  retain_available: bool().optional(),
  connection_messages: bool().optional(),
  log_timestamp: bool().optional(),
  log_timestamp_format: words().optional(),
  sys_interval: int({ min: 0 }).optional(),
  allow_zero_length_clientid: bool().optional(),
  check_retain_source: bool().optional(),
  max_inflight_bytes: int({ min: 0 }).optional(),
  max_inflight_messages: int({ min: 0 }).optional(),
  max_keepalive: int({ min: 0, max: 65535 }).optional(),
  max_packet_size: int({ min: 20 }).optional(),
  max_queued_bytes: int({ min: 0 }).optional(),
  max_queued_messages: int({ min: 0 }).optional(),
  memory_limit: int({ min: 0 }).optional(),
  message_size_limit: int({ min: 0 }).optional(),
  queue_qos0_messages: bool().optional(),
  set_tcp_nodelay: bool().optional(),
  upgrade_outgoing_qos: bool().optional(),
};

export const brokerArgs = z.strictObject({
  state: choice('present', 'absent').default('present'),
  file: str().default('port'),
  listeners: z.array(listener).default([]),
  allow_anonymous: bool().optional(),
  users: z.array(user).optional(),
  password_file: path().optional(),
  psks: z.array(presharedKey).optional(),
  psk_file: path().optional(),
  acl: acl.optional(),
  acl_file: path().optional(),
  log_dest: list(choice('stdout', 'stderr', 'syslog', 'topic', 'none')).optional(),
  log_type: list(choice(...LOG_TYPES)).optional(),
  ...settings,
});
export type BrokerArgs = z.output<typeof brokerArgs>;

/** Where the users and rights are kept when no other file is named. */
export const PASSWORD_FILE = '/etc/mosquitto/passwords';
export const ACL_FILE = '/etc/mosquitto/acl';
export const PSK_FILE = '/etc/mosquitto/psk';

export function passwordFileOf({ users, password_file }: BrokerArgs): string | undefined {
  return password_file ?? (users === undefined ? undefined : PASSWORD_FILE);
}

export function pskFileOf({ psks, psk_file }: BrokerArgs): string | undefined {
  return psk_file ?? (psks === undefined ? undefined : PSK_FILE);
}

export function aclFileOf({ acl, acl_file }: BrokerArgs): string | undefined {
  return acl_file ?? (acl === undefined ? undefined : ACL_FILE);
}
