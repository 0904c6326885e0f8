import { LamplighterError } from '../errors.ts';
import type { ActionHost, TaskResult } from '../task.ts';
import { type BridgeObservation, type BridgeSpec, DOUBTFUL_SECONDS, observeBridge, type Side } from './bridge.ts';
import type { BridgePlaces, Cause, Evidence } from './causes/cause.ts';
import { isLasting, likelyCause } from './diagnosis.ts';
import type { EndOptions, MqttEnd } from './end.ts';
import {
  type BrokerPlace,
  evidenceScript,
  type HostEvidence,
  intruderScript,
  parseEvidence,
  takeoverScript,
} from './evidence.ts';
import { parseListeners } from './listeners.ts';
import { takeovers } from './log.ts';
import { openFromHost, reach } from './open.ts';
import type { TlsOptions } from './tls.ts';
import { type FailedLeg, failedLeg, summary } from './verdict.ts';

/** How a bridge is verified: what it should be, by which logins, and with how much patience. */
export interface Verification {
  bridge: BridgeSpec & BridgePlaces;
  localAddress: string;
  lampLogin: Login;
  cloudLogin: Login;
  stateSeconds: number;
  messageSeconds: number;
  /** Undefined: short, unless the cloud's log gives a reason to doubt. */
  stableSeconds: number | undefined;
  places: Record<Side, BrokerPlace>;
}

interface Login {
  username: string | undefined;
  password: string | undefined;
  tls?: TlsOptions | undefined;
}

type Problems = Evidence['problems'];

/** The state has to be 1 for so long when nothing gives a reason to doubt. */
const STABLE_SECONDS = 3;

/** Seconds that connecting to a broker, and each of its answers, may take. */
const ANSWER_SECONDS = 8;

/** Proves the bridge of a lamp, or tells which leg failed, what was seen instead and why that may be. */
export async function verifyBridge(lamp: ActionHost, cloud: ActionHost, plan: Verification): Promise<TaskResult> {
  lamp.progress(`connecting to the brokers of ${plan.bridge.lampName} and ${plan.bridge.cloudName}`);
  const { ends, problems } = await openBoth(lamp, cloud, plan);
  try {
    if (ends === undefined) return await failure(lamp, cloud, plan, problemLeg(problems), { problems });
    lamp.progress('sending messages both ways');
    const intruders = findIntruder(lamp, cloud, plan);
    intruders.catch(() => undefined);
    const observation = await observeBridge(ends.lamp, ends.cloud, plan.bridge, {
      stateSeconds: plan.stateSeconds,
      messageSeconds: plan.messageSeconds,
      stableSeconds: async () => plan.stableSeconds ?? (await stableSeconds(cloud, plan)),
      hopeless: () => isHopeless(lamp, cloud, plan),
    });
    const failed = failedLeg(observation, plan.bridge) ?? (await intruders);
    if (failed === undefined) return success(observation, ends);
    return await failure(lamp, cloud, plan, failed, { problems, observation });
  } finally {
    await Promise.all(Object.values(ends ?? {}).map((end) => end.close()));
  }
}

/** Clients of both brokers, or what is wrong with them. */
async function openBoth(
  lamp: ActionHost,
  cloud: ActionHost,
  { bridge, localAddress, lampLogin, cloudLogin }: Verification,
): Promise<{ ends?: Record<Side, MqttEnd>; problems: Problems }> {
  const options = (login: Login): EndOptions => ({ ...login, timeoutSeconds: ANSWER_SECONDS, signal: lamp.signal });
  const [lampEnd, cloudEnd] = await Promise.allSettled([
    openFromHost(lamp, { address: localAddress, port: bridge.localPort }, options(lampLogin)),
    openFromHost(cloud, { address: '127.0.0.1', port: bridge.cloudPort }, options(cloudLogin)),
  ]);
  if (lampEnd.status === 'fulfilled' && cloudEnd.status === 'fulfilled')
    return { ends: { lamp: lampEnd.value, cloud: cloudEnd.value }, problems: {} };
  const problems: Problems = {};
  for (const [side, outcome] of [
    ['lamp', lampEnd],
    ['cloud', cloudEnd],
  ] as const) {
    if (outcome.status === 'fulfilled') await outcome.value.close();
    else problems[side] = problemOf(outcome.reason);
  }
  return { problems };
}

/** A known error in the terms of the diagnosis; others, and interruptions, go on. */
function problemOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof LamplighterError) || error.code === 'INTERRUPTED') throw error;
  return { code: error.code, message: error.message };
}

function problemLeg({ lamp, cloud }: Problems): FailedLeg {
  if (cloud !== undefined) return { leg: 'cloud broker', saw: cloud.message };
  return { leg: 'lamp broker', saw: lamp?.message ?? '' };
}

/** A broker that carries messages and is not the service's own: an old process, with an old configuration. */
async function findIntruder(lamp: ActionHost, cloud: ActionHost, plan: Verification): Promise<FailedLeg | undefined> {
  const { bridge, places } = plan;
  const look = async (leg: FailedLeg['leg'], host: ActionHost, side: Side, port: number) => {
    const reply = await host.run(intruderScript(places[side], port), { readOnly: true });
    const [found] = parseListeners(reply.stdout);
    if (found === undefined) return undefined;
    const saw = `messages cross by another process than the service's own: ${found.name}, pid ${found.pid}, on port ${port}`;
    return { leg, saw };
  };
  const [onCloud, onLamp] = await Promise.all([
    look('cloud broker', cloud, 'cloud', bridge.cloudPort),
    look('lamp broker', lamp, 'lamp', bridge.localPort),
  ]);
  return onCloud ?? onLamp;
}

/** Longer where another client has lately taken over the bridge's id, or nobody can tell. */
async function stableSeconds(cloud: ActionHost, { bridge, places }: Verification): Promise<number> {
  const reply = await cloud.run(takeoverScript(places.cloud, bridge.clientId), { readOnly: true });
  if (reply.rc !== 0) return DOUBTFUL_SECONDS;
  const [now = '0', ...log] = reply.stdout.split('\n');
  const lately = takeovers(log, bridge.clientId).some(({ at }) => at === undefined || Number(now) - at <= 60);
  return lately ? DOUBTFUL_SECONDS : STABLE_SECONDS;
}

/** Whether the cause is already plain while the bridge is still waited for. */
async function isHopeless(lamp: ActionHost, cloud: ActionHost, plan: Verification): Promise<boolean> {
  lamp.progress('the bridge is not connected yet; looking for the cause');
  const cause = likelyCause(await evidenceOf(lamp, cloud, plan, { problems: {} }));
  if (isLasting(cause)) return true;
  lamp.progress(`waiting up to ${plan.stateSeconds} s for the bridge`);
  return false;
}

type Seen = { problems: Problems; observation?: BridgeObservation };

async function evidenceOf(lamp: ActionHost, cloud: ActionHost, plan: Verification, seen: Seen): Promise<Evidence> {
  const { bridge, places } = plan;
  const at = (port: number) => reach(lamp, { address: bridge.cloudAddress, port }, ANSWER_SECONDS);
  const [ofLamp, ofCloud, reached, reachedSsh] = await Promise.all([
    hostEvidence(lamp, places.lamp),
    hostEvidence(cloud, places.cloud),
    at(bridge.cloudPort),
    at(Number(cloud.variable('ansible_port') ?? 22)),
  ]);
  return {
    bridge,
    problems: seen.problems,
    observation: seen.observation,
    lamp: ofLamp,
    cloud: ofCloud,
    reach: reached,
    reachSsh: reachedSsh,
  };
}

/** What a host says; undefined when it cannot be asked any more. */
async function hostEvidence(host: ActionHost, place: BrokerPlace): Promise<HostEvidence | undefined> {
  try {
    return parseEvidence((await host.run(evidenceScript(place), { readOnly: true, timeoutSeconds: 30 })).stdout);
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

function success(observation: BridgeObservation, ends: Record<Side, MqttEnd>): TaskResult {
  return {
    changed: false,
    summary: summary(observation),
    ...facts(observation),
    carriers: { lamp: ends.lamp.carrier, cloud: ends.cloud.carrier },
  };
}

async function failure(
  lamp: ActionHost,
  cloud: ActionHost,
  plan: Verification,
  { leg, saw }: FailedLeg,
  seen: Seen,
): Promise<TaskResult> {
  lamp.progress(`the ${leg} leg failed; looking for the cause`);
  const cause = likelyCause(await evidenceOf(lamp, cloud, plan, seen));
  return {
    failed: true,
    changed: false,
    msg: message(leg, saw, cause),
    leg,
    saw,
    cause: cause.code,
    likely_cause: cause.text,
    evidence: cause.evidence,
    hint: cause.hint,
    ...(seen.observation === undefined ? {} : facts(seen.observation)),
  };
}

function message(leg: string, saw: string, { code, text, evidence, hint }: Cause): string {
  return [
    `bridge verification failed at "${leg}": ${saw}`,
    `likely cause (${code}): ${text}`,
    ...evidence.map((line) => `  ${line}`),
    `hint: ${hint}`,
  ].join('\n');
}

function facts(observation: BridgeObservation): Record<string, unknown> {
  const crossing = ({ latencyMs, copies }: BridgeObservation['out']) => ({
    latency_ms: latencyMs === undefined ? null : Math.round(latencyMs * 10) / 10,
    copies,
  });
  return {
    out: crossing(observation.out),
    in: crossing(observation.in),
    other_device: observation.otherArrived ? 'arrived' : observation.sentinelArrived ? 'kept out' : 'unknown',
    strays: observation.strays,
    states: observation.states,
    stable_seconds: Math.round(observation.heldSeconds * 10) / 10,
  };
}
