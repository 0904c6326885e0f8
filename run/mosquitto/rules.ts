import type { Finding, InspectedTask } from '../task.ts';
import type { BridgeArgs } from './bridge-args.ts';
import type { BrokerArgs } from './broker-args.ts';
import { bridgeRules } from './rules-bridge.ts';
import { brokerRules } from './rules-broker.ts';
import { siteRules } from './rules-site.ts';
import { verifyRules } from './rules-verify.ts';
import type { BridgeTask, BrokerTask, VerifyArgs, VerifyTask } from './tasks.ts';

/**
 * Every rule on brokers and bridges: of each task by itself, and of all of them together. Mosquitto itself notices few of
 * these mistakes, and only when it is started.
 */
export function inspectMosquitto(tasks: readonly InspectedTask[], hosts: readonly string[] = []): Finding[] {
  const there = tasks.filter((task) => task.args.state !== 'absent');
  const brokers = there.filter((task): task is BrokerTask => task.module === 'mosquitto_broker') as BrokerTask[];
  const bridges = there.filter((task): task is BridgeTask => task.module === 'mosquitto_bridge') as BridgeTask[];
  const verified = tasks.filter((task): task is VerifyTask => task.module === 'mqtt_bridge_verify') as VerifyTask[];
  return [
    ...brokers.flatMap(brokerRules),
    ...bridges.flatMap(bridgeRules),
    ...siteRules({ brokers, bridges, verified }),
    ...verified.flatMap((task) => verifyRules(task, hosts)),
  ];
}

/** The rules that one task breaks by itself, on its host. */
export function inspectTask(module: string, host: string, args: BrokerArgs | BridgeArgs | VerifyArgs): Finding[] {
  return inspectMosquitto([
    { module, host, address: '', args: args as unknown as Record<string, unknown>, unknown: [] },
  ]);
}
