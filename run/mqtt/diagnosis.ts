import { configNotLoaded, refusedCheck, staleProcess, stoppedBroker, wrongListener } from './causes/brokers.ts';
import { type Cause, type Evidence, lastMatching, type Rule } from './causes/cause.ts';
import {
  duplicateClientId,
  missingBridge,
  refusedBridge,
  unknownName,
  unstable,
  wrongAddress,
} from './causes/connection.ts';
import { firewall, loopbackOnly } from './causes/network.ts';
import { aclOfState, notificationsOff } from './causes/state.ts';
import {
  aclOfTopics,
  foreignMessages,
  loop,
  overlappingTopics,
  prefixWithoutSlash,
  staleSubscriptions,
  unmappedTopic,
} from './causes/topics.ts';

/*
 * Why a bridge does not work, told from what both ends say. Pure: every rule looks at the evidence and finds its cause or
 * does not; the first one that does is the likely cause, so rules stand in the order in which causes hide each other.
 */

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
