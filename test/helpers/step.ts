import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LamplighterError } from '../../run/errors.ts';
import type { SessionOptions, ShellSession, StepRequest } from '../../run/shell/protocol.ts';
import { Sh, sh } from '../../run/shell/script.ts';
import { openSession } from '../../run/shell/session.ts';
import type { ActionHost, StepReply, TaskContext, TaskDefinition, TaskResult } from '../../run/task.ts';
import { processChannel, type Shell, shellCommand } from './channel.ts';

/*
 * Runs a module's step on this machine, through the real runtime and a real session, in a scratch directory. Nothing
 * outside that directory is touched but what the step itself names.
 */

/** A session on this machine; `dir` is an empty directory for the test's files. */
export interface Bench {
  session: ShellSession;
  shell: Shell;
  dir: string;
  /** Where this bench keeps scratch and journal. */
  scratch: string;
  journal: string;
}

export interface BenchOptions {
  shell?: Shell;
  env?: NodeJS.ProcessEnv;
  /** The program that is the host's shell, when it is not simply one of SHELLS. */
  command?: [string, string[]];
  notice?: (message: string) => void;
  session?: Partial<SessionOptions>;
}

/** Opens a session, calls `use`, closes it and removes its directories. */
export async function withSession<T>(use: (bench: Bench) => Promise<T>, options: BenchOptions = {}): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'lamplighter-test-'));
  const shell = options.shell ?? 'dash';
  const [program, args] = options.command ?? shellCommand(shell);
  const dir = join(root, 'dir');
  await mkdir(dir);
  const bench = { shell, dir, scratch: join(root, 'scratch'), journal: join(root, 'journal') };
  const channel = processChannel(program, args, { cwd: dir, ...(options.env ? { env: options.env } : {}) });
  try {
    const session = await openSession(channel, {
      runId: 'test',
      host: 'localhost',
      user: process.env.USER ?? 'root',
      notice: options.notice ?? (() => {}),
      helloTimeoutSeconds: 20,
      scratch: bench.scratch,
      journal: bench.journal,
      ...options.session,
    });
    try {
      return await use({ ...bench, session });
    } finally {
      await session.close();
    }
  } finally {
    channel.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** A step request with what a test does not care about filled in. */
export function request(body: Sh, more: Partial<StepRequest> = {}): StepRequest {
  return { body, keepGoing: true, check: false, diff: false, environment: {}, solo: false, ...more };
}

export interface RunOptions extends BenchOptions {
  check?: boolean;
  diff?: boolean;
  /** An open bench, for several steps in a row (check mode's memory lives in it); otherwise one for this step. */
  bench?: Bench;
  context?: Partial<ActionHost>;
  environment?: Record<string, string>;
  /** The whole step is run, also where its test would say that it has nothing to do. */
  whole?: boolean;
}

export interface StepRun {
  /** The step's reply; undefined when the module answered without one (`evaluate`, `action`). */
  reply: StepReply | undefined;
  result: TaskResult;
}

/**
 * Runs a module as the executor does: aliases, argument schema, `evaluate` or `step` or `action`, `result`.
 * @param args as a playbook gives them; relative paths are seen from the bench's directory
 * @throws what the argument schema throws
 */
export async function runStep<A>(
  definition: TaskDefinition<A>,
  args: Record<string, unknown>,
  options: RunOptions = {},
): Promise<StepRun> {
  if (!options.bench) return withSession((bench) => runStep(definition, args, { ...options, bench }), options);
  const { bench } = options;
  const host = benchHost(bench, options);
  const parsed = definition.args.parse(withoutAliases(definition, args));
  if (definition.evaluate) return { reply: undefined, result: definition.evaluate(parsed, host) };
  const body = await definition.step?.(parsed, host);
  if (!body) {
    if (!definition.action) throw new Error(`${definition.name} has neither a step nor an action for this case`);
    return { reply: undefined, result: await definition.action(parsed, host) };
  }
  const reply = await host.run(body);
  return { reply, result: definition.result?.(reply, parsed, host) ?? defaultResult(reply) };
}

/** The argument's own name in place of its alias. */
function withoutAliases<A>(definition: TaskDefinition<A>, args: Record<string, unknown>): Record<string, unknown> {
  const own = new Map<string, string>();
  for (const [name, aliases] of Object.entries(definition.argAliases ?? {}))
    for (const alias of aliases) own.set(alias, name);
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [own.get(name) ?? name, value]));
}

/** What a module without `result` returns. */
function defaultResult(reply: StepReply): TaskResult {
  return {
    ...reply.fields,
    changed: reply.status === 'changed',
    ...(reply.status === 'failed' ? { failed: true, rc: reply.rc } : {}),
    ...(reply.status === 'skipped' ? { skipped: true } : {}),
    ...(reply.status === 'unknown' ? { unknown: reply.fields.msg ?? '' } : {}),
    ...(reply.diffs.length > 0 ? { diff: reply.diffs } : {}),
    ...(reply.warnings.length > 0 ? { warnings: reply.warnings } : {}),
  };
}

/** This machine as the host of an action. Files named by a task are looked for in the bench's directory. */
function benchHost(bench: Bench, options: RunOptions): ActionHost {
  const context: TaskContext = {
    host: 'localhost',
    check: options.check ?? false,
    diff: options.diff ?? false,
    become: false,
    user: bench.session.user,
    variable: () => undefined,
    evaluate: (expression) => {
      throw new LamplighterError('UNDEFINED_VARIABLE', `the test gave no way to evaluate "${expression}"`);
    },
    findFile: (_kind, name) => resolve(bench.dir, name),
    readFile: (path) => readFile(path),
    renderTemplate: (source) => source,
    secret: () => {},
  };
  return {
    ...context,
    run: (body, step = {}) =>
      bench.session.send(
        request(options.whole ? new Sh(body.text, { ...body, test: '' }) : body, {
          check: context.check && !step.readOnly,
          diff: context.diff,
          environment: options.environment ?? {},
          ...(step.timeoutSeconds === undefined ? {} : { timeoutSeconds: step.timeoutSeconds }),
        }),
      ).reply,
    upload: (source: string | Readable, remotePath) =>
      pipeline(
        typeof source === 'string' ? createReadStream(source) : source,
        createWriteStream(resolve(bench.dir, remotePath), { mode: 0o600 }),
      ),
    download: async (remotePath) => createReadStream(resolve(bench.dir, remotePath)),
    forward: async (address, port) => connect(port, address),
    exec: async (command) => processChannel('sh', ['-c', sh`${command}`.text], { cwd: bench.dir }),
    disconnect: async () => {},
    reconnect: async () => {},
    address: async () => '127.0.0.1',
    moveTo: async () => {},
    job: async (id) => {
      throw new LamplighterError('MODULE_FAILED', `the test started no job "${id}"`);
    },
    other: (name) => {
      throw new LamplighterError('HOST_PATTERN', `the test knows no host "${name}"`);
    },
    progress: () => {},
    signal: new AbortController().signal,
    ...options.context,
  };
}
