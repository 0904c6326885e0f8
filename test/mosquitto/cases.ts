import { type BridgeArgs, bridgeArgs } from '../../run/mosquitto/bridge-args.ts';
import { type BrokerArgs, brokerArgs } from '../../run/mosquitto/broker-args.ts';
import { textOf } from '../../run/mosquitto/lines.ts';
import { bridgeFile, brokerFile } from '../../run/mosquitto/render.ts';
import { inspectMosquitto } from '../../run/mosquitto/rules.ts';
import type { Version } from '../../run/mosquitto/version.ts';
import type { Finding, InspectedTask } from '../../run/task.ts';

export const ID = 'b297ab73363f';

/** The bridge of the course. */
export const BRIDGE: Record<string, unknown> = {
  device_id: ID,
  connection: `${ID}_broker`,
  address: '10.0.21.12',
  port: 50001,
  remote_clientid: `${ID}_broker`,
  remote_prefix: `devices/${ID}/`,
  topics: [
    { pattern: 'test1/+', direction: 'out' },
    { pattern: 'test2/+', direction: 'in' },
  ],
  cleansession: true,
};

/** Its broker. */
const BROKER: Record<string, unknown> = { listeners: [{ port: 50001 }], allow_anonymous: true };

export function bridge(more: Record<string, unknown> = {}): BridgeArgs {
  return bridgeArgs.parse({ ...BRIDGE, ...more });
}

export function broker(more: Record<string, unknown> = {}): BrokerArgs {
  return brokerArgs.parse({ ...BROKER, ...more });
}

export function bridgeText(more: Record<string, unknown> = {}): string {
  return textOf(bridgeFile(bridge(more)));
}

export function brokerText(more: Record<string, unknown>, version: Version): string {
  return textOf(brokerFile(broker(more), version));
}

/** A bridge's task on a lamp of its own. */
export function lamp(host: string, id: string, more: Record<string, unknown> = {}): InspectedTask {
  const own = {
    device_id: id,
    connection: `${id}_broker`,
    remote_clientid: `${id}_broker`,
    remote_prefix: `devices/${id}/`,
  };
  return task('mosquitto_bridge', host, { ...bridge({ ...own, ...more }) });
}

export function cloud(more: Record<string, unknown> = {}, host = 'cloud', address = '10.0.21.12'): InspectedTask {
  return task('mosquitto_broker', host, { ...broker(more) }, address);
}

export function task(
  module: string,
  host: string,
  args: Record<string, unknown>,
  address = host,
  unknown: string[] = [],
): InspectedTask {
  return { module, host, address, args, unknown };
}

/** What the rules say, in short: `error rule host:path host:path`. */
export function said(...tasks: InspectedTask[]): string[] {
  return inspectMosquitto(tasks).map(shown);
}

function shown({ level, rule, at }: Finding): string {
  return [level, rule, ...at.map(({ task, path }) => `${task.host}:${path.join('.')}`)].join(' ');
}
