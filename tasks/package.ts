import { z } from 'zod';
import { choice, list, str } from '../run/args.ts';
import { aptResult } from '../run/modules/apt-result.ts';
import { type AptRequest, aptStep } from '../run/modules/apt-step.ts';
import { defineTask } from '../run/task.ts';

/**
 * The package manager of the host, which has to be apt: the others have no module here.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/package_module.html
 */
export default defineTask({
  name: 'ansible.builtin.package',
  summary: "Installs and removes packages by the host's own package manager.",
  args: z.strictObject({
    name: list(
      str().refine((name) => /^[A-Za-z0-9][A-Za-z0-9+.:*?=<>~-]*$/.test(name), 'expected the name of a package'),
    ),
    state: choice('present', 'installed', 'absent', 'removed', 'latest').default('present'),
    use: choice('auto', 'apt', 'ansible.builtin.apt').default('auto'),
  }),
  checkMode: 'full',
  returns: { stdout: 'What the package manager said.', stderr: 'What it complained of.' },
  example: `
- ansible.builtin.package:
    name: mosquitto
    state: present`,
  step: (args) => aptStep(asApt(args)),
  result: (reply, args, context) => aptResult(reply, asApt(args), context),
});

function asApt({ name, state }: { name: string[]; state: string }): AptRequest {
  return {
    package: name,
    state:
      state === 'installed' ? 'present' : state === 'removed' ? 'absent' : (state as 'present' | 'absent' | 'latest'),
    update_cache_retries: 5,
    update_cache_retry_max_delay: 12,
    cache_valid_time: 0,
    purge: false,
    force: false,
    clean: false,
    allow_unauthenticated: false,
    allow_downgrade: false,
    allow_change_held_packages: false,
    upgrade: 'no',
    dpkg_options: 'force-confdef,force-confold',
    autoremove: false,
    autoclean: false,
    only_upgrade: false,
    fail_on_autoremove: false,
    force_apt_get: false,
    lock_timeout: 60,
  };
}
