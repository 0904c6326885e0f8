import { z } from 'zod';
import { bool, choice, int, str } from '../run/args.ts';
import { SYSTEMD_ALIASES, SYSTEMD_FIELDS, systemdOnly } from '../run/modules/unit-arguments.ts';
import { unitResult } from '../run/modules/unit-result.ts';
import { initStep, unitStep } from '../run/modules/unit-step.ts';
import { lines, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/**
 * The service manager that runs: systemd, whose module's arguments it then takes, or else OpenRC, OpenWrt's procd, init
 * scripts.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/service_module.html
 */
export default defineTask({
  name: 'ansible.builtin.service',
  summary: 'Starts, stops and enables services.',
  args: z.strictObject({
    name: str().refine((name) => /^[^*?[\s]+$/.test(name), 'expected the name of one service'),
    state: choice('reloaded', 'restarted', 'started', 'stopped').optional(),
    enabled: bool().optional(),
    ...SYSTEMD_FIELDS,
    sleep: int({ min: 0 }).optional(),
    pattern: str().optional(),
    runlevel: str().default('default'),
    arguments: str().default(''),
    use: str().default('auto'),
  }),
  argAliases: { ...SYSTEMD_ALIASES, arguments: ['args'] },
  checkMode: 'full',
  returns: {
    name: 'The service.',
    state: 'started or stopped, as it is now.',
    enabled: 'Whether it starts at boot.',
    status: 'With systemd: what `systemctl show` said of it before.',
  },
  example: `
- ansible.builtin.service:
    name: mosquitto
    state: started
    enabled: true`,

  step: (args) => {
    const use = args.use.toLowerCase().replace(/^ansible\.(builtin|legacy)\./, '');
    if (use === 'systemd') return lines(ignored(args), unitStep(args));
    const init = lines(refused(systemdOnly(args)), initStep({ ...args, use }));
    if (use !== 'auto') return init;
    return sh`
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
${ignored(args)}
${unitStep(args)}
else
${init}
fi`;
  },
  result: unitResult,
});

/** Arguments that mean nothing to systemd: Ansible warns of each. */
function ignored(args: {
  pattern?: string | undefined;
  sleep?: number | undefined;
  arguments: string;
  runlevel: string;
}) {
  const names = [
    ...(args.pattern === undefined ? [] : ['pattern']),
    ...(args.runlevel === 'default' ? [] : ['runlevel']),
    ...(args.sleep === undefined ? [] : ['sleep']),
    ...(args.arguments === '' ? [] : ['arguments']),
  ];
  return sh`for m_each in ${names}; do ll_warn "Ignoring \"$m_each\" as it is not used in \"systemd\""; done`;
}

/** Arguments that only systemd has, where another manager runs. */
function refused(names: string[]) {
  return names.length > 0 && sh`ll_fail ${`Unsupported parameters for (service) module: ${names.join(', ')}`}`;
}
