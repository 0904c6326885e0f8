import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostStats, RunEvent } from '../../run/events.ts';
import { Recap } from '../../run/report/recap.ts';
import { done, item, task } from './stream.ts';

const recap = suite('recap');

const one = task(1, 'One');

function countsOf(...events: RunEvent[]): Partial<HostStats> {
  const fold = new Recap();
  for (const event of events) fold.see(event);
  return Object.fromEntries(Object.entries(fold.hosts().a ?? {}).filter(([, count]) => count > 0));
}

recap('ok includes changed', () => {
  assert.equal(countsOf(done(one, 'a'), done(one, 'a', 'changed')), { ok: 2, changed: 1 });
});

recap('an ignored failure is ok, ignored, and changed if it changed something', () => {
  assert.equal(countsOf(done(one, 'a', 'failed', { changed: true }, { ignored: true })), {
    ok: 1,
    changed: 1,
    ignored: 1,
  });
});

recap('a rescued failure is only rescued', () => {
  assert.equal(countsOf(done(one, 'a', 'failed', { changed: true }, { rescued: true })), { rescued: 1 });
});

recap('failed, skipped and unreachable count once', () => {
  assert.equal(countsOf(done(one, 'a', 'failed'), done(one, 'a', 'skipped'), done(one, 'a', 'unreachable')), {
    failed: 1,
    skipped: 1,
    unreachable: 1,
  });
});

recap('an ignored unreachable host is ok and ignored', () => {
  assert.equal(countsOf(done(one, 'a', 'unreachable', {}, { ignored: true })), { ok: 1, ignored: 1 });
});

recap('a loop counts once', () => {
  assert.equal(
    countsOf(item(one, 'a', '1', 'changed'), item(one, 'a', '2'), done(one, 'a', 'changed', {}, { loop: true })),
    { ok: 1, changed: 1 },
  );
});

recap('an include counts once an item', () => {
  const include = task(2, 'Include', 'include_tasks');
  assert.equal(
    countsOf(item(include, 'a', '1'), item(include, 'a', '2'), item(include, 'a', '3', 'skipped'), done(include, 'a')),
    { ok: 2 },
  );
  assert.equal(countsOf(done(include, 'a')), { ok: 1 });
});

recap('hosts come in the order in which they were seen', () => {
  const fold = new Recap();
  for (const host of ['c', 'a', 'b']) fold.see(done(one, host));
  assert.equal(Object.keys(fold.hosts()), ['c', 'a', 'b']);
});

recap.run();
