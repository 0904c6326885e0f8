import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const PYTHON = '/usr/bin/python3';
const MODULES = '/usr/lib/python3/dist-packages/ansible/modules';

/** Whether ansible-core is here to compare with; in CI it must be. @throws Error when it is missing there */
export function hasAnsible(): boolean {
  if (existsSync(`${MODULES}/file.py`)) return true;
  if (process.env.CI) throw new Error('ansible-core is missing: apt-get install --no-install-recommends ansible-core');
  return false;
}

/** Loads each module once and forks for each run: loading is what takes the time. A line of JSON in, a line of JSON out. */
const FORKING = `
import atexit, importlib, json, os, sys
from ansible.module_utils import basic
for line in sys.stdin:
    run = json.loads(line)
    module = importlib.import_module('ansible.modules.' + run['name'])
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(w, 1)
        os.close(r)
        os.close(w)
        basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': run['args']}).encode()
        try:
            if run['cwd']:
                os.chdir(run['cwd'])
            module.main()
        except Exception as error:
            print(json.dumps({'failed': True, 'msg': str(error)}))
        finally:
            sys.stdout.flush()
            # The directories that the module made go at its exit, which _exit passes over.
            atexit._run_exitfuncs()
            os._exit(0)
    os.close(w)
    with os.fdopen(r) as out:
        said = out.read()
    os.waitpid(pid, 0)
    print(json.dumps(json.loads(said)), flush=True)
`;

type Server = ChildProcessByStdio<Writable, Readable, null> & { answers: AsyncIterator<string> };

let server: Server | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs one of Ansible's own modules on this machine, without a playbook around it.
 * @returns what the module returned; a failure is `failed: true`, as in Ansible
 */
export function ansibleModule(
  name: string,
  args: Record<string, unknown>,
  options: { check?: boolean; diff?: boolean; cwd?: string } = {},
): Promise<Record<string, unknown>> {
  const { check = false, diff = false, cwd = '' } = options;
  const run = { name, cwd, args: { ...args, _ansible_check_mode: check, _ansible_diff: diff } };
  const answer = last.then(() => ask(run));
  last = answer.catch(() => undefined);
  return answer;
}

async function ask(run: object): Promise<Record<string, unknown>> {
  server ??= start();
  wanted(server, true);
  server.stdin.write(`${JSON.stringify(run)}\n`);
  const { value, done } = await server.answers.next();
  wanted(server, false);
  if (done) throw new Error("Ansible's module ended without an answer");
  return JSON.parse(value) as Record<string, unknown>;
}

/** It ends with this process, whose end closes its input. */
function start(): Server {
  const child = spawn(PYTHON, ['-c', FORKING], { stdio: ['pipe', 'pipe', 'inherit'] });
  return Object.assign(child, { answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() });
}

/** Holds this process open while an answer is due, and no longer. */
function wanted(child: Server, due: boolean): void {
  for (const handle of [child, child.stdin, child.stdout] as unknown as { ref(): void; unref(): void }[])
    if (due) handle.ref();
    else handle.unref();
}

/** The same for many runs, one after the other. */
export function ansibleModuleRuns(
  name: string,
  runs: { args: Record<string, unknown>; check?: boolean }[],
): Promise<Record<string, unknown>[]> {
  return Promise.all(runs.map(({ args, check }) => ansibleModule(name, args, check === undefined ? {} : { check })));
}
