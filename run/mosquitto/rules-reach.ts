import { nearest } from '../errors.ts';
import { aclAllows } from '../mqtt/acl.ts';
import { type Finding, isStandIn } from '../task.ts';
import { isLoopback } from './address.ts';
import { type BridgeArgs, endpointsOf, mapped } from './bridge-args.ts';
import { isNamedByCertificate, type Listener } from './broker-args.ts';
import { rightsOf } from './rights.ts';
import { isEncrypted, sendsOut, takesIn } from './rules-bridge.ts';
import { type BridgeTask, type BrokerTask, doubt, isMissing, mistake, type Site } from './tasks.ts';

/*
 * A bridge and the broker that it leads to, where this site sets both up: the listener is there, speaks what the bridge
 * speaks, and lets it in to its topics.
 */

interface Door {
  bridge: BridgeTask;
  broker: BrokerTask;
  listener: Listener;
  index: number;
}

export function reachRules(site: Site): Finding[] {
  return site.bridges.flatMap((bridge) =>
    endpointsOf(bridge.args).flatMap(({ address, port }, i) => {
      if (address === undefined || port === undefined || isStandIn(address)) return [];
      const byAddress = site.brokers.filter((broker) => [broker.address, broker.host].includes(address));
      // Behind a translated address or a name of its own it is the one that is asked about this bridge.
      const cloud = i === 0 && site.verified.find(({ host }) => host === bridge.host)?.args.cloud;
      const brokers = byAddress.length > 0 ? byAddress : site.brokers.filter(({ host }) => host === cloud);
      if (brokers.length === 0 || brokers.some(({ unknown }) => unknown.includes('listeners'))) return [];
      const doors = brokers.flatMap((broker) =>
        (broker.args.listeners ?? []).map((listener, index): Door => ({ bridge, broker, listener, index })),
      );
      const there = doors.filter(({ listener }) => listener.port === port);
      const door = there.findLast(({ listener }) => !isLoopback(listener.address)) ?? there.at(-1);
      if (door !== undefined) return doorRules(door);
      return byAddress.length > 0 && doors.length > 0 ? [noListener(bridge, port, doors)] : [];
    }),
  );
}

function noListener(bridge: BridgeTask, port: number, doors: readonly Door[]): Finding {
  const [first] = doors;
  const ports = [...new Set(doors.map(({ listener }) => listener.port))].join(', ');
  return doubt(
    'no-listener',
    [
      [bridge, bridge.args.port === undefined ? 'addresses' : 'port'],
      [first!.broker, 'listeners', first!.index, 'port'],
    ],
    `${bridge.host} leads its bridge to port ${port} of ${first!.broker.host}, whose broker is set to listen on ${ports}`,
  );
}

function doorRules(door: Door): Finding[] {
  return [...speechRules(door), ...tlsRules(door), ...loginRules(door), ...topicRules(door)];
}

/** The way to a line of the listener, and to the bridge's address. */
function places({ bridge, broker, index }: Door, name: string) {
  return [[broker, 'listeners', index, name] as const, [bridge, 'address'] as const];
}

function speechRules(door: Door): Finding[] {
  const { bridge, broker, listener } = door;
  const found: Finding[] = [];
  if (listener.protocol === 'websockets')
    found.push(
      mistake(
        'websockets-bridge',
        [
          [bridge, 'port'],
          [broker, 'listeners', door.index, 'protocol'],
        ],
        `${bridge.host} leads its bridge to port ${listener.port} of ${broker.host}, which speaks websockets: a bridge speaks MQTT`,
      ),
    );
  if (isLoopback(listener.address) && bridge.host !== broker.host)
    found.push(
      mistake(
        'loopback-listener',
        [
          [broker, 'listeners', door.index, 'address'],
          [bridge, 'port'],
        ],
        `the listener on ${listener.port} of ${broker.host} is for the host itself (${listener.address}): ${bridge.host} cannot reach it`,
      ),
    );
  return found;
}

function tlsRules(door: Door): Finding[] {
  const { bridge, broker, listener } = door;
  const speaksTls = listener.certfile !== undefined || listener.psk_hint !== undefined;
  const knows = !bridge.unknown.some((name) => name.startsWith('bridge_'));
  if (!knows) return [];
  if (speaksTls && !isEncrypted(bridge.args))
    return [
      mistake(
        'tls',
        places(door, listener.psk_hint === undefined ? 'certfile' : 'psk_hint'),
        `the listener on ${listener.port} of ${broker.host} speaks TLS and the bridge of ${bridge.host} does not`,
        listener.psk_hint === undefined
          ? "set bridge_cafile (lamp_cafile) to the authority of the listener's certificate"
          : 'set bridge_identity and bridge_psk (lamp_psk_identity, lamp_psk)',
      ),
    ];
  if (!speaksTls && isEncrypted(bridge.args)) {
    const option = (['bridge_cafile', 'bridge_capath', 'bridge_psk'] as const).find((name) => bridge.args[name]);
    return [
      mistake(
        'tls',
        [
          [bridge, option ?? 'bridge_tls_use_os_certs'],
          [broker, 'listeners', door.index, 'port'],
        ],
        `the bridge of ${bridge.host} speaks TLS and the listener on ${listener.port} of ${broker.host} does not`,
        'set certfile and keyfile of the listener (cloud_certfile, cloud_keyfile)',
      ),
    ];
  }
  if (speaksTls && (listener.psk_hint !== undefined || bridge.args.bridge_psk !== undefined)) return keyRules(door);
  if (listener.require_certificate === true && bridge.args.bridge_certfile === undefined)
    return [
      mistake(
        'tls',
        places(door, 'require_certificate'),
        `the listener on ${listener.port} of ${broker.host} requires certificates and the bridge of ${bridge.host} has none`,
        'set bridge_certfile and bridge_keyfile (lamp_certfile, lamp_keyfile)',
      ),
    ];
  return [];
}

/** A listener that goes by pre-shared keys, a bridge that does, or both. */
function keyRules(door: Door): Finding[] {
  const { bridge, broker, listener } = door;
  const { bridge_identity: identity, bridge_psk: key } = bridge.args;
  if (listener.psk_hint === undefined || key === undefined)
    return [
      mistake(
        'tls',
        places(door, listener.psk_hint === undefined ? 'certfile' : 'psk_hint'),
        listener.psk_hint === undefined
          ? `the listener on ${listener.port} of ${broker.host} goes by certificates and the bridge of ${bridge.host} by a pre-shared key`
          : `the listener on ${listener.port} of ${broker.host} goes by pre-shared keys and the bridge of ${bridge.host} by certificates`,
      ),
    ];
  const { psks, psk_file } = broker.args;
  if (identity === undefined || psks === undefined || psk_file !== undefined) return [];
  const own = psks.find((each) => each.identity === identity);
  if (isStandIn(identity + key + (own?.key ?? ''))) return [];
  if (own?.key?.toLowerCase() === key.toLowerCase()) return [];
  return [
    mistake(
      'login',
      [
        [bridge, own === undefined ? 'bridge_identity' : 'bridge_psk'],
        [broker, 'psks'],
      ],
      `the bridge of ${bridge.host} comes to ${broker.host} as ${identity}, ${own === undefined ? 'which has no key there' : 'with another key than it has there'}`,
    ),
  ];
}

function loginRules({ bridge, broker, listener }: Door): Finding[] {
  const { users, allow_anonymous, password_file } = broker.args;
  const { remote_username: name, remote_password: password } = bridge.args;
  if (users === undefined || password_file !== undefined || isNamedByCertificate(listener)) return [];
  if (listener.psk_hint !== undefined && listener.use_identity_as_username === true) return [];
  if (isMissing(bridge, 'remote_username'))
    return allow_anonymous === true || broker.unknown.includes('allow_anonymous')
      ? []
      : [
          mistake(
            'login',
            [
              [broker, 'users'],
              [bridge, 'address'],
            ],
            `${broker.host} admits only its users and the bridge of ${bridge.host} logs in as nobody`,
            'set remote_username and remote_password (lamp_cloud_username, lamp_cloud_password)',
          ),
        ];
  if (name === undefined || isStandIn(name)) return [];
  const user = users.findLast((each) => each.name === name);
  if (user === undefined) {
    if (users.some((each) => each.name === undefined || isStandIn(each.name))) return [];
    return [unknownUser([bridge, 'remote_username'], broker, name, `the bridge of ${bridge.host}`)];
  }
  const known = [password, user.password].every((each) => each !== undefined && !isStandIn(each));
  if (!known || password === user.password) return [];
  return [
    mistake(
      'login',
      [
        [bridge, 'remote_password'],
        [broker, 'users', users.indexOf(user), 'password'],
      ],
      `the bridge of ${bridge.host} logs in to ${broker.host} as ${name} with another password than that user has`,
    ),
  ];
}

/** Somebody who logs in under a name that the broker has not. */
export function unknownUser(
  at: readonly [BridgeTask | Site['verified'][number], string],
  broker: BrokerTask,
  name: string,
  who: string,
): Finding {
  const names = (broker.args.users ?? []).map((user) => user.name);
  const near = nearest(name, names);
  return mistake(
    'login',
    [at, [broker, 'users']],
    `${who} logs in to ${broker.host} as ${name}, who is none of its users`,
    near === undefined ? `its users are ${names.join(', ') || 'none'}` : `did you mean "${near}"?`,
  );
}

/** Rights that keep a bridge from the topics that it is there for: Mosquitto drops what it may not carry without a word. */
function topicRules({ bridge, broker, listener }: Door): Finding[] {
  const { acl } = broker.args;
  if (acl === undefined || isNamedByCertificate(listener) || bridge.unknown.includes('remote_username')) return [];
  const client = { username: bridge.args.remote_username, clientId: clientIdOf(bridge.args) };
  const rights = rightsOf(acl, client.username);
  return (bridge.args.topics ?? []).flatMap((topic, i) => {
    const each = mapped(bridge.args, topic);
    const example = each.remote.replace(/[+#]/g, 'x');
    if (isStandIn(example) !== isStandIn(client.username ?? example)) return [];
    const ways = [sendsOut(each) && ('write' as const), takesIn(each) && ('read' as const)].filter(
      (way) => way !== false,
    );
    return ways.flatMap((way) =>
      aclAllows(rights, client, way, example)
        ? []
        : [
            mistake(
              'acl-topics',
              [
                [broker, 'acl'],
                [bridge, 'topics', i],
              ],
              `the ACL of ${broker.host} does not let ${client.username === undefined ? 'anonymous clients' : `the user ${client.username}`} ${way} ${each.remote}, which the bridge of ${bridge.host} is to carry`,
            ),
          ],
    );
  });
}

function clientIdOf({ remote_clientid, connection }: BridgeArgs): string {
  return remote_clientid ?? connection;
}

/** As whom the verification asks a broker. */
export function verifierRules({ brokers, verified }: Site): Finding[] {
  return verified.flatMap((check) => {
    const { cloud, cloud_username: name } = check.args;
    const broker = brokers.findLast(({ host, args }) => host === cloud && args.users !== undefined);
    if (name === undefined || isStandIn(name) || broker === undefined) return [];
    const { users = [], password_file, listeners } = broker.args;
    if (password_file !== undefined || listeners?.some(isNamedByCertificate)) return [];
    if (users.some((user) => user.name === name)) return [];
    return [unknownUser([check, 'cloud_username'], broker, name, `the verification of ${check.host}`)];
  });
}
