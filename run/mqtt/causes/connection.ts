import { bridgesOf, shownLine, splitAddress } from '../config.ts';
import { bridgeSources, bridgeTarget, isTakeover, sinceStart, takeovers, usersOf } from '../log.ts';
import { anonymousRefused } from './brokers.ts';
import { bridgeIn, type Cause, type Evidence, isConnected, lastMatching } from './cause.ts';

/** Two bridges with one client id push each other out, again and again. */
export function duplicateClientId({ bridge, observation, cloud }: Evidence): Cause | undefined {
  if (cloud === undefined) return undefined;
  const recent = takeovers(cloud.log, bridge.clientId).filter(({ at }) => at === undefined || cloud.now - at <= 120);
  const lapsed = observation?.stateChanges.some(({ value }) => value !== '1') ?? true;
  if (recent.length < (lapsed ? 1 : 2)) return undefined;
  const sources = bridgeSources(cloud.log, bridge.clientId);
  // One takeover from one address is a lamp that came back before the cloud missed it.
  if (recent.length < 2 && sources.length < 2) return undefined;
  const users = usersOf(cloud.log, bridge.clientId);
  const lines = cloud.log.filter((line) => isTakeover(line, bridge.clientId)).slice(-3);
  if (users.length > 1)
    return {
      code: 'duplicate-client-id',
      text: `the users ${users.join(' and ')} connect to ${bridge.cloudName} with one client id, ${bridge.clientId}, and push each other off it: ${recent.length} times in the last two minutes`,
      evidence: lines,
      hint: 'One of them takes an id that is not its own, which Mosquitto lets whoever is admitted do. Look for it in the configuration of that lamp; use_username_as_clientid of the listener ties ids to users, for sites whose every user is one client.',
    };
  return {
    code: 'duplicate-client-id',
    text: `two bridges connect to ${bridge.cloudName} with the same remote_clientid ${bridge.clientId}${sources.length > 1 ? `, from ${sources.join(' and ')}` : ''}: they take turns, ${recent.length} times in the last two minutes`,
    evidence: lines,
    hint: 'Give every lamp its own Device ID and remote_clientid: look for this one in the bridging.conf of the other lamps.',
  };
}

export function missingBridge({ bridge, lamp }: Evidence): Cause | undefined {
  if (lamp === undefined || bridgeIn(lamp, bridge) !== undefined) return undefined;
  const others = bridgesOf(lamp.config);
  return {
    code: 'no-bridge',
    text: `no bridge on ${bridge.lampName} has the remote_clientid ${bridge.clientId}${others.length > 0 ? `; there is ${others.map((each) => each.clientId ?? each.name).join(', ')}` : ''}`,
    evidence: others.map((each) => shownLine(each.at)),
    hint: 'Set it up with the role lamp; Mosquitto reads only files that end in .conf.',
  };
}

/** The bridge goes elsewhere. */
export function wrongAddress(evidence: Evidence): Cause | undefined {
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

/** The cloud answered the bridge's CONNECT with a refusal ("Connection refused", without capitals, is TCP's). */
export function refusedBridge(evidence: Evidence): Cause | undefined {
  const { bridge, lamp, cloud } = evidence;
  if (lamp === undefined || isConnected(evidence)) return undefined;
  const refused = sinceStart(lamp.log).filter((line) => /Connection Refused: /.test(line));
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

export function unknownName({ bridge, lamp }: Evidence): Cause | undefined {
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

export function unstable({ bridge, observation, lamp }: Evidence): Cause | undefined {
  if (observation === undefined || observation.heldSeconds >= observation.neededSeconds) return undefined;
  return {
    code: 'unstable',
    text: 'the bridge connects and does not stay connected',
    evidence: lastMatching(lamp, /bridge|Socket error|Connection/i, bridge.lampName, 4),
    hint: 'Look for another client with this remote_clientid, and at the network between the two.',
  };
}
