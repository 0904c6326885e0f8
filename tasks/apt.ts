import { z } from 'zod';
import { APT_ALIASES, APT_FIELDS, checkApt } from '../run/modules/apt-arguments.ts';
import { aptResult } from '../run/modules/apt-result.ts';
import { type AptRequest, aptStep } from '../run/modules/apt-step.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/apt_module.html */
export default defineTask<AptRequest>({
  name: 'ansible.builtin.apt',
  summary: 'Installs, upgrades and removes Debian packages.',
  args: z.strictObject(APT_FIELDS).superRefine(checkApt) as unknown as z.ZodType<AptRequest>,
  argAliases: APT_ALIASES,
  checkMode: 'full',
  returns: {
    cache_updated: 'Whether the package lists were updated.',
    cache_update_time: 'When they last were, in seconds since 1970 (0: never).',
    stdout: 'What apt-get said.',
    stderr: 'What it complained of.',
  },
  example: `
- ansible.builtin.apt:
    name: mosquitto
    update_cache: true
    cache_valid_time: 3600`,
  step: aptStep,
  result: aptResult,
});
