import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { LamplighterError } from '../../run/errors.ts';
import {
  eraseJob,
  type JobLimits,
  jobStart,
  jobStatus,
  jobToItsEnd,
  startedResult,
} from '../../run/execute/async-job.ts';
import { Modules } from '../../run/plan/modules.ts';
import { sh } from '../../run/shell/script.ts';
import { type ActionHost, defineTask, type TaskDefinition, type TaskResult } from '../../run/task.ts';
import asyncStatus from '../../tasks/async_status.ts';
import command from '../../tasks/command.ts';
import shell from '../../tasks/shell.ts';
import { SHELLS } from '../helpers/channel.ts';
import { lighter, scratch } from '../helpers/lighter.ts';
import { type BenchOptions, runStep } from '../helpers/step.ts';

/* Jobs on this machine's shells. What a playbook sees of them is compared with Ansible in test/parity/cases/async.yaml. */

const modules = new Modules();

/** Calls `use` with a host on a session of its own, whose jobs are in `directory`. */
async function onHost(
  directory: string,
  use: (host: ActionHost) => Promise<TaskResult>,
  options: BenchOptions = {},
): Promise<TaskResult> {
  const probe = defineTask({
    name: 'probe',
    summary: '',
    args: z.any(),
    checkMode: 'reads',
    action: (_, host) => use(host),
  });
  const variable = (name: string): unknown => (name === 'ansible_async_dir' ? directory : undefined);
  return (await runStep(probe, {}, { ...options, context: { variable } })).result;
}

async function start(host: ActionHost, module: TaskDefinition, args: Record<string, unknown>, seconds = 60) {
  return jobStart(module, args, (await module.step!(args, host))!, host, seconds);
}

const statusOf = (host: ActionHost, jid: unknown, mode: 'status' | 'cleanup' = 'status'): Promise<TaskResult> => {
  return mode === 'status' ? jobStatus(host, modules, String(jid)) : eraseJob(host, String(jid));
};

/** Asks until the job has ended. */
async function ended(host: ActionHost, jid: unknown): Promise<TaskResult> {
  for (let tries = 0; tries < 400; tries++) {
    const status = await statusOf(host, jid);
    if (status.finished === 1) return status;
    await sleep(25);
  }
  throw new Error('the job never ended');
}

/** Whether a process ends soon; one that nobody has asked for yet counts as ended. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    const file = `/proc/${pid}/stat`;
    if (!existsSync(file) || / Z /.test(readFileSync(file, 'utf8'))) return true;
    await sleep(25);
  }
  return false;
}

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'jobs-'));
  try {
    await use(join(root, 'jobs'));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const shellModule = shell as unknown as TaskDefinition;
const commandModule = command as unknown as TaskDefinition;
const parse = (module: TaskDefinition, args: Record<string, unknown>) => module.args.parse(args);

for (const kind of SHELLS) {
  const test = suite(`async_status (${kind})`);

  test('a job outlives the shell that started it, and its result is its module’s', () =>
    withDirectory(async (directory) => {
      const gate = `${directory}-gate`;
      const session = { scratch: `${directory}-scratch` };
      const args = parse(shellModule, {
        // The directory of the first session is gone before the command may have been started.
        chdir: '/',
        cmd: `until [ -e ${gate} ]; do sleep 0.05; done; echo out; echo err >&2; exit 4`,
      });
      // A session of its own process group, which is hung up on as a lost connection does.
      const started = await onHost(
        directory,
        async (host) => {
          const result = startedResult(await host.run(await start(host, shellModule, args)));
          await host.run(sh`kill -HUP 0`);
          return result;
        },
        { shell: kind, session, command: ['setsid', kind === 'ash' ? ['busybox', 'ash'] : [kind]] },
      ).catch((error: { code: string }) => {
        assert.is(error.code, 'CONNECTION_LOST');
        return undefined;
      });
      const jid = started?.ansible_job_id ?? readdirSync(directory)[0];
      await onHost(
        directory,
        async (host) => {
          const running = await statusOf(host, jid);
          assert.equal([running.started, running.finished, running.failed, 'rc' in running], [1, 0, undefined, false]);
          await host.run(sh`: >${gate}`);
          const end = await ended(host, jid);
          assert.equal([end.rc, end.stdout, end.stderr, end.failed], [4, 'out', 'err', true]);
          assert.is(end.cmd, args.cmd);
          assert.is((statSync(directory).mode & 0o777).toString(8), '700');
          assert.is((statSync(join(directory, String(jid))).mode & 0o777).toString(8), '600');
          const gone = await statusOf(host, jid, 'cleanup');
          assert.equal([gone.erased, existsSync(join(directory, String(jid)))], [join(directory, String(jid)), false]);
          return end;
        },
        { shell: kind, session },
      );
    }));

  test('a job whose time is over is ended with all its processes', () =>
    withDirectory(async (directory) => {
      const pidFile = `${directory}-pid`;
      await onHost(
        directory,
        async (host) => {
          const args = parse(shellModule, { cmd: `sleep 50 & echo $! >${pidFile}; wait` });
          const { ansible_job_id } = startedResult(await host.run(await start(host, shellModule, args, 1)));
          const end = await ended(host, ansible_job_id);
          assert.equal([end.failed, end.msg], [true, 'Timeout exceeded']);
          const pid = Number(readFileSync(pidFile, 'utf8'));
          assert.is(await isGone(pid), true);
          return end;
        },
        { shell: kind },
      );
    }));

  test.run();
}

const jobs = suite('async_status');
const limits = (seconds: number): JobLimits => ({ seconds, poll: 5 });

jobs('a task that is waited for gives its result and leaves no job behind', () =>
  withDirectory(async (directory) => {
    const result = await onHost(directory, async (host) => {
      const body = await start(host, commandModule, parse(commandModule, { cmd: 'echo hello' }));
      return jobToItsEnd(host, modules, body, limits(20));
    });
    assert.equal([result.rc, result.stdout, result.finished, result.changed], [0, 'hello', 1, true]);
    assert.equal(readdirSync(directory), []);
  }),
);

jobs('one that takes too long fails in Ansible’s words', () =>
  withDirectory(async (directory) => {
    const result = await onHost(directory, async (host) => {
      const args = parse(commandModule, { cmd: 'sleep 30' });
      const { text, libraries } = await start(host, commandModule, args, 2);
      const body = Object.assign(sh``, { text, libraries });
      return jobToItsEnd(host, modules, body, limits(1));
    });
    assert.is(result.failed, true);
    assert.is(result.msg, 'async task did not complete within the requested time - 1s');
  }),
);

jobs('a host that stays out of reach is looked at now and then, not all the time', () =>
  withDirectory(async (directory) => {
    await onHost(directory, async (host) => {
      const body = await start(host, commandModule, parse(commandModule, { cmd: 'sleep 1' }), 2);
      let looks = -1; // the first call starts the job
      const away: ActionHost = Object.create(host, {
        run: {
          value: (...words: Parameters<ActionHost['run']>) => {
            if (++looks === 0) return host.run(...words);
            return Promise.reject(new LamplighterError('CONNECTION_LOST', 'gone'));
          },
        },
      });
      const lost = await jobToItsEnd(away, modules, body, limits(2)).catch((error: Error) => error);
      assert.is((lost as LamplighterError).code, 'CONNECTION_LOST');
      assert.ok(looks <= 5, `${looks} looks`);
      return {};
    });
  }),
);

jobs('a job that was killed is no job that runs for ever', () =>
  withDirectory(async (directory) => {
    await onHost(directory, async (host) => {
      const args = parse(commandModule, { cmd: 'sleep 30' });
      const { ansible_job_id } = startedResult(await host.run(await start(host, commandModule, args)));
      const file = join(directory, String(ansible_job_id));
      let pid: string | undefined;
      while (pid === undefined) pid = /^pid (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
      await host.run(sh`ll_end_tree ${pid}`);
      const end = await ended(host, ansible_job_id);
      assert.is(end.failed, true);
      assert.match(String(end.msg), /ended without a result/);
      return end;
    });
  }),
);

jobs('secret arguments stay out of the job’s file', () =>
  withDirectory(async (directory) => {
    const secretive = { ...commandModule, secrets: ['stdin'] } as TaskDefinition;
    await onHost(directory, async (host) => {
      const args = parse(commandModule, { cmd: 'cat', stdin: 'hidden word' });
      const { ansible_job_id } = startedResult(await host.run(await start(host, secretive, args)));
      const end = await ended(host, ansible_job_id);
      assert.is(end.stdout, 'hidden word');
      const file = readFileSync(join(directory, String(ansible_job_id)), 'utf8');
      assert.is(file.split('\n')[0]!.includes('hidden word'), false);
      return end;
    });
  }),
);

jobs('a name that is no job, and one that leads elsewhere', () =>
  withDirectory(async (directory) => {
    await onHost(directory, async (host) => {
      for (const jid of ['j1.1', '../../etc/passwd', '.']) {
        const status = await statusOf(host, jid);
        assert.equal([status.failed, status.finished, status.msg], [true, 1, 'could not find job'], jid);
        assert.is((await statusOf(host, jid, 'cleanup')).failed, true, jid);
      }
      return {};
    });
  }),
);

jobs('what is driven from the controller is refused before the run where it would be left running', async () => {
  const files = scratch();
  try {
    const playbook = files.write(
      'site.yml',
      '- hosts: localhost\n  tasks:\n    - fetch: {src: a, dest: b}\n      async: 5\n      poll: 0\n',
    );
    const { exitCode, tasks, stderr } = await lighter([playbook]);
    assert.equal([exitCode, tasks], [1, []]);
    assert.match(stderr, /site\.yml:5:13/);
    assert.match(stderr, /"fetch", which runs from the controller/);
  } finally {
    files.remove();
  }
});

jobs('the module asks the host for its job', async () => {
  const asked: unknown[] = [];
  const job = async (...args: unknown[]): Promise<TaskResult> => {
    asked.push(args);
    return { finished: 1 };
  };
  await runStep(asyncStatus, { jid: 'j1.2' }, { context: { job } });
  await runStep(asyncStatus, { jid: 'j1.2', mode: 'cleanup' }, { context: { job } });
  assert.equal(asked, [
    ['j1.2', 'status'],
    ['j1.2', 'cleanup'],
  ]);
});

jobs.run();
