import { rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { ByteChannel } from '../task.ts';
import { forwardRefused, lost } from './failures.ts';
import type { Client } from './pool.ts';
import { holdOutputs, processChannel } from './process-channel.ts';
import type { ConnectionTarget } from './transport.ts';

const POLL_MS = 4;

type Started = { channel: ByteChannel; refusal: undefined } | { channel: undefined; refusal: string };

/** A running `ssh -M` and what goes through its control socket. */
export class OpensshMaster implements Client {
  readonly warnings: readonly string[];
  readonly closed: Promise<Error | undefined>;
  readonly #target: ConnectionTarget;
  readonly #control: string;
  readonly #directory: string;
  readonly #child: { kill(): boolean };
  readonly #said: { text: string };
  #asked = false;
  #gone = false;
  #channels = 0;

  constructor(
    target: ConnectionTarget,
    child: PromiseLike<unknown> & { kill(): boolean },
    control: string,
    directory: string,
    said: { text: string },
  ) {
    this.#target = target;
    this.#child = child;
    this.#control = control;
    this.#directory = directory;
    this.#said = said;
    this.warnings = said.text.split('\n').filter((line) => /^Warning:/.test(line));
    // It is in a process group of its own, so that Ctrl-C does not cut the step under way: nothing else would end it.
    const atExit = () => {
      child.kill();
      rmSync(directory, { recursive: true, force: true });
    };
    process.on('exit', atExit);
    this.closed = Promise.resolve(child).then(async () => {
      this.#gone = true;
      process.off('exit', atExit);
      await rm(directory, { recursive: true, force: true });
      const reason = said.text.trim().split('\n').pop() || 'ssh ended';
      return this.#asked ? undefined : lost(target, reason.trim());
    });
  }

  async open(command: string): Promise<ByteChannel | undefined> {
    const { channel, refusal } = await this.#start(['-T'], [command]);
    if (refusal === undefined) return channel;
    if (this.#gone || (/control socket|master|broken pipe/i.test(refusal) && !/refused by peer/.test(refusal)))
      throw lost(this.#target, refusal);
    return undefined;
  }

  async forward(address: string, port: number): Promise<Duplex> {
    const host = address.includes(':') ? `[${address}]` : address;
    const before = this.#said.text.length;
    const { channel, refusal } = await this.#start(['-W', `${host}:${port}`], []);
    if (refusal !== undefined) {
      if (this.#gone) throw lost(this.#target, refusal);
      // The master says why, the client only that.
      const said = /open failed: (.*)/.exec(this.#said.text.slice(before))?.[1] ?? refusal;
      throw forwardRefused(this.#target, address, port, said.trim(), /prohibited/i.test(said));
    }
    const stream = Duplex.from({ readable: channel.stdout, writable: channel.stdin });
    stream.on('error', () => undefined);
    stream.once('close', () => channel.close());
    return stream;
  }

  async close(): Promise<void> {
    this.#asked = true;
    this.#child.kill();
    await this.closed;
  }

  /**
   * Starts `ssh -S` and waits until the master has answered it. Without the master it must not connect by itself: it reads no
   * configuration and its ProxyCommand fails.
   */
  async #start(options: string[], command: string[]): Promise<Started> {
    if (this.#gone) throw lost(this.#target, 'ssh has ended');
    const log = join(this.#directory, `log${++this.#channels}`);
    const words = ['-F', 'none', '-S', this.#control, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false'];
    const child = execa('ssh', [...words, '-v', '-E', log, ...options, '--', 'host', ...command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      encoding: 'buffer',
      detached: true,
    });
    const outputs = holdOutputs(child);
    const channel = () => processChannel(child, () => child.kill('SIGTERM'), outputs);
    let ended = false;
    child.on('exit', () => {
      ended = true;
    });
    child.on('error', () => {
      ended = true;
    });
    for (;;) {
      const over = ended;
      const text = await readFile(log, 'utf8').catch(() => '');
      if (/master session id/.test(text)) {
        await rm(log, { force: true });
        return { channel: channel(), refusal: undefined };
      }
      if (over) {
        await rm(log, { force: true });
        const line = text.split('\n').find((each) => /refused|failed|control/i.test(each));
        return { channel: undefined, refusal: line?.trim() ?? 'the control socket does not answer' };
      }
      await sleep(POLL_MS);
    }
  }
}
