import { Readable } from 'node:stream';

const KEPT = 64 * 1024;

/**
 * A readable that never stalls its source while nobody reads it: then it keeps the last 64 KB and drops what is older. Once
 * somebody reads, everything is delivered and `offer` tells when to wait.
 */
export class Tail extends Readable {
  #held: Buffer[] = [];
  #size = 0;
  #wanted = false;
  #ended = false;
  #drained: (() => void) | undefined;

  /** Called when the reader has caught up after `offer` answered false. */
  onDrain(callback: () => void): void {
    this.#drained = callback;
  }

  /** Takes bytes; false when a reader is attached and behind. */
  offer(chunk: Buffer): boolean {
    if (this.destroyed) return true;
    this.#held.push(chunk);
    this.#size += chunk.length;
    this.#deliver();
    if (this.readableFlowing !== null || this.listenerCount('readable') > 0) return this.#size < KEPT;
    while (this.#size > KEPT && this.#held.length > 1) this.#size -= this.#held.shift()!.length;
    return true;
  }

  /** No more bytes follow. */
  finish(): void {
    this.#ended = true;
    this.#deliver();
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#held = [];
    this.#size = 0;
    this.#drained?.();
    callback(error);
  }

  #deliver(): void {
    while (this.#wanted && this.#held.length > 0) {
      const chunk = this.#held.shift()!;
      this.#size -= chunk.length;
      this.#wanted = this.push(chunk);
    }
    if (this.#held.length > 0) return;
    if (this.#ended && !this.readableEnded) {
      this.#ended = false;
      this.push(null);
    } else this.#drained?.();
  }
}

/** Moves a stream into a Tail, honouring it. */
export function tailOf(source: Readable): Tail {
  const tail = new Tail();
  tail.on('error', () => undefined);
  tail.onDrain(() => source.resume());
  source.on('data', (chunk: Buffer) => {
    if (!tail.offer(chunk)) source.pause();
  });
  source.on('end', () => tail.finish());
  source.on('close', () => tail.finish());
  source.on('error', () => tail.finish());
  return tail;
}
