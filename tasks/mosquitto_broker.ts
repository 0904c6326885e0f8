import type { z } from 'zod';
import { int, path, str } from '../run/args.ts';
import {
  applyResult,
  applyStep,
  askStep,
  judged,
  type ManagedFile,
  removeStep,
  versionIn,
} from '../run/mosquitto/apply.ts';
import {
  ACL_FILE,
  aclFileOf,
  type BrokerArgs,
  brokerArgs,
  PASSWORD_FILE,
  PSK_FILE,
  passwordFileOf,
  pskFileOf,
} from '../run/mosquitto/broker-args.ts';
import { variantsOf } from '../run/mosquitto/lines.ts';
import { fileName } from '../run/mosquitto/names.ts';
import { passwordFile } from '../run/mosquitto/passwords.ts';
import { aclFile, brokerFile, pskFile } from '../run/mosquitto/render.ts';
import { inspectMosquitto, inspectTask } from '../run/mosquitto/rules.ts';
import { lines } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type TaskContext, type TaskResult } from '../run/task.ts';

const args = brokerArgs.extend({
  file: fileName().default('port'),
  config: path().default('/etc/mosquitto/mosquitto.conf'),
  conf_dir: path().default('/etc/mosquitto/conf.d'),
  service: str().default('mosquitto'),
  user: str().default('mosquitto'),
  timeout: int({ min: 1 }).default(15),
});
type Args = z.output<typeof args>;

const IN_MAIN_FILE =
  "the distribution's mosquitto.conf sets it, and a second time in conf.d keeps Mosquitto from starting";

/**
 * Options by Mosquitto's own names. With `state: absent` the file goes, with the passwords and rights that no other names, and
 * the broker runs on with what is left: right after an installation, the distribution's own configuration. Source: mosquitto.conf(5).
 */
export default defineTask<Args>({
  name: 'lamplighter.mqtt.mosquitto_broker',
  summary: "Sets a Mosquitto broker's listeners, users, rights and limits, and applies them without an outage.",
  args: args as z.ZodType<Args>,
  argAliases: { listeners: ['listener'] },
  unsupported: {
    persistence_location: IN_MAIN_FILE,
    pid_file: IN_MAIN_FILE,
    include_dir: IN_MAIN_FILE,
    per_listener_settings: 'it has to stand before the security options of every file: set it in mosquitto.conf',
  },
  checkMode: 'full',
  returns: {
    version: "The host's Mosquitto, or in check mode the one that would be installed.",
    applied:
      'restart or reload, when something changed; nothing when a broker that does not run loses its configuration.',
    said: "On a failure: Mosquitto's own words.",
    stale: 'On a failure: other processes on the ports (address, port, pid, name).',
  },
  example: `
- name: Set the listener
  mosquitto_broker:
    listeners:
      - port: 50001
    users:
      - { name: lamp, password: "{{ vault_lamp_password }}" }
    acl:
      users:
        - name: lamp
          topics: [readwrite devices/b827eb08451e/#]
      patterns: [write $SYS/broker/connection/%c/state]
`,
  inspect: inspectMosquitto,
  // Hashes are compared on the controller, so with users the stored ones are asked for first.
  step: (args, context) => {
    if (args.state === 'absent') {
      const { password_file = PASSWORD_FILE, acl_file = ACL_FILE, psk_file = PSK_FILE } = args;
      return removeStep(args, configOf(args), { password_file, acl_file, psk_file });
    }
    const warnings = judged(inspectTask('mosquitto_broker', context.host, args));
    hide(args, context);
    return args.users === undefined ? lines(warnings, applyStep(args, files(args))) : undefined;
  },
  result: (reply, _args, context) => applyResult(reply, context),
  action: withUsers,
});

async function withUsers(args: Args, host: ActionHost): Promise<TaskResult> {
  const warnings = judged(inspectTask('mosquitto_broker', host.host, args));
  const path = passwordFileOf(args)!;
  const asked = await host.run(askStep(args, path));
  if (asked.status === 'failed') return applyResult(asked, host);
  const passwords = await passwordFile(args.users ?? [], asked.fields.content ?? '', versionIn(asked));
  const file: ManagedFile = { ...owned(args), path, content: passwords };
  return applyResult(await host.run(lines(warnings, applyStep(args, [file, ...files(args)]))), host);
}

function hide({ users, psks }: BrokerArgs, context: TaskContext): void {
  for (const { key } of psks ?? []) context.secret(key);
  for (const { password } of users ?? []) context.secret(password);
}

function configOf(args: Args): string {
  return `${args.conf_dir.replace(/\/+$/, '')}/${args.file}.conf`;
}

/** All files but the passwords. */
function files(args: Args): ManagedFile[] {
  const path = configOf(args);
  const content = variantsOf((version) => brokerFile(args, version));
  return [
    ...(args.psks === undefined ? [] : [{ ...owned(args), path: pskFileOf(args)!, content: pskFile(args.psks) }]),
    ...(args.acl === undefined ? [] : [{ ...owned(args), path: aclFileOf(args)!, content: aclFile(args.acl) }]),
    { kind: 'config', path, mode: '0644', owner: 'root', group: 'root', content },
  ];
}

/** Files that Mosquitto wants to have for itself. */
function owned({ user }: Args): Omit<ManagedFile, 'path' | 'content'> {
  return { kind: 'data', mode: '0600', owner: user, group: user };
}
