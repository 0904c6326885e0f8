import type { Finding, InspectedTask } from '../task.ts';
import type { BridgeArgs } from './bridge-args.ts';
import type { BrokerArgs, Listener } from './broker-args.ts';

/*
 * The tasks that the rules look at. Whatever its type says, an argument that only a host can tell is not there (and its
 * name is in `unknown`): a rule takes what it does not know for right.
 */

export type BrokerTask = InspectedTask & { readonly args: BrokerArgs };
export type BridgeTask = InspectedTask & { readonly args: BridgeArgs };

/** What the rules want to know of mqtt_bridge_verify. */
export interface VerifyArgs {
  device_id: string;
  remote_clientid?: string | undefined;
  cloud: string;
  cloud_username?: string | undefined;
}
export type VerifyTask = InspectedTask & { readonly args: VerifyArgs };

/** All that is known of the brokers and bridges of a run. */
export interface Site {
  brokers: BrokerTask[];
  bridges: BridgeTask[];
  verified: VerifyTask[];
}

/** Whether an argument is not written at all. */
export function isMissing<T extends InspectedTask>(task: T, name: keyof T['args'] & string): boolean {
  return task.args[name] === undefined && !task.unknown.includes(name);
}

/** A bridge, and the listener that it leads to. */
export interface Door {
  bridge: BridgeTask;
  broker: BrokerTask;
  listener: Listener;
  index: number;
}

type At = readonly [task: InspectedTask, ...path: (string | number)[]];

/** A mistake: Mosquitto would refuse it, or do what nobody wants. */
export function mistake(rule: string, at: At | readonly At[], message: string, hint?: string): Finding {
  return finding('error', rule, at, message, hint);
}

/** What may be meant, and often is not. */
export function doubt(rule: string, at: At | readonly At[], message: string, hint?: string): Finding {
  return finding('warning', rule, at, message, hint);
}

function finding(
  level: Finding['level'],
  rule: string,
  at: At | readonly At[],
  message: string,
  hint?: string,
): Finding {
  const places = (Array.isArray(at[0]) ? at : [at]) as readonly At[];
  return {
    level,
    rule,
    message,
    ...(hint === undefined ? {} : { hint }),
    at: places.map(([task, ...path]) => ({ task, path })),
  };
}
