import { type Lab, openLab } from '../../run/lab/lab.ts';
import { interrupted } from './interrupt.ts';

/** A lab of its own for the time of a benchmark, beside those of people and tests. */
export async function withLab<T>(name: string, use: (lab: Lab) => Promise<T>): Promise<T> {
  const instance = `${name}${process.pid}`;
  try {
    return await use(await openLab({ instance, signal: interrupted }));
  } finally {
    // By another, whom the interruption does not stop.
    await (await openLab({ instance })).down();
  }
}
