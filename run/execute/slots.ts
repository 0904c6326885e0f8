/** Something that holds a slot and can give it up while it is idle. */
export interface Holder {
  /** Nothing is under way on it and nothing of it would be lost. */
  readonly idle: boolean;
  /** Gives the slot up; calls `release` of the slots when it is free. */
  yieldSlot(): void;
}

/** `forks`: how many connections are open at a time. An idle one makes room for a host that waits. */
export class Slots {
  private readonly limit: number;
  private readonly holders = new Set<Holder>();
  /** Holders that are giving up their slot: asked once. */
  private readonly leaving = new Set<Holder>();
  private readonly queue: { holder: Holder; admit: () => void }[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Waits for a slot. */
  async acquire(holder: Holder): Promise<void> {
    if (this.holders.has(holder)) return;
    if (this.holders.size < this.limit) {
      this.holders.add(holder);
      return;
    }
    await new Promise<void>((admit) => {
      this.queue.push({ holder, admit });
      this.reclaim();
    });
  }

  release(holder: Holder): void {
    this.leaving.delete(holder);
    if (!this.holders.delete(holder)) return;
    const waiting = this.queue.shift();
    if (!waiting) return;
    this.holders.add(waiting.holder);
    waiting.admit();
  }

  /** Asks idle holders to make room, one for each that waits; call when some have become idle. */
  reclaim(): void {
    for (const holder of this.holders) {
      if (this.leaving.size >= this.queue.length) return;
      if (!holder.idle || this.leaving.has(holder)) continue;
      this.leaving.add(holder);
      holder.yieldSlot();
    }
  }
}
