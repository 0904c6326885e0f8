import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../errors.ts';
import type { ByteChannel, StepReply } from '../task.ts';
import { type Frame, FrameReader } from './frames.ts';
import { Lessons } from './lessons.ts';
import { Outbox } from './outbox.ts';
import type { HostHello, SentStep, SessionOptions, ShellSession, StepRequest } from './protocol.ts';
import { stepReply } from './reply.ts';
import { quote } from './script.ts';
import { runtimeBytes } from './source.ts';
import { stepCall } from './step-call.ts';

/*
 * One persistent `sh` on a host: the runtime is sent first and steps right behind it, within a credit window, so that a
 * client that falls silent has at most a window's steps run behind its back.
 */

/** Steps sent ahead of an answer; more, one by one, while answers say that nothing was changed: then little can happen unseen. */
const WINDOW_STEPS = 32;
const MOST_STEPS = 128;
const WINDOW_BYTES = 64 * 1024;
const NOISE_KEPT = 4096;
/** How long after its channel a connection may tell why it ended. */
const REASON_MS = 1000;

interface Pending {
  id: number;
  request: StepRequest;
  script: string;
  bytes: number;
  sent: boolean;
  /** Unknown until it begins: a step that does not have to run never does. */
  startedAt: number | undefined;
  status: number;
  parts: { stdout?: Buffer; stderr?: Buffer; fields?: Buffer; lines?: Buffer };
  resolve: (reply: StepReply) => void;
  reject: (error: Error) => void;
}

/**
 * Starts the runtime in the shell at the other end of `channel`. Does not wait for the host: steps can be sent at once,
 * and what goes wrong at the start rejects their replies, `hello`, and resolves `closed`: LamplighterError PROTOCOL with
 * what the host said instead, CONNECTION_LOST when it went away.
 * @throws LamplighterError PROTOCOL for a run id that cannot name a directory
 */
export async function openSession(channel: ByteChannel, options: SessionOptions): Promise<ShellSession> {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/.test(options.runId))
    throw new LamplighterError('PROTOCOL', `"${options.runId}" cannot be a run's id`);
  return new Session(channel, options);
}

class Session implements ShellSession {
  readonly user: string;
  readonly traffic = { sent: 0, received: 0 };
  readonly closed: Promise<Error | undefined>;
  readonly hello: Promise<HostHello>;

  private readonly channel: ByteChannel;
  private readonly options: SessionOptions;
  private readonly mark = randomBytes(16).toString('hex');
  private readonly hail: string;
  private nextId = 1;
  private readonly lessons = new Lessons();
  /** Sent or waiting for credit, oldest first. */
  private queue: Pending[] = [];
  private readonly outbox = new Outbox();
  private window = WINDOW_STEPS;
  private flying = 0;
  private flyingBytes = 0;
  /** The window was full, and is not half empty yet. */
  private isThrottled = false;
  private readonly reader: FrameReader;
  private noise = '';
  private stderr = '';
  private greeted = false;
  private waiting = false;
  private closing = false;
  private ended: { error: Error | undefined } | undefined;
  private timers: NodeJS.Timeout[] = [];
  private resolveClosed!: (error: Error | undefined) => void;
  private resolveHello!: (hello: HostHello) => void;
  private rejectHello!: (error: Error) => void;

  constructor(channel: ByteChannel, options: SessionOptions) {
    this.channel = channel;
    this.options = options;
    this.user = options.user;
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    this.hello = new Promise((resolve, reject) => {
      this.resolveHello = resolve;
      this.rejectHello = reject;
    });
    // Who does not ask for it hears of the failure through `closed`.
    this.hello.catch(() => {});

    const token = randomBytes(16).toString('hex');
    const since = `${new Date().toISOString().slice(0, 19)}Z`;
    const words = [token, this.mark, options.runId, options.scratch ?? '', options.journal ?? '', since].map(quote);
    this.hail = `ll_hello ${words.join(' ')} .\n`;

    this.reader = new FrameReader(
      token,
      (frame) => this.onFrame(frame),
      (bytes) => {
        if (this.noise.length < NOISE_KEPT) this.noise += bytes.toString('utf8');
      },
    );
    channel.stdout.on('data', (chunk: Buffer) => {
      this.traffic.received += chunk.length;
      try {
        this.reader.push(chunk);
      } catch (error) {
        this.end(error as Error);
        channel.close();
      }
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      this.traffic.received += chunk.length;
      this.stderr = (this.stderr + chunk.toString('utf8')).slice(-NOISE_KEPT);
    });
    // A write to a channel that is gone is told by `done`.
    channel.stdin.on('error', () => {});
    // A shell of another user that cannot be had says why here.
    channel.stdout.on('error', (error) => this.end(error));
    channel.stderr.on('error', () => {});
    options.ready?.catch((error) => this.end(error));
    channel.done.then(
      (code) =>
        (options.ready ?? Promise.resolve()).then(
          () => this.onGone(code),
          (error) => this.end(error),
        ),
      (error) => this.end(error instanceof Error ? error : new Error(String(error))),
    );

    this.start();
    const limit = options.helloTimeoutSeconds * 1000;
    this.timers = [
      // What a login script swallowed whole is sent again; the host skips what it has seen.
      setTimeout(() => this.ask(), Math.min(5000, limit / 2)),
      setTimeout(() => this.onSilence(), limit),
    ];
  }

  /** @throws LamplighterError BAD_ARGUMENT for an environment that no shell can hold */
  send(request: StepRequest): SentStep {
    const id = this.nextId;
    const call = stepCall(id, request);
    const script = this.lessons.teach(request.body.libraries) + call;
    this.nextId++;
    const reply = new Promise<StepReply>((resolve, reject) => {
      const pending: Pending = {
        id,
        request,
        script,
        bytes: Buffer.byteLength(script),
        sent: false,
        startedAt: undefined,
        status: 0,
        parts: {},
        resolve,
        reject,
      };
      if (this.ended) reject(this.ended.error ?? this.lost('the session is closed'));
      else if (this.closing) reject(this.lost('the session is being closed'));
      else this.queue.push(pending);
    });
    // Whoever asked may look at it late; a rejection is not lost, since every later use meets the same error.
    reply.catch(() => {});
    this.fill();
    return { id, reply };
  }

  resume(): void {
    if (!this.ended && !this.closing) this.write('ll_resume .\n');
  }

  async close(): Promise<void> {
    if (this.ended) return;
    if (!this.closing) {
      this.closing = true;
      for (const pending of this.queue.filter((each) => !each.sent))
        pending.reject(this.lost('the session was closed'));
      this.queue = this.queue.filter((each) => each.sent);
      this.write('ll_bye .\n');
      this.flush();
      this.channel.stdin.end();
      // A host that cannot answer any more shall not hold up the run's end; a step under way may take its time.
      if (this.queue.length === 0) this.timers.push(setTimeout(() => this.channel.close(), 5000));
    }
    await this.closed;
  }

  async leave(): Promise<void> {
    if (this.queue.length > 0) return this.close();
    if (this.ended || this.closing) return;
    this.closing = true;
    this.write('ll_bye .\n');
    this.flush();
    this.channel.stdin.end();
  }

  /** Sends what the window has room for; once it was full, when it is half empty, so that steps go in company. */
  private fill(): void {
    if (this.isThrottled && (this.flying > this.window / 2 || this.flyingBytes > WINDOW_BYTES / 2)) return;
    this.isThrottled = false;
    for (const pending of this.queue) {
      if (pending.sent) {
        if (pending.request.solo) return;
        continue;
      }
      const full = this.flying >= this.window || this.flyingBytes + pending.bytes > WINDOW_BYTES;
      this.isThrottled = this.flying > 0 && full;
      if (this.isThrottled || (this.flying > 0 && pending.request.solo)) return;
      pending.sent = true;
      this.flying++;
      this.flyingBytes += pending.bytes;
      this.schedule();
      // A look that hangs (a mount that is gone) would not end with the time of its task.
      const { body, timeoutSeconds } = pending.request;
      this.outbox.addStep(pending.id, pending.script, timeoutSeconds === undefined ? body.looks : []);
      if (pending.request.solo) return;
    }
  }

  private ask(): void {
    if (this.greeted || this.waiting || this.ended) return;
    this.start();
    for (const pending of this.queue) if (pending.sent) this.write(pending.script);
  }

  private start(): void {
    this.flush();
    this.traffic.sent += runtimeBytes().length;
    this.channel.stdin.write(runtimeBytes());
    this.write(this.hail);
    this.flush();
  }

  private write(text: string): void {
    this.schedule();
    this.outbox.add(text);
  }

  /** Sends with the next turn of the event loop, so that steps that are ready together travel in one packet. */
  private schedule(): void {
    if (this.outbox.isEmpty) setImmediate(() => this.flush());
  }

  private flush(): void {
    if (this.outbox.isEmpty) return;
    const text = this.outbox.take();
    this.traffic.sent += Buffer.byteLength(text);
    this.channel.stdin.write(text);
  }

  private onFrame({ words, payload }: Frame): void {
    const [kind, ...rest] = words;
    switch (kind) {
      case 'hello':
        this.onHello(rest);
        return;
      case 'wait':
        this.onWait(rest);
        return;
      case 'broken':
        throw new LamplighterError('PROTOCOL', `${this.options.host}: ${rest.join(' ')}`);
      case 'begin':
        this.head(rest[0]).startedAt = performance.now();
        return;
      case 'end':
        this.head(rest[0]).status = Number(rest[1]);
        this.answer();
        return;
      case 'said': {
        const step = this.head(rest[0]);
        step.status = Number(rest[1]);
        step.parts.lines = payload;
        return;
      }
      case 'data': {
        const step = this.head(rest[0]);
        step.status = Number(rest[1]);
        step.parts.stdout = payload;
        return;
      }
      case 'err':
        this.head(rest[0]).parts.stderr = payload;
        return;
      case 'fields':
        this.head(rest[0]).parts.fields = payload;
        return;
      case 'done':
        this.head(rest[0]);
        this.answer();
        return;
      default:
        throw new LamplighterError('PROTOCOL', `${this.options.host}: the shell answered "${words.join(' ')}"`);
    }
  }

  private onHello(words: string[]): void {
    if (this.greeted) return;
    this.greeted = true;
    this.stopTimers();
    const [version, uid, pid, kernel] = words;
    if (version !== '1') throw new LamplighterError('PROTOCOL', `${this.options.host}: unknown protocol ${version}`);
    if (this.noise.trim() !== '') this.options.notice(`said before the shell was ready: ${this.noise.trim()}`);
    this.resolveHello({ uid: Number(uid), pid: Number(pid), kernel: kernel ?? '' });
  }

  private onWait([run, pid, step, since]: string[]): void {
    this.waiting = true;
    const under = step === '-' ? 'between two steps' : `in step ${step}`;
    this.options.notice(
      run === '-'
        ? 'waiting: another run is taking or leaving the host'
        : `waiting: run ${run} (pid ${pid} on the host) holds it since ${since}, ${under}`,
    );
  }

  /** The oldest step that was sent; its number must be the frame's, since answers come in order. */
  private head(id: string | undefined): Pending {
    const first = this.queue[0];
    if (first?.sent && String(first.id) === id) return first;
    throw new LamplighterError(
      'PROTOCOL',
      `${this.options.host}: the shell answered step ${id}, but step ${first?.id ?? 'none'} was due`,
    );
  }

  private answer(): void {
    const step = this.queue.shift()!;
    this.flying--;
    this.flyingBytes -= step.bytes;
    if (!isQuiet(step.status)) this.window = WINDOW_STEPS;
    else if (this.flying < this.window) this.window = Math.min(MOST_STEPS, this.window + 1);
    step.resolve(reply(step, this.mark));
    if (!this.ended) this.fill();
  }

  private onSilence(): void {
    if (this.greeted || this.ended) return;
    const limit = this.options.helloTimeoutSeconds;
    this.end(
      new LamplighterError('PROTOCOL', `${this.options.host}: no shell answered within ${limit} s${this.said()}`, {
        hint: 'a login script that writes, asks or starts another shell must do so only for terminals',
      }),
    );
    this.channel.close();
  }

  private async onGone(code: number): Promise<void> {
    const { host } = this.options;
    if (this.closing) this.end(undefined);
    else if (!this.greeted && code !== 255)
      this.end(new LamplighterError('PROTOCOL', `${host}: the shell ended with status ${code}${this.said()}`));
    else {
      const reason = await Promise.race([this.options.connectionClosed, sleep(REASON_MS, undefined, { ref: false })]);
      this.end(reason ?? this.lost(`the connection was lost${code === 255 || code === 0 ? '' : ` (status ${code})`}`));
    }
  }

  private lost(why: string): LamplighterError {
    const tail = this.stderr.trim();
    return new LamplighterError('CONNECTION_LOST', `${this.options.host}: ${why}${tail === '' ? '' : `: ${tail}`}`);
  }

  /** What came instead of frames, for an error. */
  private said(): string {
    const text = [this.noise + this.reader.unread, this.stderr]
      .map((each) => each.trim())
      .filter((each) => each !== '')
      .join('\n');
    return text === '' ? '; it said nothing' : `; it said: ${text}`;
  }

  private stopTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }

  private end(error: Error | undefined): void {
    if (this.ended) return;
    this.ended = { error };
    this.stopTimers();
    const reason = error ?? this.lost('the session was closed');
    for (const pending of this.queue) pending.reject(reason);
    this.queue = [];
    this.rejectHello(reason);
    this.resolveClosed(error);
  }
}

/** Whether a step ended as ok, skipped or guarded. */
function isQuiet(status: number): boolean {
  return status === 0 || status === 101 || status === 103;
}

function reply(step: Pending, mark: string): StepReply {
  return stepReply({
    status: step.status,
    known: step.request.body.fields,
    ...step.parts,
    mark,
    seconds: step.startedAt === undefined ? 0 : (performance.now() - step.startedAt) / 1000,
    lateMessage: `The action failed to execute in the expected time frame (${step.request.timeoutSeconds}) and was terminated`,
  });
}
