import type { BridgeObservation, BridgeSpec, Side } from '../bridge.ts';
import { type BridgeConfig, bridgesOf } from '../config.ts';
import type { HostEvidence } from '../evidence.ts';
import type { Listener } from '../listeners.ts';
import { sinceStart, usersOf } from '../log.ts';
import type { Reach } from '../open.ts';

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
  /** The same to the cloud's SSH port, which tells a closed port from a host that is away. */
  reachSsh: Reach;
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
  | 'not-retained'
  | 'acl-missing'
  | 'acl-too-wide'
  | 'stranger-admitted'
  | 'clean-session'
  | 'no-persistence'
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

/** Finds one kind of cause, or does not. */
export type Rule = (evidence: Evidence) => Cause | undefined;

export function isConnected({ observation }: Evidence): boolean {
  return observation?.states.cloud === '1' || observation?.out.latencyMs !== undefined;
}

export function bridgeIn(
  { config }: Pick<HostEvidence, 'config'>,
  { clientId }: Pick<BridgeSpec, 'clientId'>,
): BridgeConfig | undefined {
  return bridgesOf(config).find((each) => each.clientId === clientId || each.name === clientId);
}

/** As whom the bridge is on the cloud; with certificates only the cloud's log tells. */
export function bridgeUser({ bridge, lamp, cloud }: Pick<Evidence, 'bridge' | 'lamp' | 'cloud'>): string | undefined {
  return (lamp && bridgeIn(lamp, bridge)?.username) ?? (cloud && usersOf(cloud.log, bridge.clientId)[0]);
}

/** Configuration files newer than the broker's start. The start is known to a second or so. */
export function changedSinceStart({ modified, startedAt }: HostEvidence): string[] {
  if (startedAt === undefined) return [];
  return modified
    .filter(({ path, at }) => path.endsWith('.conf') && at > startedAt + 1.5)
    .map(({ path, at }) => `${path} was changed ${Math.round(at - startedAt)} s after the broker started`);
}

export function lastMatching(host: HostEvidence | undefined, pattern: RegExp, name: string, count = 2): string[] {
  return sinceStart(host?.log ?? [])
    .filter((line) => pattern.test(line))
    .slice(-count)
    .map((line) => `log of ${name}: ${line}`);
}

export function shownListener({ address, port, pid, name }: Listener): string {
  return `${address}:${port} belongs to ${name}, pid ${pid ?? 'unknown'}`;
}
