import { type BridgeObservation, type BridgeSpec, type Crossing, type Side, type Stray, stateTopic } from './bridge.ts';
import type { BridgePlaces } from './causes/cause.ts';
import type { CheckName } from './checks/check.ts';

/** The parts of a verification, in the order in which they are judged. */
export type Leg =
  | 'lamp broker'
  | 'cloud broker'
  | 'state'
  | 'out'
  | 'in'
  | 'other device'
  | 'exactly once'
  | 'stability'
  | Exclude<CheckName, 'bridge'>;

export interface FailedLeg {
  leg: Leg;
  /** What was expected and what was seen instead. */
  saw: string;
}

type Names = Pick<BridgePlaces, 'lampName' | 'cloudName'> & Pick<BridgeSpec, 'clientId' | 'notificationTopic'>;

/** The first leg that failed; undefined when the bridge is proven. */
export function failedLeg(seen: BridgeObservation, names: Names): FailedLeg | undefined {
  const { states, out, otherArrived, sentinelArrived } = seen;
  const wasUp = seen.heldSeconds > 0;
  if (!wasUp && (states.lamp !== '1' || states.cloud !== '1')) return { leg: 'state', saw: stateSeen(seen, names) };
  if (out.latencyMs === undefined) return { leg: 'out', saw: crossingSeen(out, 'out', seen, names) };
  if (seen.in.latencyMs === undefined) return { leg: 'in', saw: crossingSeen(seen.in, 'in', seen, names) };
  if (otherArrived)
    return {
      leg: 'other device',
      saw: `a message for another Device ID arrived on ${names.lampName}${places(seen.strays, 'other')}`,
    };
  if (!sentinelArrived)
    return { leg: 'other device', saw: 'the sentinel sent behind the message for another Device ID did not arrive' };
  const repeated = repeatedSeen(seen, names);
  if (repeated !== undefined) return { leg: 'exactly once', saw: repeated };
  if (seen.heldSeconds < seen.neededSeconds)
    return {
      leg: 'stability',
      saw: `the state stayed 1 for ${seen.heldSeconds.toFixed(1)} s of ${seen.neededSeconds}: ${changesSeen(seen, names)}`,
    };
  return undefined;
}

/** "out 3.1 ms, in 2.7 ms, other device kept out, once each, state 1 for 5 s". */
export function summary({ out, in: incoming, heldSeconds }: BridgeObservation): string {
  return `out ${ms(out)}, in ${ms(incoming)}, other device kept out, once each, state 1 for ${Math.floor(heldSeconds)} s`;
}

function stateSeen({ states, out, in: incoming }: BridgeObservation, names: Names): string {
  const { lampName, cloudName } = names;
  const said = (name: string, value: string | undefined) =>
    value === undefined ? `${name} has no such topic` : `${name} says ${value}`;
  const crossed = [out.latencyMs !== undefined && 'out', incoming.latencyMs !== undefined && 'in'].filter(Boolean);
  const data = crossed.length > 0 ? `; messages do cross (${crossed.join(', ')})` : '; no message crosses either';
  return `${stateTopic(names)} is not 1 on both ends: ${said(lampName, states.lamp)}, ${said(cloudName, states.cloud)}${data}`;
}

function crossingSeen(crossing: Crossing, kind: Stray['message'], { strays }: BridgeObservation, names: Names): string {
  const near = crossing.from === 'lamp' ? names.lampName : names.cloudName;
  const far = crossing.from === 'lamp' ? names.cloudName : names.lampName;
  if (crossing.refused !== undefined)
    return `${near}'s broker refused the message to ${crossing.sentTo}: ${crossing.refused}`;
  const elsewhere = places(strays, kind);
  return `published ${crossing.sentTo} on ${near}; ${crossing.expectedAt} did not arrive on ${far}${elsewhere ? `, it went${elsewhere} instead` : ', nor anywhere else'}`;
}

function repeatedSeen(seen: BridgeObservation, names: Names): string | undefined {
  const parts = [seen.out, seen.in].flatMap((crossing) => {
    const kind = crossing.from === 'lamp' ? 'out' : 'in';
    return [
      crossing.copies > 1 && `the message ${kind} arrived ${crossing.copies} times`,
      crossing.echoes > 0 && `the message ${kind} came back ${crossing.echoes} times to where it was sent`,
    ];
  });
  const strays = seen.strays.map(
    ({ side, topic, message, copies }) =>
      `${copies > 1 ? `${copies} copies of ` : ''}${STRAY_NAMES[message]} at ${topic} on ${nameOf(side, names)}`,
  );
  const said = [...parts.filter((part) => part !== false), ...strays];
  return said.length === 0 ? undefined : said.join('; ');
}

const STRAY_NAMES: Record<Stray['message'], string> = {
  out: 'the message out',
  in: 'the message in',
  other: 'the message for another device',
  unmapped: 'a message that no topic of the bridge takes',
  sentinel: 'the sentinel',
};

function places(strays: Stray[], kind: Stray['message']): string {
  const topics = strays.filter(({ message }) => message === kind).map(({ topic }) => topic);
  return topics.length === 0 ? '' : ` to ${topics.join(' and ')}`;
}

function changesSeen({ stateChanges }: BridgeObservation, names: Names): string {
  return stateChanges
    .map(({ side, value, after }) => `${value} on ${nameOf(side, names)} after ${after.toFixed(1)} s`)
    .join(', ');
}

function nameOf(side: Side, { lampName, cloudName }: Names): string {
  return side === 'lamp' ? lampName : cloudName;
}

function ms({ latencyMs }: Crossing): string {
  return `${(latencyMs ?? Number.NaN).toFixed(1)} ms`;
}
