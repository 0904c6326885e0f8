import type { ActionHost, TaskResult } from '../task.ts';
import { type BridgeObservation, type BridgeSpec, DOUBTFUL_SECONDS, observeBridge, type Side } from './bridge.ts';
import type { BridgePlaces, Cause, Evidence } from './causes/cause.ts';
import { CHECKS, type Check, type CheckName, NEEDS_FORWARDING, type Scene } from './checks/check.ts';
import { isolation } from './checks/isolation.ts';
import { outage } from './checks/outage.ts';
import { refusal } from './checks/refusal.ts';
import { retained } from './checks/retained.ts';
import { stream } from './checks/stream.ts';
import { will } from './checks/will.ts';
import { isLasting, likelyCause } from './diagnosis.ts';
import type { EndOptions, MqttEnd } from './end.ts';
import { type BrokerPlace, intruderScript, takeoverScript } from './evidence.ts';
import { ANSWER_SECONDS, evidenceOf, failure } from './failure.ts';
import type { BrokerAddress } from './host-clients.ts';
import { parseListeners } from './listeners.ts';
import { takeovers } from './log.ts';
import { openFromHost } from './open.ts';
import { problemOf } from './problem.ts';
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
  checks: readonly CheckName[];
  /** Each way, of the check "stream". */
  messages: number;
}

interface Login {
  username: string | undefined;
  password: string | undefined;
  tls?: TlsOptions | undefined;
}

/** The state has to be 1 for so long when nothing gives a reason to doubt. */
const STABLE_SECONDS = 3;

/** Proves the bridge of a lamp, or tells which part failed, what was seen instead and why that may be. */
export async function verifyBridge(lamp: ActionHost, cloud: ActionHost, plan: Verification): Promise<TaskResult> {
  lamp.progress(`connecting to the brokers of ${plan.bridge.lampName} and ${plan.bridge.cloudName}`);
  const opened: MqttEnd[] = [];
  const logins = loginsOf(lamp, plan);
  const open: Scene['open'] = async (side, changes = {}) => {
    const end = await openFromHost(side === 'lamp' ? lamp : cloud, brokerOf(side, plan), {
      ...logins[side],
      ...changes,
    });
    opened.push(end);
    return end;
  };
  try {
    const { ends, problems } = await openBoth(open);
    if (ends === undefined) return await failure(lamp, cloud, plan, problemLeg(problems), { problems });
    const { bridge, places, messageSeconds, stateSeconds, messages } = plan;
    const hosts = { lamp, cloud };
    const scene: Scene = { hosts, ends, bridge, places, logins, open, messageSeconds, stateSeconds, messages };
    return await runChecks(scene, plan);
  } finally {
    await Promise.all(opened.map((end) => end.close()));
  }
}

const FURTHER: Record<Exclude<CheckName, 'bridge'>, Check> = { stream, retained, will, isolation, refusal, outage };

/** The chosen checks one after the other, up to the first that fails. */
async function runChecks(scene: Scene, plan: Verification): Promise<TaskResult> {
  const { hosts, ends } = scene;
  const proven: string[] = [];
  const skipped: Record<string, string> = {};
  let result: Record<string, unknown> = { carriers: { lamp: ends.lamp.carrier, cloud: ends.cloud.carrier } };
  const failed = async (leg: FailedLeg | (FailedLeg & { cause: Cause }), observation?: BridgeObservation) => ({
    ...(await failure(hosts.lamp, hosts.cloud, plan, leg, { problems: {}, ...(observation ? { observation } : {}) })),
    ...result,
  });
  for (const name of CHECKS.filter((each) => plan.checks.includes(each))) {
    if (name === 'bridge') {
      const seen = await crossing(scene, plan);
      result = { ...result, ...facts(seen.observation) };
      if (seen.failed !== undefined) return failed(seen.failed, seen.observation);
      proven.push(summary(seen.observation));
      continue;
    }
    if (ends.lamp.drop === undefined || ends.cloud.drop === undefined) {
      skipped[name] = NEEDS_FORWARDING;
      continue;
    }
    hosts.lamp.progress(`checking: ${name}`);
    const outcome = await FURTHER[name](scene);
    if ('facts' in outcome) result = { ...result, ...outcome.facts };
    if ('saw' in outcome) {
      const { saw, cause } = outcome;
      if (cause !== undefined) return failed({ leg: name, saw, cause });
      // What single messages do tells more of the cause. An outage has ended the connection to the cloud.
      const anew = { ...ends, cloud: await scene.open('cloud') };
      return failed({ leg: name, saw }, (await crossing({ ...scene, ends: anew }, plan)).observation);
    }
    if ('skipped' in outcome) skipped[name] = outcome.skipped;
    else proven.push(outcome.proven);
  }
  const warnings = Object.entries(skipped).map(([name, why]) => `the check "${name}" was not made: ${why}`);
  const made = plan.checks.filter((name) => !(name in skipped));
  return {
    changed: made.includes('outage'),
    summary: proven.join('; '),
    checks: made,
    ...result,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** A message out, one in, another lamp's that must not arrive, and the state, held. */
async function crossing({ hosts: { lamp, cloud }, ends }: Scene, plan: Verification) {
  lamp.progress('sending messages both ways');
  const intruders = findIntruder(lamp, cloud, plan);
  intruders.catch(() => undefined);
  const observation = await observeBridge(ends.lamp, ends.cloud, plan.bridge, {
    stateSeconds: plan.stateSeconds,
    messageSeconds: plan.messageSeconds,
    stableSeconds: async () => plan.stableSeconds ?? (await stableSeconds(cloud, plan)),
    hopeless: () => isHopeless(lamp, cloud, plan),
  });
  return { observation, failed: failedLeg(observation, plan.bridge) ?? (await intruders) };
}

function loginsOf({ signal }: ActionHost, { lampLogin, cloudLogin }: Verification): Record<Side, EndOptions> {
  const options = (login: Login): EndOptions => ({ ...login, timeoutSeconds: ANSWER_SECONDS, signal });
  return { lamp: options(lampLogin), cloud: options(cloudLogin) };
}

/** Where each host finds its own broker. */
function brokerOf(side: Side, { bridge, localAddress }: Verification): BrokerAddress {
  return side === 'lamp'
    ? { address: localAddress, port: bridge.localPort }
    : { address: '127.0.0.1', port: bridge.cloudPort };
}

/** Clients of both brokers, or what is wrong with them. */
async function openBoth(
  open: Scene['open'],
): Promise<{ ends?: Record<Side, MqttEnd>; problems: Evidence['problems'] }> {
  const [lamp, cloud] = await Promise.allSettled([open('lamp'), open('cloud')]);
  if (lamp.status === 'fulfilled' && cloud.status === 'fulfilled')
    return { ends: { lamp: lamp.value, cloud: cloud.value }, problems: {} };
  return {
    problems: {
      ...(lamp.status === 'rejected' ? { lamp: problemOf(lamp.reason) } : {}),
      ...(cloud.status === 'rejected' ? { cloud: problemOf(cloud.reason) } : {}),
    },
  };
}

function problemLeg({ lamp, cloud }: Evidence['problems']): FailedLeg {
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
