import { Readable, Writable } from 'node:stream';
import type { LamplighterError } from '../errors.ts';
import type { ByteChannel } from '../task.ts';
import { type Attempt, becomeFailure, cause } from './become-methods.ts';
import { Tail } from './tail.ts';
import type { Become, Connection } from './transport.ts';

const KEPT = 256 * 1024;

/**
 * A channel whose program runs as another user. Until the program's mark is seen on stdout, input is kept (and, where no
 * question for a password can read it, sent on at the same time), so that a second attempt can be given all of it.
 */
export class SwitchedChannel implements ByteChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr = new Tail();
  readonly done: Promise<number>;
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #become: Become;
  readonly #attempts: Attempt[];
  readonly #mark: Buffer;
  readonly #onAsked: () => void;
  #finish: (code: number) => void = () => undefined;
  #settle: { resolve(): void; reject(error: Error): void } = { resolve: () => undefined, reject: () => undefined };
  #state: 'starting' | 'running' | 'over' = 'starting';
  #inner: ByteChannel | undefined;
  #attempt: Attempt | undefined;
  #passwordSent = false;
  #said = '';
  #before: Buffer = Buffer.alloc(0);
  /** Input so far; undefined once the program runs. */
  #kept: Buffer[] | undefined = [];
  #keptSize = 0;
  #inputEnded = false;
  #waiting: (() => void) | undefined;

  constructor(connection: Connection, become: Become, attempts: Attempt[], mark: string, onAsked: () => void) {
    this.#connection = connection;
    this.#become = become;
    this.#attempts = [...attempts];
    this.#mark = Buffer.from(mark);
    this.#onAsked = onAsked;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => undefined);
    this.stderr.on('error', () => undefined);
    this.stdin = this.#input();
    this.stdout = new Readable({ read: () => this.#inner?.stdout.resume() });
  }

  /** Makes the first attempt. @throws as Connection.exec */
  async start(): Promise<void> {
    await this.#next();
  }

  close(): void {
    this.#inner?.close();
    this.#end(255);
  }

  async #next(): Promise<void> {
    const attempt = this.#attempts.shift()!;
    const inner = await this.#connection.exec(attempt.command);
    if (this.#state === 'over') {
      inner.close();
      return;
    }
    this.#attempt = attempt;
    this.#inner = inner;
    this.#said = '';
    this.#before = Buffer.alloc(0);
    inner.stdout.on('data', (chunk: Buffer) => this.#hear(chunk));
    inner.stdout.on('error', () => undefined);
    inner.stderr.on('data', (chunk: Buffer) => this.#listen(inner, chunk));
    this.stderr.onDrain(() => inner.stderr.resume());
    void inner.done.then((code) => this.#ended(inner, code));
    if (attempt.eager) this.#replay(inner);
  }

  /** stdout: passes on what comes, takes out the mark. */
  #hear(chunk: Buffer): void {
    if (this.#state === 'over') return;
    let bytes: Buffer = chunk;
    if (this.#state === 'starting') {
      bytes = Buffer.concat([this.#before, chunk]);
      const at = bytes.indexOf(this.#mark);
      const end = at < 0 ? -1 : bytes.indexOf('\n', at);
      if (end < 0) {
        this.#before = bytes;
        return;
      }
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end + 1)]);
      this.#run();
    }
    if (bytes.length > 0 && !this.stdout.push(bytes)) this.#inner?.stdout.pause();
  }

  #run(): void {
    const inner = this.#inner!;
    this.#state = 'running';
    if (!this.#attempt!.eager) this.#replay(inner);
    else if (this.#inputEnded) inner.stdin.end();
    this.#kept = undefined;
    this.#settle.resolve();
    this.#waiting?.();
    this.#waiting = undefined;
  }

  /** stderr: answers the question for the password once; a second question means that it was wrong. */
  #listen(inner: ByteChannel, chunk: Buffer): void {
    if (this.#state !== 'starting') {
      if (this.#state === 'running' && !this.stderr.offer(chunk)) inner.stderr.pause();
      return;
    }
    this.#said = (this.#said + chunk.toString()).slice(-8192);
    const prompt = this.#attempt!.prompt;
    if (prompt === undefined || !prompt.test(this.#said)) return;
    this.#said = this.#said.replace(prompt, '');
    if (this.#passwordSent)
      this.#refuse(inner, 'the password is wrong', 'Check --ask-become-pass or ansible_become_password.');
    else if (this.#become.password === undefined) this.#refuse(inner, 'it wants a password', NO_PASSWORD_HINT);
    else {
      this.#passwordSent = true;
      this.#onAsked();
      inner.stdin.write(`${this.#become.password}\n`);
    }
  }

  #refuse(inner: ByteChannel, text: string, hint: string): void {
    this.#fail(becomeFailure(this.#become, text, hint, this.#said));
    inner.close();
  }

  async #ended(inner: ByteChannel, code: number): Promise<void> {
    if (this.#state === 'over' || inner !== this.#inner) return;
    if (this.#state === 'running') {
      // What a slow reader has not taken yet still comes; the status need not wait for it.
      if (inner.stdout.readableEnded || inner.stdout.destroyed) this.#end(code);
      else inner.stdout.once('end', () => this.#end(code));
      this.#finish(code);
      return;
    }
    const known = cause(this.#become, this.#said, code);
    if (!known && !this.#passwordSent && this.#attempts.length > 0 && code !== 255) {
      try {
        await this.#next();
      } catch (error) {
        this.#fail(error as LamplighterError);
      }
      return;
    }
    if (known) this.#fail(becomeFailure(this.#become, known[0], known[1], this.#said));
    else if (this.#passwordSent)
      this.#fail(becomeFailure(this.#become, 'the password was not accepted', undefined, this.#said));
    else if (this.#become.password === undefined)
      this.#fail(becomeFailure(this.#become, 'it wants a password, or is not allowed', NO_PASSWORD_HINT, this.#said));
    else this.#fail(becomeFailure(this.#become, `it ended with status ${code}`, undefined, this.#said));
  }

  #fail(error: LamplighterError): void {
    if (this.#state === 'over') return;
    this.#settle.reject(error);
    if (this.#said !== '') this.stderr.offer(Buffer.from(this.#said));
    if (this.#before.length > 0) this.stdout.push(this.#before);
    if (this.stdout.listenerCount('error') > 0) this.stdout.destroy(error);
    this.#end(1);
  }

  #end(code: number): void {
    if (this.#state === 'over') return;
    if (this.#state === 'starting')
      this.#settle.reject(becomeFailure(this.#become, 'the channel was closed', undefined, this.#said));
    this.#state = 'over';
    this.#kept = undefined;
    this.#waiting?.();
    this.#waiting = undefined;
    this.stderr.finish();
    if (!this.stdout.destroyed) this.stdout.push(null);
    this.#finish(code);
  }

  #replay(inner: ByteChannel): void {
    for (const chunk of this.#kept ?? []) inner.stdin.write(chunk);
    if (this.#inputEnded && this.#state === 'running') inner.stdin.end();
  }

  #input(): Writable {
    const input = new Writable({
      highWaterMark: KEPT,
      write: (chunk: Buffer, _encoding, callback) => this.#write(chunk, callback),
      final: (callback) => {
        this.#inputEnded = true;
        // Until the program runs the end is kept too: a second attempt needs its input open.
        if (this.#state === 'running') this.#inner!.stdin.end();
        callback();
      },
    });
    input.on('error', () => undefined);
    return input;
  }

  #write(chunk: Buffer, callback: () => void): void {
    if (this.#state === 'over') {
      callback(); // as a closed pipe; `done` tells
      return;
    }
    const inner = this.#inner!;
    if (this.#kept !== undefined) {
      this.#kept.push(chunk);
      this.#keptSize += chunk.length;
      if (this.#attempt!.eager) inner.stdin.write(chunk);
      if (this.#keptSize < KEPT) callback();
      else this.#waiting = callback;
      return;
    }
    if (inner.stdin.write(chunk)) {
      callback();
      return;
    }
    let called = false;
    const go = () => {
      if (called) return;
      called = true;
      inner.stdin.off('drain', go);
      callback();
    };
    inner.stdin.on('drain', go);
    void this.done.then(go);
  }
}

const NO_PASSWORD_HINT =
  'Give one by --ask-become-pass or ansible_become_password (from a vault), or allow the login user without (NOPASSWD).';
