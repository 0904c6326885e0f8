import type { z } from 'zod';
import { int, path, str } from '../run/args.ts';
import { applyBridgeStep, applyResult, judged } from '../run/mosquitto/apply.ts';
import { bridgeArgs } from '../run/mosquitto/bridge-args.ts';
import { variantsOf } from '../run/mosquitto/lines.ts';
import { fileName } from '../run/mosquitto/names.ts';
import { bridgeFile } from '../run/mosquitto/render.ts';
import { inspectMosquitto, inspectTask } from '../run/mosquitto/rules.ts';
import { lines } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

const args = bridgeArgs.extend({
  file: fileName().default('bridging'),
  config: path().default('/etc/mosquitto/mosquitto.conf'),
  conf_dir: path().default('/etc/mosquitto/conf.d'),
  service: str().default('mosquitto'),
  user: str().default('mosquitto'),
  timeout: int({ min: 1 }).default(15),
});
type Args = z.output<typeof args>;

/**
 * Options by Mosquitto's own names. Where a durable bridge (`cleansession: false`) no longer takes in a topic, it connects once
 * with a clean session, or the other broker would go on sending it; messages that wait there for the bridge end with it.
 * Source: mosquitto.conf(5), "Configuring Bridges".
 */
export default defineTask<Args>({
  name: 'lamplighter.mqtt.mosquitto_bridge',
  summary: "Bridges a host's Mosquitto broker to another, and applies it without an outage.",
  args: args as z.ZodType<Args>,
  secrets: ['remote_password', 'local_password', 'bridge_psk'],
  checkMode: 'full',
  returns: {
    version: "The host's Mosquitto, or in check mode the one that would be installed.",
    applied: 'restart, when something changed.',
    stays: 'What a bridge that is gone, or has another id or address, leaves behind: its session on the other broker.',
    said: "On a failure: Mosquitto's own words.",
    stale: 'On a failure: other processes on the ports (address, port, pid, name).',
  },
  example: `
- name: Bridge to the cloud
  mosquitto_bridge:
    device_id: b827eb08451e
    connection: b827eb08451e_broker
    address: 10.0.21.12
    port: 50001
    remote_clientid: b827eb08451e_broker
    remote_prefix: devices/b827eb08451e/
    topics:
      - { pattern: test1/+, direction: out }
      - { pattern: test2/+, direction: in }
    cleansession: true
`,
  inspect: inspectMosquitto,
  step: (args, context) => {
    const warnings = judged(inspectTask('mosquitto_bridge', context.host, args));
    const path = `${args.conf_dir.replace(/\/+$/, '')}/${args.file}.conf`;
    if (args.state === 'absent') {
      const gone = { kind: 'config' as const, path, mode: '', owner: '', group: '', content: undefined };
      return applyBridgeStep(args, gone);
    }
    const secret = [args.remote_password, args.local_password, args.bridge_psk].some((value) => value !== undefined);
    const content = variantsOf(() => bridgeFile(args));
    // Mosquitto reads its files again, as its own user, on a reload.
    const [mode, group] = secret ? ['0640', args.user] : ['0644', 'root'];
    return lines(warnings, applyBridgeStep(args, { kind: 'config', path, mode, owner: 'root', group, content }));
  },
  result: (reply, _args, context) => applyResult(reply, context),
});
