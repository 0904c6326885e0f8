import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Holder, Slots } from '../../run/execute/slots.ts';

const test = suite('execute: slots');

class Link implements Holder {
  idle = false;
  asked = 0;
  yieldSlot(): void {
    this.asked++;
  }
}

async function admitted(entries: Promise<void>[]): Promise<number> {
  let count = 0;
  for (const entry of entries) void entry.then(() => count++);
  await new Promise((resolve) => setImmediate(resolve));
  return count;
}

test('no more hold a slot than there are; who leaves makes room for the next', async () => {
  const slots = new Slots(2);
  const links = Array.from({ length: 4 }, () => new Link());
  const entries = links.map((link) => slots.acquire(link));
  assert.is(await admitted(entries), 2);
  slots.release(links[0]!);
  assert.is(await admitted(entries), 3);
  slots.release(links[3]!);
  assert.is(await admitted(entries), 3, 'one that holds none frees none');
});

test('as many idle ones are asked as there are others that wait, each once', async () => {
  const slots = new Slots(3);
  const holding = Array.from({ length: 3 }, () => new Link());
  await Promise.all(holding.map((link) => slots.acquire(link)));
  const entries = [slots.acquire(new Link()), slots.acquire(new Link())];
  for (const link of holding) {
    link.idle = true;
    slots.reclaim();
  }
  assert.equal(
    holding.map((link) => link.asked),
    [1, 1, 0],
  );
  slots.reclaim();
  assert.equal(
    holding.map((link) => link.asked),
    [1, 1, 0],
  );
  for (const link of holding.slice(0, 2)) slots.release(link);
  assert.is(await admitted(entries), 2);
});

test.run();
