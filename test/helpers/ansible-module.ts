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

/** Loads the module once and forks for each run: loading is what takes the time. */
const FORKING = `
import importlib, json, os, sys
name, runs = json.load(sys.stdin)
from ansible.module_utils import basic
module = importlib.import_module('ansible.modules.' + name)
told = []
for run in runs:
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(w, 1)
        os.close(r)
        os.close(w)
        basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': run}).encode()
        try:
            module.main()
        except Exception as error:
            print(json.dumps({'failed': True, 'msg': str(error)}))
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.close(w)
    with os.fdopen(r) as out:
        told.append(json.loads(out.read()))
    os.waitpid(pid, 0)
json.dump(told, sys.stdout)
`;

/** The same for many runs one after the other, in one process. */
export async function ansibleModuleRuns(
  name: string,
  runs: { args: Record<string, unknown>; check?: boolean }[],
): Promise<Record<string, unknown>[]> {
  const child = promisify(execFile)(PYTHON, ['-c', FORKING], { maxBuffer: 1 << 26 });
  const inputs = runs.map(({ args, check }) => ({ ...args, _ansible_check_mode: check ?? false }));
  child.child.stdin!.end(JSON.stringify([name, inputs]));
  return JSON.parse((await child).stdout) as Record<string, unknown>[];
}
