import { z } from 'zod';
import { choice } from '../run/args.ts';
import { APT_ALIASES, APT_FIELDS, checkApt } from '../run/modules/apt-arguments.ts';
import { aptResult } from '../run/modules/apt-result.ts';
import { type AptRequest, aptStep } from '../run/modules/apt-step.ts';
import { defineTask } from '../run/task.ts';

const OTHER_MANAGER = 'it is an argument of dnf and yum, and the package manager here is apt';
const OLD_STATES: Record<string, AptRequest['state']> = { installed: 'present', removed: 'absent' };

/**
 * The package manager of the host, which has to be apt: the others have no module here. As in Ansible it takes all
 * arguments of the manager's module.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/package_module.html
 */
export default defineTask<AptRequest>({
  name: 'ansible.builtin.package',
  summary: "Installs and removes packages by the host's own package manager.",
  args: z
    .strictObject({
      ...APT_FIELDS,
      state: choice('present', 'installed', 'absent', 'removed', 'latest', 'build-dep', 'fixed').default('present'),
      use: choice('auto', 'apt', 'ansible.builtin.apt').default('auto'),
    })
    .transform(({ use: _, state, ...args }) => ({ ...args, state: OLD_STATES[state] ?? state }) as AptRequest)
    .superRefine(checkApt) as unknown as z.ZodType<AptRequest>,
  argAliases: APT_ALIASES,
  unsupported: {
    enablerepo: OTHER_MANAGER,
    disablerepo: OTHER_MANAGER,
    disable_gpg_check: OTHER_MANAGER,
    releasever: OTHER_MANAGER,
  },
  checkMode: 'full',
  returns: { stdout: 'What the package manager said.', stderr: 'What it complained of.' },
  example: `
- ansible.builtin.package:
    name: mosquitto
    state: present`,
  step: aptStep,
  result: aptResult,
});
