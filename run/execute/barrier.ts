import { comparePositions, type Position } from './cursor.ts';

interface Waiting<H> {
  host: H;
  position: Position;
  release: (group: H[]) => void;
}

/**
 * Where hosts that go through a play at their own pace wait for each other. When every host that is still in the play
 * waits, those that are earliest in it go on together; so a host that takes another way (a rescue, a skipped include) holds
 * nobody for ever.
 */
export class Barrier<H> {
  private readonly active: Set<H>;
  private waiting: Waiting<H>[] = [];

  constructor(hosts: Iterable<H>) {
    this.active = new Set(hosts);
  }

  /** Waits for the others; resolves with the hosts released together, in the order of the play. */
  arrive(host: H, position: Position): Promise<H[]> {
    return new Promise((release) => {
      this.waiting.push({ host, position, release });
      this.check();
    });
  }

  /** A host leaves the play: nobody waits for it any more. */
  leave(host: H): void {
    this.active.delete(host);
    this.waiting = this.waiting.filter((each) => each.host !== host);
    this.check();
  }

  /** Hosts still in the play. */
  get remaining(): H[] {
    return [...this.active];
  }

  private check(): void {
    if (this.waiting.length === 0 || this.waiting.length < this.active.size) return;
    const first = this.waiting.reduce((a, b) => (comparePositions(b.position, a.position) < 0 ? b : a));
    const released = this.waiting.filter((each) => comparePositions(each.position, first.position) === 0);
    const going = new Set(released);
    this.waiting = this.waiting.filter((each) => !going.has(each));
    const hosts = new Set(released.map((each) => each.host));
    const group = [...this.active].filter((host) => hosts.has(host));
    for (const each of released) each.release(group);
  }
}
