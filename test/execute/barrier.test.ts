import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Barrier } from '../../run/execute/barrier.ts';
import { start } from '../../run/execute/cursor.ts';

const test = suite('barrier');
const at = (index: number) => ({ ...start([]), index });

test('releases hosts together once the last one has come', async () => {
  const barrier = new Barrier(['a', 'b', 'c']);
  const released: string[] = [];
  const wait = (host: string) =>
    barrier.arrive(host, at(1)).then((group) => released.push(`${host} ${group.join('+')}`));
  const first = wait('b');
  const second = wait('a');
  await Promise.resolve();
  assert.equal(released, []);
  await Promise.all([wait('c'), first, second]);
  assert.equal(released.sort(), ['a a+b+c', 'b a+b+c', 'c a+b+c']);
});

test('lets the earliest position go first', async () => {
  const barrier = new Barrier(['a', 'b']);
  const order: string[] = [];
  const later = barrier.arrive('a', at(5)).then(() => order.push('a'));
  await barrier.arrive('b', at(2)).then((group) => order.push(`b alone: ${group.join()}`));
  const again = barrier.arrive('b', at(5)).then(() => order.push('b'));
  await Promise.all([later, again]);
  assert.equal(order[0], 'b alone: b');
  assert.equal(order.length, 3);
});

test('waits for nobody who has left', async () => {
  const barrier = new Barrier(['a', 'b']);
  const waiting = barrier.arrive('a', at(1));
  barrier.leave('b');
  assert.equal(await waiting, ['a']);
  assert.equal(barrier.remaining, ['a']);
});

test.run();
