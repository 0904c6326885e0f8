import { type Finding, isStandIn } from '../task.ts';
import { isLoopback } from './address.ts';
import { endpointsOf } from './bridge-args.ts';
import { isEncrypted } from './rules-bridge.ts';
import { loginRules, topicRules } from './rules-login.ts';
import { type BridgeTask, type Door, doubt, mistake, type Site } from './tasks.ts';

/*
 * A bridge and the broker that it leads to, where this site sets both up: the listener is there, speaks what the bridge
 * speaks, and lets it in to its topics.
 */

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
