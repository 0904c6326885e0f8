import type { ActionHost } from '../../task.ts';
import type { BridgeSpec, Side } from '../bridge.ts';
import type { BridgePlaces, Cause } from '../causes/cause.ts';
import type { EndOptions, MqttEnd } from '../end.ts';
import type { BrokerPlace } from '../evidence.ts';

/** What a verification can prove, in the order in which it does. */
export const CHECKS = ['bridge', 'stream', 'retained', 'will', 'isolation', 'refusal', 'outage'] as const;
export type CheckName = (typeof CHECKS)[number];

/** Both ends of a bridge that a check works on. */
export interface Scene {
  hosts: Record<Side, ActionHost>;
  ends: Record<Side, MqttEnd>;
  bridge: BridgeSpec & BridgePlaces;
  places: Record<Side, BrokerPlace>;
  /** How the check's own clients log in, on each side. */
  logins: Record<Side, EndOptions>;
  /** Another client of one side's broker; like the check's own but for what is said. */
  open(side: Side, changes?: Partial<EndOptions>): Promise<MqttEnd>;
  /** For one message to cross. */
  messageSeconds: number;
  /** For the bridge to come back. */
  stateSeconds: number;
  /** Messages each way of a stream. */
  messages: number;
}

/** What a check found. */
export type Outcome =
  /** In words, and in figures for the result. */
  | { proven: string; facts?: Record<string, unknown> }
  /** What was seen instead; without a cause it is looked for among those of bridges. */
  | { saw: string; cause?: Cause; facts?: Record<string, unknown> }
  /** Why it could not be made here. */
  | { skipped: string };

export type Check = (scene: Scene) => Promise<Outcome>;

/** A topic of the lamp with one more level, as it is on the lamp and on the cloud. */
export function topicPair({ remotePrefix }: BridgeSpec, first: string, word: string): Record<Side, string> {
  return { lamp: `${first}/${word}`, cloud: `${remotePrefix}${first}/${word}` };
}

export function otherPrefix({ remotePrefix, deviceId, otherDeviceId }: BridgeSpec): string {
  return remotePrefix.replaceAll(deviceId, otherDeviceId);
}

/** All checks but that of the bridge itself need clients of our own: Mosquitto's tell neither a refusal nor the retain flag. */
export const NEEDS_FORWARDING =
  "the host's sshd forbids forwarding (AllowTcpForwarding), and Mosquitto's own clients cannot do it";
