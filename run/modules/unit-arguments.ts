import { bool, choice } from '../args.ts';

/*
 * What only systemd knows of a unit. `service` hands it on where systemd runs.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/systemd_service_module.html
 */

export const SYSTEMD_FIELDS = {
  force: bool().optional(),
  masked: bool().optional(),
  daemon_reload: bool().default(false),
  daemon_reexec: bool().default(false),
  scope: choice('system', 'user', 'global').default('system'),
  no_block: bool().default(false),
};

/** argument -> its other names. */
export const SYSTEMD_ALIASES = {
  name: ['service', 'unit'],
  daemon_reload: ['daemon-reload'],
  daemon_reexec: ['daemon-reexec'],
};

interface SystemdOnly {
  force?: boolean | undefined;
  masked?: boolean | undefined;
  daemon_reload: boolean;
  daemon_reexec: boolean;
  scope: string;
  no_block: boolean;
}

/** Those that a task gave and no other service manager has. */
export function systemdOnly(args: SystemdOnly): string[] {
  return [
    ...(args.daemon_reexec ? ['daemon_reexec'] : []),
    ...(args.daemon_reload ? ['daemon_reload'] : []),
    ...(args.force === undefined ? [] : ['force']),
    ...(args.masked === undefined ? [] : ['masked']),
    ...(args.no_block ? ['no_block'] : []),
    ...(args.scope === 'system' ? [] : ['scope']),
  ];
}
