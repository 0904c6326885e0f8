import { aclAllows } from './acl.ts';
import type { BridgeObservation, BridgeSpec, Side } from './bridge.ts';
import { type BridgeConfig, bridgesOf, listenersOf, settingOf, shownLine, splitAddress } from './config.ts';
import type { HostEvidence } from './evidence.ts';
import type { Listener } from './listeners.ts';
import { bridgeSources, bridgeTarget, sinceStart, takeovers } from './log.ts';
import type { Reach } from './open.ts';
import { overlap } from './topics.ts';

/*
 * Why a bridge does not work, told from what both ends say. Pure: every rule looks at the evidence and finds its cause or
 * does not; the first one that does is the likely cause, so rules stand in the order in which causes hide each other.
 */

/** All that is known when a verification has failed. */
export interface Evidence {
  bridge: BridgeSpec & BridgePlaces;
  /** A broker that the check itself could not use. */
  problems: Partial<Record<Side, { code: string; message: string }>>;
  /** Undefined when one of the brokers could not be used. */
  observation: BridgeObservation | undefined;
  /** Undefined when the host could not be asked. */
  lamp: HostEvidence | undefined;
  cloud: HostEvidence | undefined;
  /** A TCP connection from the lamp to the cloud's address and port. */
  reach: Reach;
}

export interface BridgePlaces {
  lampName: string;
  cloudName: string;
  localPort: number;
  /** Where the lamp should reach the cloud's broker. */
  cloudAddress: string;
  cloudPort: number;
  /** User names of the check's own clients. */
  cloudUsername?: string | undefined;
}

export type CauseCode =
  | 'stale-process'
  | 'broker-stopped'
  | 'config-error'
  | 'wrong-listener'
  | 'config-not-loaded'
  | 'login-refused'
  | 'anonymous-refused'
  | 'wrong-credentials'
  | 'no-bridge'
  | 'duplicate-client-id'
  | 'bridge-wrong-port'
  | 'bridge-wrong-address'
  | 'name-not-found'
  | 'loopback-only'
  | 'firewall'
  | 'unreachable'
  | 'notifications-off'
  | 'acl-state-write'
  | 'acl-sys-read'
  | 'acl-topic'
  | 'prefix-without-slash'
  | 'topic-not-mapped'
  | 'stale-subscriptions'
  | 'overlapping-topics'
  | 'loop'
  | 'foreign-messages'
  | 'unstable'
  | 'unknown';

export interface Cause {
  code: CauseCode;
  /** One sentence: what is wrong. */
  text: string;
  /** Lines of configuration, logs and processes that say so. */
  evidence: string[];
  /** One sentence: what to do. */
  hint: string;
}

/** A cause that waiting cannot mend: found before the bridge is connected, it ends the wait. */
export function isLasting(cause: Cause): boolean {
  return !['unknown', 'unstable', 'broker-stopped', 'unreachable'].includes(cause.code);
}

/** The first cause that the evidence shows. */
export function likelyCause(evidence: Evidence): Cause {
  for (const rule of RULES) {
    const cause = rule(evidence);
    if (cause !== undefined) return cause;
  }
  return unknown(evidence);
}

type Rule = (evidence: Evidence) => Cause | undefined;

const RULES: Rule[] = [
  staleProcess,
  stoppedBroker,
  wrongListener,
  refusedCheck,
  duplicateClientId,
  missingBridge,
  configNotLoaded,
  wrongAddress,
  refusedBridge,
  unknownName,
  loopbackOnly,
  firewall,
  notificationsOff,
  aclOfState,
  prefixWithoutSlash,
  staleSubscriptions,
  loop,
  overlappingTopics,
  unmappedTopic,
  aclOfTopics,
  foreignMessages,
  unstable,
];

/** Another process than the service's own holds the port: Mosquitto's restart left it behind. */
function staleProcess({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host, ports] of [
    [bridge.cloudName, cloud, [bridge.cloudPort]],
    [bridge.lampName, lamp, [bridge.localPort]],
  ] as const) {
    const stale = host?.listeners.filter(
      ({ port, pid }) => ports.some((each) => each === port) && pid !== undefined && pid !== host.mainPid,
    );
    const first = stale?.[0];
    if (host === undefined || first === undefined) continue;
    const own =
      host.mainPid === undefined ? 'the service itself is not running' : `the service's own is ${host.mainPid}`;
    return {
      code: 'stale-process',
      text: `on ${name} another process than the service's own holds port ${first.port}: ${first.name}, pid ${first.pid} (${own})`,
      evidence: stale!.map(shownListener),
      hint: `A restart left it behind: reboot ${name}, or end process ${first.pid} and restart mosquitto.`,
    };
  }
  return undefined;
}

function stoppedBroker({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host] of [
    [bridge.cloudName, cloud],
    [bridge.lampName, lamp],
  ] as const) {
    if (host === undefined || host.mainPid !== undefined) continue;
    const broken = [...host.journal, ...sinceStart(host.log)].filter((line) => /Error found at|^Error: /.test(line));
    if (broken.length > 0 && /failed|activating/.test(host.serviceState))
      return {
        code: 'config-error',
        text: `mosquitto does not start on ${name}: ${broken.at(-1)!.trim()}`,
        evidence: broken.slice(-4),
        hint: `Correct that line and restart mosquitto on ${name}.`,
      };
    return {
      code: 'broker-stopped',
      text: `mosquitto is not running on ${name} (${host.serviceState})`,
      evidence: [...host.journal, ...host.log].slice(-4),
      hint: `Start it: service mosquitto start.`,
    };
  }
  return undefined;
}

/** The broker runs and does not listen where it should. */
function wrongListener({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host, port] of [
    [bridge.cloudName, cloud, bridge.cloudPort],
    [bridge.lampName, lamp, bridge.localPort],
  ] as const) {
    if (host === undefined || host.listeners.some((listener) => listener.port === port)) continue;
    const own = host.listeners.filter(({ pid }) => pid !== undefined && pid === host.mainPid);
    const line = listenersOf(host.config).find((listener) => listener.port === port);
    const evidence = [...own.map(shownListener), ...listenersOf(host.config).map(({ at }) => shownLine(at))];
    const ports = [...new Set(own.map((listener) => listener.port))].join(', ') || 'no port';
    const changed = changedSinceStart(host);
    if (line !== undefined && changed.length > 0)
      return {
        code: 'config-not-loaded',
        text: `${name}'s broker listens on ${ports}: port ${port} is in a file that was changed after it started`,
        evidence: [...evidence, ...changed],
        hint: `Restart mosquitto on ${name}; a reload does not open listeners.`,
      };
    return {
      code: 'wrong-listener',
      text: `${name}'s broker listens on ${ports}, not on ${port}`,
      evidence,
      hint: `Put "listener ${port}" into /etc/mosquitto/conf.d and restart, or correct the port in the inventory.`,
    };
  }
  return undefined;
}

/** The check's own client was not admitted. */
function refusedCheck({ bridge, problems, lamp, cloud }: Evidence): Cause | undefined {
  for (const side of ['cloud', 'lamp'] as const) {
    const host = side === 'cloud' ? cloud : lamp;
    const name = side === 'cloud' ? bridge.cloudName : bridge.lampName;
    if (problems[side]?.code !== 'AUTH') continue;
    const anonymous = side === 'cloud' && bridge.cloudUsername === undefined;
    const setting = host && settingOf(host.config, 'allow_anonymous');
    if (anonymous && setting?.value !== 'true') return anonymousRefused(name, host, [problems[side]!.message]);
    return {
      code: 'login-refused',
      text: `${name}'s broker refused the login of the check itself: ${problems[side]!.message}`,
      evidence: setting ? [shownLine(setting)] : [],
      hint: `Give the verification a user of ${name}'s broker (username, password).`,
    };
  }
  return undefined;
}

/** Two bridges with one client id push each other out, again and again. */
function duplicateClientId({ bridge, observation, cloud }: Evidence): Cause | undefined {
  if (cloud === undefined) return undefined;
  const recent = takeovers(cloud.log, bridge.clientId).filter(({ at }) => at === undefined || cloud.now - at <= 120);
  const lapsed = observation?.stateChanges.some(({ value }) => value !== '1') ?? true;
  if (recent.length < (lapsed ? 1 : 2)) return undefined;
  const sources = bridgeSources(cloud.log, bridge.clientId);
  // One takeover from one address is a lamp that came back before the cloud missed it.
  if (recent.length < 2 && sources.length < 2) return undefined;
  return {
    code: 'duplicate-client-id',
    text: `two bridges connect to ${bridge.cloudName} with the same remote_clientid ${bridge.clientId}${sources.length > 1 ? `, from ${sources.join(' and ')}` : ''}: they take turns, ${recent.length} times in the last two minutes`,
    evidence: cloud.log.filter((line) => line.includes(`Client ${bridge.clientId} already connected`)).slice(-3),
    hint: 'Give every lamp its own Device ID and remote_clientid: look for this one in the bridging.conf of the other lamps.',
  };
}

function missingBridge({ bridge, lamp }: Evidence): Cause | undefined {
  if (lamp === undefined || bridgeIn(lamp, bridge) !== undefined) return undefined;
  const others = bridgesOf(lamp.config);
  return {
    code: 'no-bridge',
    text: `no bridge on ${bridge.lampName} has the remote_clientid ${bridge.clientId}${others.length > 0 ? `; there is ${others.map((each) => each.clientId ?? each.name).join(', ')}` : ''}`,
    evidence: others.map((each) => shownLine(each.at)),
    hint: 'Set it up with the role lamp; Mosquitto reads only files that end in .conf.',
  };
}

/** Bridges are read at the start only; an edited file does nothing until a restart. */
function configNotLoaded({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host] of [
    [bridge.lampName, lamp],
    [bridge.cloudName, cloud],
  ] as const) {
    const changed = host === undefined ? [] : changedSinceStart(host);
    if (changed.length === 0) continue;
    return {
      code: 'config-not-loaded',
      text: `the configuration of ${name} was changed after its broker started and is not in effect`,
      evidence: changed,
      hint: `Restart mosquitto on ${name}; a reload does not read bridges and listeners.`,
    };
  }
  return undefined;
}

/** The bridge goes elsewhere. */
function wrongAddress(evidence: Evidence): Cause | undefined {
  const { bridge, lamp } = evidence;
  const found = lamp && bridgeIn(lamp, bridge);
  if (lamp === undefined || found === undefined || isConnected(evidence)) return undefined;
  const targets = found.addresses.map(splitAddress);
  if (targets.some(({ host, port }) => host === bridge.cloudAddress && port === bridge.cloudPort)) return undefined;
  const loaded = bridgeTarget(lamp.log, found.name);
  const written = `the bridge connects to ${found.addresses.join(', ') || 'no address'}`;
  const lines = [
    ...lamp.config.filter(
      ({ option, line, file }) => option.startsWith('address') && file === found.at.file && line > found.at.line,
    ),
  ].map(shownLine);
  const wrongPort = targets.find(({ host }) => host === bridge.cloudAddress);
  return {
    code: wrongPort ? 'bridge-wrong-port' : 'bridge-wrong-address',
    text: wrongPort
      ? `wrong port in the bridge: ${written}, and ${bridge.cloudName}'s broker listens on port ${bridge.cloudPort}`
      : `wrong address in the bridge: ${written}, and ${bridge.cloudName} is ${bridge.cloudAddress}:${bridge.cloudPort}`,
    evidence: [...lines, ...(loaded ? [`log of ${bridge.lampName}: Connecting bridge ${found.name} (${loaded})`] : [])],
    hint: `Set "address ${bridge.cloudAddress}:${bridge.cloudPort}" and restart mosquitto on ${bridge.lampName}.`,
  };
}

/** The cloud answered the bridge's CONNECT with a refusal. */
function refusedBridge(evidence: Evidence): Cause | undefined {
  const { bridge, lamp, cloud } = evidence;
  if (lamp === undefined || isConnected(evidence)) return undefined;
  const refused = sinceStart(lamp.log).filter((line) => /Connection Refused/i.test(line));
  const last = refused.at(-1);
  if (last === undefined) return undefined;
  const username = bridgeIn(lamp, bridge)?.username;
  if (username === undefined) return anonymousRefused(bridge.cloudName, cloud, [`log of ${bridge.lampName}: ${last}`]);
  return {
    code: 'wrong-credentials',
    text: `${bridge.cloudName}'s broker refuses the bridge's user ${username}: wrong password, or no such user`,
    evidence: [`log of ${bridge.lampName}: ${last}`, ...lastMatching(cloud, /not authori[sz]ed/i, bridge.cloudName)],
    hint: `Set the user's password on ${bridge.cloudName} (mosquitto_passwd) and as remote_password on ${bridge.lampName}.`,
  };
}

function anonymousRefused(name: string, host: HostEvidence | undefined, said: string[]): Cause {
  const setting = host && settingOf(host.config, 'allow_anonymous');
  const version = host?.version ?? '2.0';
  return {
    code: 'anonymous-refused',
    text: setting
      ? `${name}'s broker refuses clients without a user name`
      : `${name}'s broker (Mosquitto ${version}) refuses clients without a user name: from 2.0 on that is so unless allow_anonymous is set`,
    evidence: [...said, ...(setting ? [shownLine(setting)] : []), ...lastMatching(host, /not authori[sz]ed/i, name)],
    hint: 'Say "allow_anonymous true" beside the listener, or give the bridge a remote_username and a remote_password.',
  };
}

function unknownName({ bridge, lamp }: Evidence): Cause | undefined {
  const lines = lamp
    ? lastMatching(lamp, /Lookup error|Name or service not known|Temporary failure/i, bridge.lampName)
    : [];
  if (lines.length === 0 || /^[\d.]+$|:/.test(bridge.cloudAddress)) return undefined;
  return {
    code: 'name-not-found',
    text: `${bridge.lampName} cannot resolve the name ${bridge.cloudAddress}`,
    evidence: lines,
    hint: `Check the name service of ${bridge.lampName}, or use the address itself.`,
  };
}

/** Without a listener of its own 2.0 listens on loopback only. */
function loopbackOnly({ bridge, cloud, reach }: Evidence): Cause | undefined {
  const sockets = cloud?.listeners.filter(({ port }) => port === bridge.cloudPort) ?? [];
  const isLoopback = ({ address }: Listener) => /^127\.|^\[::1\]$/.test(address);
  if (reach === 'open' || sockets.length === 0 || !sockets.every(isLoopback)) return undefined;
  return {
    code: 'loopback-only',
    text: `${bridge.cloudName}'s broker listens on port ${bridge.cloudPort} of the loopback address only`,
    evidence: sockets.map(shownListener),
    hint: `Say "listener ${bridge.cloudPort}" without an address in /etc/mosquitto/conf.d.`,
  };
}

/** The broker listens, and the lamp's connection does not come through. */
function firewall({ bridge, problems, lamp, cloud, reach }: Evidence): Cause | undefined {
  const local = problems.cloud?.code === 'TIMEOUT';
  const blocked = reach === 'silent' || reach === 'refused' || (reach === 'unknown' && bridgeUnanswered(lamp));
  if (!blocked && !local) return undefined;
  if (cloud === undefined || !cloud.listeners.some(({ port }) => port === bridge.cloudPort)) return undefined;
  const rules = [
    ...filtering(cloud, bridge.cloudPort).map((rule) => `firewall of ${bridge.cloudName}: ${rule}`),
    ...(lamp ? filtering(lamp, bridge.cloudPort).map((rule) => `firewall of ${bridge.lampName}: ${rule}`) : []),
  ];
  const how = reach === 'refused' ? 'is rejected' : 'gets no answer';
  const target = `${bridge.cloudAddress}:${bridge.cloudPort}`;
  if (rules.length > 0)
    return {
      code: 'firewall',
      text: `a firewall stands before port ${bridge.cloudPort} of ${bridge.cloudName}: the broker listens, and a connection from ${bridge.lampName} to ${target} ${how}`,
      evidence: rules,
      hint: `Allow TCP port ${bridge.cloudPort} there.`,
    };
  return {
    code: 'unreachable',
    text: `a connection from ${bridge.lampName} to ${target} ${how}, though the broker listens there`,
    evidence: cloud.listeners.filter(({ port }) => port === bridge.cloudPort).map(shownListener),
    hint: 'Something between them blocks the port: a security group of the cloud, a router, or a wrong address.',
  };
}

function bridgeUnanswered(lamp: HostEvidence | undefined): boolean {
  return sinceStart(lamp?.log ?? []).some((line) => /Error creating bridge|Connection timed out|No route/.test(line));
}

/** Rules that drop or reject, and name the port or stand for everything. */
function filtering(host: HostEvidence, port: number): string[] {
  const names = new RegExp(`\\b${port}\\b`);
  const blocks = /\b(drop|reject|DROP|REJECT)\b/;
  const named = host.firewall.filter((rule) => names.test(rule) && blocks.test(rule));
  if (named.length > 0) return named;
  return host.firewall.filter((rule) =>
    /policy drop|^-P (INPUT|OUTPUT|FORWARD) DROP|^(drop|reject)|-j (DROP|REJECT)$/.test(rule),
  );
}

/** Data may flow; the state topic is not published on the cloud. */
function notificationsOff({ bridge, observation, lamp }: Evidence): Cause | undefined {
  const found = lamp && bridgeIn(lamp, bridge);
  if (found === undefined || observation?.states.cloud !== undefined) return undefined;
  if (found.notifications && !found.notificationsLocalOnly) return undefined;
  const option = found.notifications ? 'notifications_local_only' : 'notifications';
  return {
    code: 'notifications-off',
    text: `the bridge does not publish its state on the cloud: ${option} ${found.notifications ? 'true' : 'false'}`,
    evidence: lamp!.config.filter((line) => line.option === option).map(shownLine),
    hint: `Remove that line from ${bridge.lampName}'s bridge and restart mosquitto.`,
  };
}

/** Connected by the lamp's word, and no state on the cloud: its ACL does not let it be written, or not be read. */
function aclOfState({ bridge, observation, lamp, cloud }: Evidence): Cause | undefined {
  if (cloud?.acl === undefined || observation?.states.lamp !== '1' || observation.states.cloud === '1')
    return undefined;
  const topic = `$SYS/broker/connection/${bridge.clientId}/state`;
  const username = lamp && bridgeIn(lamp, bridge)?.username;
  const file = settingOf(cloud.config, 'acl_file');
  const evidence = file ? [shownLine(file)] : [];
  const who = username === undefined ? 'anonymous clients' : `user ${username}`;
  if (!aclAllows(cloud.acl, { username, clientId: bridge.clientId }, 'write', topic))
    return {
      code: 'acl-state-write',
      text: `${bridge.cloudName}'s ACL does not let the bridge (${who}) write its state ${topic}`,
      evidence,
      hint: 'Add "pattern write $SYS/broker/connection/%c/state" to the ACL file and reload mosquitto.',
    };
  const check = { username: bridge.cloudUsername, clientId: 'lamplighter' };
  if (!aclAllows(cloud.acl, check, 'read', topic))
    return {
      code: 'acl-sys-read',
      text: `${bridge.cloudName}'s ACL does not let ${check.username === undefined ? 'anonymous clients' : `user ${check.username}`} read $SYS, so that the state of bridges cannot be seen ("#" does not include it)`,
      evidence,
      hint: 'Add "topic read $SYS/#" for that user to the ACL file and reload mosquitto.',
    };
  return undefined;
}

/** `devices/ID` and `test1/+` make `devices/IDtest1/+`, and Mosquitto says nothing. */
function prefixWithoutSlash({ bridge, observation, lamp }: Evidence): Cause | undefined {
  const glued = bridge.remotePrefix.replace(/\/$/, '');
  const strays = observation?.strays.filter(
    ({ side, topic }) => side === 'cloud' && topic.startsWith(glued) && topic[glued.length] !== '/',
  );
  const lines = (lamp && bridgeIn(lamp, bridge))?.topics.filter(({ remotePrefix, localPrefix }) =>
    [remotePrefix, localPrefix].some((prefix) => prefix !== '' && !prefix.endsWith('/')),
  );
  if (!strays?.length && !lines?.length) return undefined;
  return {
    code: 'prefix-without-slash',
    text: strays?.length
      ? `a prefix of the bridge does not end in "/": the message went to ${strays[0]!.topic} on ${bridge.cloudName}`
      : 'a prefix of the bridge does not end in "/"',
    evidence: (lines ?? []).map(({ at }) => shownLine(at)),
    hint: `Write the prefix as ${bridge.remotePrefix} and restart mosquitto on ${bridge.lampName}.`,
  };
}

/** With `cleansession false` the cloud keeps the subscriptions of an older topic map. */
function staleSubscriptions({ bridge, observation, lamp }: Evidence): Cause | undefined {
  const found = lamp && bridgeIn(lamp, bridge);
  if (observation === undefined || found === undefined || found.cleansession) return undefined;
  const unstripped = observation.strays.filter(
    ({ side, topic, message }) => side === 'lamp' && message !== 'out' && topic.startsWith(bridge.remotePrefix),
  );
  if (unstripped.length === 0 && observation.in.copies < 2) return undefined;
  const line = lamp!.config.findLast(({ option, file }) => option === 'cleansession' && file === found.at.file);
  return {
    code: 'stale-subscriptions',
    text: unstripped.length
      ? `${bridge.cloudName} keeps subscriptions of an older topic map (cleansession false): ${unstripped[0]!.topic} arrived on ${bridge.lampName} with its prefix`
      : `${bridge.cloudName} keeps subscriptions of an older topic map (cleansession false): the message arrived ${observation.in.copies} times`,
    evidence: [...(line ? [shownLine(line)] : []), ...found.topics.map(({ at }) => shownLine(at))],
    hint: 'Let the bridge connect once with "cleansession true", which clears them.',
  };
}

/** `both` on each of two brokers, or on overlapping topics, sends messages round and round. */
function loop({ bridge, observation, lamp, cloud }: Evidence): Cause | undefined {
  if (observation === undefined || observation.out.echoes + observation.in.echoes === 0) return undefined;
  const both = [lamp, cloud].flatMap((host) =>
    host === undefined
      ? []
      : bridgesOf(host.config).flatMap(({ topics }) => topics.filter(({ direction }) => direction === 'both')),
  );
  return {
    code: 'loop',
    text: `messages come back to where they were sent: ${observation.out.echoes + observation.in.echoes} copies`,
    evidence: both.map(({ at }) => shownLine(at)),
    hint: `Use "out" and "in" in place of "both", with different topics each way, in the bridges of ${bridge.lampName} and ${bridge.cloudName}.`,
  };
}

/** Two topics of one bridge that take the same message deliver it twice. */
function overlappingTopics({ bridge, observation, lamp }: Evidence): Cause | undefined {
  const found = lamp && bridgeIn(lamp, bridge);
  if (observation === undefined || found === undefined) return undefined;
  if (observation.out.copies < 2 && observation.in.copies < 2 && observation.strays.length === 0) return undefined;
  for (const direction of ['in', 'out'] as const) {
    const topics = found.topics.filter((topic) => topic.direction === direction || topic.direction === 'both');
    for (const [i, first] of topics.entries())
      for (const second of topics.slice(i + 1)) {
        const near = ({ pattern, localPrefix, remotePrefix }: typeof first) =>
          (direction === 'in' ? remotePrefix : localPrefix) + pattern;
        if (!overlap(near(first), near(second))) continue;
        return {
          code: 'overlapping-topics',
          text: 'two topics of the bridge take the same message, which arrives more than once or in two places',
          evidence: [shownLine(first.at), shownLine(second.at)],
          hint: 'Keep one of them.',
        };
      }
  }
  return undefined;
}

/** The bridge has no topic for the leg that failed. */
function unmappedTopic({ bridge, observation, lamp }: Evidence): Cause | undefined {
  const found = lamp && bridgeIn(lamp, bridge);
  if (observation === undefined || found === undefined) return undefined;
  for (const [leg, direction, name] of [
    [observation.out, 'out', bridge.outTopic],
    [observation.in, 'in', bridge.inTopic],
  ] as const) {
    if (leg.latencyMs !== undefined) continue;
    const local = `${name}/word`;
    const maps = found.topics.some(
      ({ pattern, direction: way, localPrefix, remotePrefix }) =>
        (way === direction || way === 'both') &&
        remotePrefix === bridge.remotePrefix &&
        overlap(localPrefix + pattern, local),
    );
    if (maps) continue;
    return {
      code: 'topic-not-mapped',
      text: `the bridge has no topic that takes ${name}/… ${direction} between ${bridge.lampName} and ${bridge.remotePrefix} on ${bridge.cloudName}`,
      evidence: found.topics.map(({ at }) => shownLine(at)),
      hint: `Add "topic ${name}/+ ${direction} 1 "" ${bridge.remotePrefix}" and restart mosquitto on ${bridge.lampName}.`,
    };
  }
  return undefined;
}

/** The cloud's ACL swallows what the bridge or the check publishes or reads; nobody is told. */
function aclOfTopics({ bridge, observation, lamp, cloud }: Evidence): Cause | undefined {
  if (observation === undefined || cloud?.acl === undefined) return undefined;
  const file = settingOf(cloud.config, 'acl_file');
  const ofBridge = { username: lamp && bridgeIn(lamp, bridge)?.username, clientId: bridge.clientId };
  const ofCheck = { username: bridge.cloudUsername, clientId: 'lamplighter' };
  for (const [leg, topic, writer, reader] of [
    [observation.out, observation.out.expectedAt, ofBridge, ofCheck],
    [observation.in, observation.in.sentTo, ofCheck, ofBridge],
  ] as const) {
    if (leg.latencyMs !== undefined) continue;
    const mayWrite = aclAllows(cloud.acl, writer, 'write', topic);
    if (mayWrite && aclAllows(cloud.acl, reader, 'read', topic)) continue;
    const who = (mayWrite ? reader : writer) === ofBridge ? 'the bridge' : 'the check';
    return {
      code: 'acl-topic',
      text: `${bridge.cloudName}'s ACL does not let ${who} ${mayWrite ? 'read' : 'write'} ${topic}`,
      evidence: file ? [shownLine(file)] : [],
      hint: `Allow ${bridge.remotePrefix}# in the ACL file and reload mosquitto.`,
    };
  }
  return undefined;
}

function foreignMessages({ bridge, observation, lamp }: Evidence): Cause | undefined {
  if (!observation?.otherArrived) return undefined;
  const found = lamp && bridgeIn(lamp, bridge);
  return {
    code: 'foreign-messages',
    text: `${bridge.lampName} receives messages for other devices`,
    evidence: (found?.topics ?? []).filter(({ direction }) => direction !== 'out').map(({ at }) => shownLine(at)),
    hint: `The prefix of "in" topics has to name this device: ${bridge.remotePrefix}`,
  };
}

function unstable({ bridge, observation, lamp }: Evidence): Cause | undefined {
  if (observation === undefined || observation.heldSeconds >= observation.neededSeconds) return undefined;
  return {
    code: 'unstable',
    text: 'the bridge connects and does not stay connected',
    evidence: lastMatching(lamp, /bridge|Socket error|Connection/i, bridge.lampName, 4),
    hint: 'Look for another client with this remote_clientid, and at the network between the two.',
  };
}

function unknown({ bridge, problems, lamp, cloud }: Evidence): Cause {
  return {
    code: 'unknown',
    text: 'no known cause fits what was seen',
    evidence: [
      ...Object.entries(problems).map(([side, problem]) => `${side}: ${problem.message}`),
      ...lastMatching(lamp, /./, bridge.lampName, 3),
      ...lastMatching(cloud, /./, bridge.cloudName, 3),
    ],
    hint: 'The logs of both brokers (/var/log/mosquitto/mosquitto.log) say more with "log_type all".',
  };
}

function isConnected({ observation }: Evidence): boolean {
  return observation?.states.cloud === '1' || observation?.out.latencyMs !== undefined;
}

function bridgeIn(lamp: HostEvidence, { clientId }: BridgeSpec): BridgeConfig | undefined {
  return bridgesOf(lamp.config).find((each) => each.clientId === clientId || each.name === clientId);
}

/** Configuration files newer than the broker's start. The start is known to a second or so. */
function changedSinceStart({ modified, startedAt }: HostEvidence): string[] {
  if (startedAt === undefined) return [];
  return modified
    .filter(({ path, at }) => path.endsWith('.conf') && at > startedAt + 1.5)
    .map(({ path, at }) => `${path} was changed ${Math.round(at - startedAt)} s after the broker started`);
}

function lastMatching(host: HostEvidence | undefined, pattern: RegExp, name: string, count = 2): string[] {
  return sinceStart(host?.log ?? [])
    .filter((line) => pattern.test(line))
    .slice(-count)
    .map((line) => `log of ${name}: ${line}`);
}

function shownListener({ address, port, pid, name }: Listener): string {
  return `${address}:${port} belongs to ${name}, pid ${pid ?? 'unknown'}`;
}
