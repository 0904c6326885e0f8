import { aclAllows } from '../acl.ts';
import { bridgesOf, settingOf, shownLine } from '../config.ts';
import { overlap } from '../topics.ts';
import { bridgeIn, bridgeUser, type Cause, type Evidence } from './cause.ts';

/** `devices/ID` and `test1/+` make `devices/IDtest1/+`, and Mosquitto says nothing. */
export function prefixWithoutSlash({ bridge, observation, lamp }: Evidence): Cause | undefined {
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
export function staleSubscriptions({ bridge, observation, lamp }: Evidence): Cause | undefined {
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
export function loop({ bridge, observation, lamp, cloud }: Evidence): Cause | undefined {
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
export function overlappingTopics({ bridge, observation, lamp }: Evidence): Cause | undefined {
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
export function unmappedTopic({ bridge, observation, lamp }: Evidence): Cause | undefined {
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
export function aclOfTopics({ bridge, observation, lamp, cloud }: Evidence): Cause | undefined {
  if (observation === undefined || cloud?.acl === undefined) return undefined;
  const file = settingOf(cloud.config, 'acl_file');
  const ofBridge = { username: bridgeUser({ bridge, lamp, cloud }), clientId: bridge.clientId };
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

export function foreignMessages({ bridge, observation, lamp }: Evidence): Cause | undefined {
  if (!observation?.otherArrived) return undefined;
  const found = lamp && bridgeIn(lamp, bridge);
  return {
    code: 'foreign-messages',
    text: `${bridge.lampName} receives messages for other devices`,
    evidence: (found?.topics ?? []).filter(({ direction }) => direction !== 'out').map(({ at }) => shownLine(at)),
    hint: `The prefix of "in" topics has to name this device: ${bridge.remotePrefix}`,
  };
}
