import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const PYTHON = '/usr/bin/python3';
const MODULES = '/usr/lib/python3/dist-packages/ansible/modules';

/** Whether ansible-core is here to compare with; in CI it must be. @throws Error when it is missing there */
export function hasAnsible(): boolean {
  if (existsSync(`${MODULES}/file.py`)) return true;
  if (process.env.CI) throw new Error('ansible-core is missing: apt-get install --no-install-recommends ansible-core');
  return false;
}

/**
 * Runs one of Ansible's own modules on this machine, without a playbook around it.
 * @returns what the module returned; a failure is `failed: true`, as in Ansible
 */
export async function ansibleModule(
  name: string,
  args: Record<string, unknown>,
  options: { check?: boolean; diff?: boolean; cwd?: string } = {},
): Promise<Record<string, unknown>> {
  const input = JSON.stringify({
    ANSIBLE_MODULE_ARGS: { ...args, _ansible_check_mode: options.check ?? false, _ansible_diff: options.diff ?? false },
  });
  const child = promisify(execFile)(PYTHON, ['-m', `ansible.modules.${name}`], {
    maxBuffer: 1 << 26,
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  child.child.stdin!.end(input);
  const stdout = await child.then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout || JSON.stringify({ failed: true, msg: error.stderr }),
  );
  return JSON.parse(stdout) as Record<string, unknown>;
}
