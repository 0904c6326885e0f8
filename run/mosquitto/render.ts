import {
  settings as BRIDGE_SETTINGS,
  type BridgeArgs,
  type Endpoint,
  endpointsOf,
  identity,
  mapped,
} from './bridge-args.ts';
import {
  type Acl,
  aclFileOf,
  settings as BROKER_SETTINGS,
  type BrokerArgs,
  type Listener,
  type PresharedKey,
  passwordFileOf,
  pskFileOf,
} from './broker-args.ts';
import { type Line, line, optional } from './lines.ts';
import { isBefore, type Version } from './version.ts';

/**
 * A broker's file in conf.d: its listeners, then what holds for the whole broker. Without `per_listener_settings`, which
 * has to stand before every security option of every file, users and rights are the whole broker's.
 */
export function brokerFile(args: BrokerArgs, version: Version): Line[][] {
  const listeners = args.listeners.map(listenerLines);
  const security = [
    ...anonymousLine(args, version),
    ...optional('password_file', passwordFileOf(args)),
    ...optional('psk_file', pskFileOf(args)),
    ...optional('acl_file', aclFileOf(args)),
  ];
  const log = [
    ...(args.log_dest ?? []).map((dest) => line('log_dest', dest)),
    ...(args.log_type ?? []).map((type) => line('log_type', type)),
  ];
  const rest = [...log, ...settingLines(args, Object.keys(BROKER_SETTINGS) as (keyof typeof BROKER_SETTINGS)[])];
  const [only] = listeners;
  // One plain listener and who may use it are one thing to a reader.
  if (listeners.length === 1 && only?.length === 1) return [[...only, ...security], rest];
  return [...listeners, security, rest];
}

/** Before 2.0 everybody is admitted as long as nothing is said, and the line is not needed. */
function anonymousLine(args: BrokerArgs, version: Version): Line[] {
  const { allow_anonymous, users, password_file } = args;
  if (allow_anonymous === true && isBefore(version, [2, 0]) && !users && !password_file) return [];
  return optional('allow_anonymous', allow_anonymous);
}

function listenerLines({ port, address, protocol, ...options }: Listener): Line[] {
  return [
    line('listener', address === undefined ? port : `${port} ${address}`),
    ...(protocol === 'mqtt' ? [] : [line('protocol', protocol)]),
    ...settingLines(options, Object.keys(options) as (keyof typeof options)[]),
  ];
}

/** A bridge's file in conf.d, in the order of the course's example. */
export function bridgeFile(args: BridgeArgs): Line[][] {
  const endpoints = endpointsOf(args) as Endpoint[];
  const topics = args.topics.map((topic) => {
    const { pattern, localPrefix, remotePrefix } = mapped(args, topic);
    return line('topic', `${pattern} ${topic.direction} ${topic.qos} ${prefix(localPrefix)} ${prefix(remotePrefix)}`);
  });
  return [
    [
      line('connection', args.connection),
      line(endpoints.length > 1 ? 'addresses' : 'address', endpoints.map(shownEndpoint).join(' ')),
      ...settingLines(args, Object.keys(identity) as (keyof typeof identity)[]),
      ...topics,
      ...settingLines(args, Object.keys(BRIDGE_SETTINGS) as (keyof typeof BRIDGE_SETTINGS)[]),
    ],
  ];
}

/** `HOST:PORT`; the port is what stands behind the last colon, an IPv6 address needs no brackets. */
function shownEndpoint({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}

/** An ACL file: rights of anonymous clients, of each user, and patterns for all. Source: acl_file in mosquitto.conf(5). */
export function aclFile(acl: Acl): string {
  const rights = (keyword: string, list: Acl['patterns']) =>
    list.map(({ access, topic }) => `${keyword} ${access} ${topic}\n`).join('');
  return [
    rights('topic', acl.anonymous),
    ...acl.users.map(({ name, topics }) => `user ${name}\n${rights('topic', topics)}`),
    rights('pattern', acl.patterns),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** A file of pre-shared keys. Source: psk_file in mosquitto.conf(5). */
export function pskFile(psks: readonly PresharedKey[]): string {
  return psks.map(({ identity, key }) => `${identity}:${key}\n`).join('');
}

function prefix(text: string): string {
  return text === '' ? '""' : text;
}

function settingLines<T extends object>(args: T, names: readonly (keyof T & string)[]): Line[] {
  return names.flatMap((name) => {
    const value = args[name] as string | number | boolean | readonly number[] | undefined;
    return optional(name, Array.isArray(value) ? value.join(' ') : (value as string | number | boolean | undefined));
  });
}
