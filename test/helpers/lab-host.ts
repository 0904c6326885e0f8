import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Test } from 'uvu';
import { sshOptions } from '../../run/lab/inventory.ts';
import { type Lab, type LabHost, openLab } from '../../run/lab/lab.ts';
import { raw, sh } from '../../run/shell/script.ts';
import type { TaskDefinition, TaskResult } from '../../run/task.ts';
import { processChannel } from './channel.ts';
import { type Bench, type RunOptions, request, runStep, withSession } from './step.ts';

/** A real host for the tests of one file: a root session on it, and what every such test does there. */
export interface TestHost {
  host: LabHost;
  lab: Lab;
  bench: Bench;
  run<A>(module: TaskDefinition<A>, args: Record<string, unknown>, options?: RunOptions): Promise<TaskResult>;
  /** The same as a dry run. */
  check<A>(module: TaskDefinition<A>, args: Record<string, unknown>): Promise<TaskResult>;
  /** What a script says there, without the last line feed. */
  shell(script: string): Promise<string>;
}

/**
 * Boots a host of a lab of this process's own before the tests of a suite, and removes the lab after them.
 * @returns wraps a test: it gets a new session, that is, a new memory of check mode
 */
export function labHost(test: Test, name: string): (use: (host: TestHost) => Promise<void>) => () => Promise<void> {
  let lab: Lab | undefined;
  let host: LabHost | undefined;
  test.before(async () => {
    lab = await openLab({ instance: `mods${process.pid}` });
    host = (await lab.up([name])).find((each) => each.name === name);
  });
  test.after(async () => {
    await lab?.down();
  });
  return (use) => async () => {
    const options = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-i', host!.keyFile, ...sshOptions(lab!.paths)];
    const login = [...options, `${host!.user}@${host!.address}`];
    await withSession((bench) => use(testHost(lab!, host!, bench, login)), {
      command: ['ssh', [...login, 'sudo -n sh']],
      session: { scratch: '/run/lamplighter', journal: '/var/lib/lamplighter/journal', host: name, user: 'root' },
    });
  };
}

function testHost(lab: Lab, host: LabHost, bench: Bench, login: string[]): TestHost {
  const context = { upload: (source: string | Readable, path: string) => upload(login, source, path) };
  return {
    host,
    lab,
    bench,
    run: async (module, args, options = {}) =>
      (await runStep(module, args, { bench, diff: true, context, ...options })).result,
    check: async (module, args) => (await runStep(module, args, { bench, diff: true, check: true, context })).result,
    shell: async (script) => (await bench.session.send(request(raw(script))).reply).stdout.trimEnd(),
  };
}

async function upload(login: string[], source: string | Readable, path: string): Promise<void> {
  const channel = processChannel('ssh', [...login, sh`sudo -n sh -c ${sh`umask 077; cat >${path}`.text}`.text]);
  await pipeline(typeof source === 'string' ? createReadStream(source) : source, channel.stdin);
  if ((await channel.done) !== 0) throw new Error(`could not write ${path}`);
}
