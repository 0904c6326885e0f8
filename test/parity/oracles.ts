import { type Oracle, startOracle } from './runners.ts';

/** A few processes that run ansible-playbook, each for one case at a time. */
export class Oracles {
  private readonly all: Oracle[];
  private readonly free: Oracle[];
  private readonly waiting: (() => void)[] = [];

  constructor(python: string, count = 2) {
    this.all = Array.from({ length: count }, () => startOracle(python));
    this.free = [...this.all];
  }

  /** Calls `work` with one that nobody else uses. */
  async with<T>(work: (oracle: Oracle) => Promise<T>): Promise<T> {
    while (this.free.length === 0) await new Promise<void>((next) => this.waiting.push(next));
    const oracle = this.free.pop()!;
    try {
      return await work(oracle);
    } finally {
      this.free.push(oracle);
      this.waiting.shift()?.();
    }
  }

  close(): void {
    for (const oracle of this.all) oracle.close();
  }
}
