import type { ActionHost, TaskResult } from '../task.ts';
import type { BridgeObservation, BridgeSpec, Side } from './bridge.ts';
import type { BridgePlaces, Cause, Evidence } from './causes/cause.ts';
import { likelyCause } from './diagnosis.ts';
import { type BrokerPlace, evidenceOn, type HostEvidence } from './evidence.ts';
import { reach } from './open.ts';
import { problemOf } from './problem.ts';

/** The bridge that failed, and where its brokers are. */
export interface Failed {
  bridge: BridgeSpec & BridgePlaces;
  places: Record<Side, BrokerPlace>;
}

/** What is known of it before anybody is asked. */
export interface Seen {
  problems: Evidence['problems'];
  observation?: BridgeObservation;
}

/** Seconds that connecting to a broker, and each of its answers, may take. */
export const ANSWER_SECONDS = 8;

export async function evidenceOf(lamp: ActionHost, cloud: ActionHost, plan: Failed, seen: Seen): Promise<Evidence> {
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
    return await evidenceOn(host, place);
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

/** The failed task: which part, what was seen, and the likely cause, looked for unless it is known. */
export async function failure(
  lamp: ActionHost,
  cloud: ActionHost,
  plan: Failed,
  { leg, saw, cause: known }: { leg: string; saw: string; cause?: Cause },
  seen: Seen,
): Promise<TaskResult> {
  lamp.progress(`the ${leg} leg failed; looking for the cause`);
  const cause = known ?? likelyCause(await evidenceOf(lamp, cloud, plan, seen));
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
