import { createHash, randomInt } from 'node:crypto';
import { isText } from '../values/kinds.ts';
import { pyString } from './repr.ts';

/** Python's `random.Random(seed)`: the same seed gives the same numbers as there. Without a seed, the system's. */
export interface RandomSource {
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number;
}

export function randomSource(seed: unknown): RandomSource {
  return seed === undefined || seed === null
    ? { below: (limit) => randomInt(limit) }
    : new MersenneTwister(seedNumber(seed));
}

function seedNumber(seed: unknown): bigint {
  if (typeof seed === 'bigint' || (typeof seed === 'number' && Number.isInteger(seed)) || typeof seed === 'boolean') {
    const value = BigInt(seed);
    return value < 0n ? -value : value;
  }
  const bytes = isText(seed) ? Buffer.from(String(seed)) : Buffer.from(pyString(seed));
  const digest = createHash('sha512').update(bytes).digest();
  return BigInt(`0x${Buffer.concat([bytes, digest]).toString('hex')}`);
}

const size = 624;

class MersenneTwister implements RandomSource {
  private readonly state = new Uint32Array(size);
  private index = size;

  constructor(seed: bigint) {
    this.seedByArray(seed);
  }

  private seedBy(seed: number): void {
    this.state[0] = seed;
    for (let i = 1; i < size; i++) {
      const before = this.state[i - 1]! ^ (this.state[i - 1]! >>> 30);
      this.state[i] = Math.imul(before, 1812433253) + i;
    }
  }

  private seedByArray(seed: bigint): void {
    const key: number[] = [];
    for (let rest = seed; rest > 0n; rest >>= 32n) key.push(Number(rest & 0xffffffffn));
    if (key.length === 0) key.push(0);
    this.seedBy(19650218);
    const { state } = this;
    let i = 1;
    let j = 0;
    const wrap = () => {
      i++;
      if (i < size) return;
      state[0] = state[size - 1]!;
      i = 1;
    };
    for (let left = Math.max(size, key.length); left > 0; left--) {
      const mixed = Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1664525);
      state[i] = (state[i]! ^ mixed) + key[j]! + j;
      wrap();
      j = (j + 1) % key.length;
    }
    for (let left = size - 1; left > 0; left--) {
      const mixed = Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1566083941);
      state[i] = (state[i]! ^ mixed) - i;
      wrap();
    }
    state[0] = 0x80000000;
  }

  private next(): number {
    if (this.index >= size) this.twist();
    let y = this.state[this.index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < size; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
      state[i] = state[(i + 397) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.index = 0;
  }

  private bits(count: number): number {
    if (count <= 32) return this.next() >>> (32 - count);
    const low = this.next();
    return (this.next() >>> (64 - count)) * 2 ** 32 + low;
  }

  below(limit: number): number {
    const width = limit.toString(2).length;
    let value = this.bits(width);
    while (value >= limit) value = this.bits(width);
    return value;
  }
}
