import { createReadStream } from 'node:fs';
import { type Duplex, PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LamplighterError } from '../errors.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import { type Sh, sh } from '../shell/script.ts';
import type { ActionHost, ByteChannel, StepOptions, StepReply, TaskResult } from '../task.ts';
import type { Become } from '../transport/transport.ts';
import { eraseJob, jobStatus } from './async-job.ts';
import { withOwnMemory } from './check-alone.ts';
import { Context } from './context.ts';
import type { HostLink } from './host-link.ts';
import type { Within } from './prepare-task.ts';
import type { RunState } from './run-state.ts';
import type { Settings } from './settings.ts';

/** A host as the modules that talk see it. */
export class HostOfAction extends Context implements ActionHost {
  readonly signal: AbortSignal;
  private readonly link: HostLink;
  private readonly isVisit: boolean;
  private readonly login: string;
  private readonly settings: Settings;
  private readonly placeInBlock: string | undefined;
  private readonly others: (name: string) => HostOfAction | undefined;

  constructor(inputs: {
    run: RunState;
    task: PlanTask;
    scope: VariableScope;
    settings: Settings;
    host: string;
    link: HostLink;
    /** The task belongs to another host. */
    isVisit: boolean;
    user: string;
    within?: Within;
    signal: AbortSignal;
    others: HostOfAction['others'];
  }) {
    const { host: name, user, within } = inputs;
    super(inputs.run, inputs.task, inputs.scope, inputs.settings, { name, user, block: within?.block });
    this.placeInBlock = within?.place;
    this.link = inputs.link;
    this.isVisit = inputs.isVisit;
    this.login = inputs.user;
    this.settings = inputs.settings;
    this.signal = inputs.signal;
    this.others = inputs.others;
  }

  async run(body: Sh, options: StepOptions = {}): Promise<StepReply> {
    const become = this.becomeFor(options);
    const session = await this.link.session(become, this.login, this.isVisit);
    return session.send({
      body: withOwnMemory(this.settings, body),
      keepGoing: true,
      check: this.check && options.readOnly !== true,
      diff: this.diff,
      environment: this.settings.environment,
      solo: false,
      place: this.placeInBlock,
      ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }),
    }).reply;
  }

  async upload(source: string | Readable, remotePath: string, onBytes?: (total: number) => void): Promise<void> {
    const channel = await this.exec(sh`sh -c ${'umask 077 && cat >"$1"'} sh ${remotePath}`);
    const stream = typeof source === 'string' ? createReadStream(source) : source;
    let total = 0;
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      onBytes?.(total);
    });
    const complaint = textOf(channel.stderr);
    channel.stdout.resume();
    await pipeline(stream, channel.stdin, { signal: this.signal });
    const status = await channel.done;
    if (status !== 0)
      throw new LamplighterError(
        'MODULE_FAILED',
        `could not write ${remotePath}: ${(await complaint).trim() || `status ${status}`}`,
      );
  }

  async download(remotePath: string): Promise<Readable> {
    const channel = await this.exec(sh`cat ${remotePath}`);
    const complaint = textOf(channel.stderr);
    channel.stdin.end();
    const complete = async () => {
      if ((await channel.done) === 0) return;
      throw new LamplighterError('MODULE_FAILED', `could not read ${remotePath}: ${(await complaint).trim()}`);
    };
    // The end is passed on only when the command's status says that this was all.
    const whole = new PassThrough({ flush: (callback) => void complete().then(() => callback(), callback) });
    pipeline(channel.stdout, whole).catch(() => undefined); // whoever reads it hears of it
    return whole;
  }

  async forward(address: string, port: number): Promise<Duplex> {
    return (await this.link.connection(this.signal)).forward(address, port);
  }

  exec(command: Sh): Promise<ByteChannel> {
    return this.link.channel(this.settings.become, command.text);
  }

  disconnect(): Promise<void> {
    return this.link.close();
  }

  async reconnect(timeoutSeconds: number): Promise<void> {
    const limit = AbortSignal.any([this.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    await this.link.connection(limit);
    await this.link.session(this.settings.become, this.login, this.isVisit);
  }

  async address(): Promise<string> {
    return (await this.link.whereabouts()).address;
  }

  moveTo(address: string | undefined): Promise<void> {
    return this.link.moveTo(address);
  }

  job(id: string, mode: 'status' | 'cleanup'): Promise<TaskResult> {
    return mode === 'cleanup' ? eraseJob(this, id) : jobStatus(this, this.state.modules, id);
  }

  other(name: string): ActionHost {
    const other = this.others(name);
    if (other) return other;
    throw new LamplighterError('HOST_PATTERN', `there is no host "${name}" in the inventory`, {
      hint: 'name a host of the inventory',
    });
  }

  progress(message: string): void {
    this.state.emit({ event: 'progress', host: this.host, message });
  }

  private becomeFor(options: StepOptions): Become | undefined {
    if (options.become === undefined) return this.settings.become;
    if (options.become === false) return undefined;
    return { ...(this.settings.become ?? { method: 'sudo' as const }), user: options.become.user };
  }
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text = (text + String(chunk)).slice(-4096);
  return text;
}
