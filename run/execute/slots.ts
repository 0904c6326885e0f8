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
    if (!this.holders.delete(holder)) return;
    const waiting = this.queue.shift();
    if (!waiting) return;
    this.holders.add(waiting.holder);
    waiting.admit();
  }

  /** Asks an idle holder to make room; call when one has become idle. */
  reclaim(): void {
    if (this.queue.length === 0) return;
    for (const holder of this.holders) {
      if (!holder.idle) continue;
      holder.yieldSlot();
      return;
    }
  }
}
