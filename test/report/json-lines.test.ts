import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import type { RunEvent } from '../../run/events.ts';
import { JsonLines } from '../../run/report/json-lines.ts';
import { done, item, playEnd, playStart, retry, task } from './stream.ts';

const json = suite('JSON lines');

const TASK = z.strictObject({
  event: z.literal('task'),
  play: z.string(),
  host: z.string(),
  task: z.string(),
  module: z.string(),
  status: z.enum(['ok', 'changed', 'skipped', 'failed', 'unreachable']),
  ignored: z.boolean(),
  rescued: z.boolean(),
  result: z.record(z.string(), z.unknown()),
  diff: z.array(z.object({ before: z.unknown(), after: z.unknown(), path: z.string().nullable() })),
  place: z.string().regex(/^[^:]+:\d+$/),
});
const COUNTS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const;
const RECAP = z.strictObject({
  event: z.literal('recap'),
  hosts: z.record(z.string(), z.strictObject(Object.fromEntries(COUNTS.map((count) => [count, z.number()])))),
});

function linesOf(events: RunEvent[], verbosity = 0) {
  let out = '';
  let told = '';
  const report = new JsonLines({
    write: (text) => {
      out += text;
    },
    tell: (text) => {
      told += text;
    },
    cwd: '/home/ada/site',
    verbosity,
  });
  for (const event of events) report.see(event);
  report.close();
  assert.ok(out.endsWith('\n'));
  return {
    lines: out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    told,
  };
}

const copy = task(1, 'lamp : Copy', 'copy');

json('one object for each result, then the recap, and nothing else', () => {
  const { lines } = linesOf([
    { event: 'run-start', playbooks: ['site.yaml'], check: false, diff: true },
    playStart(['a', 'b']),
    { event: 'task-start', play: 'lamps', task: copy },
    retry(copy, 'a', 1, 2),
    done(copy, 'a', 'changed', { checksum: 'abc' }, { diffs: [{ path: '/x', before: '1', after: '2' }] }),
    done(copy, 'b', 'failed', { msg: 'no' }, { ignored: true }),
    playEnd(),
    { event: 'recap', hosts: {}, interrupted: false, seconds: 1 },
  ]);
  assert.equal(lines[0], {
    event: 'task',
    play: 'lamps',
    host: 'a',
    task: 'lamp : Copy',
    module: 'copy',
    status: 'changed',
    ignored: false,
    rescued: false,
    result: { changed: true, checksum: 'abc' },
    diff: [{ before: '1', after: '2', path: '/x' }],
    place: 'playbooks/site.yaml:10',
  });
  assert.is(lines.length, 3);
  for (const line of lines.slice(0, 2)) TASK.parse(line);
  assert.equal(lines[2], { event: 'recap', hosts: {} });
});

json('a loop is one object with the differences of its items', () => {
  const diff = (path: string) => ({ diffs: [{ path, before: '', after: 'x' }] });
  const { lines } = linesOf([
    item(copy, 'a', 'one', 'changed', {}, diff('/one')),
    item(copy, 'b', 'one', 'changed', {}, diff('/other')),
    item(copy, 'a', 'two', 'changed', {}, diff('/two')),
    done(copy, 'a', 'changed', { results: [{}, {}] }, { loop: true }),
  ]);
  assert.is(lines.length, 2);
  assert.equal(
    TASK.parse(lines[0]).diff.map(({ path }) => path),
    ['/one', '/two'],
  );
});

json('a recap stands last even when the run broke off', () => {
  const { lines } = linesOf([playStart(['a']), done(copy, 'a', 'changed')]);
  const recap = RECAP.parse(lines.at(-1));
  assert.equal(recap.hosts.a, { ok: 1, changed: 1, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 });
});

json('the differences stand in `diff` alone', () => {
  const { lines } = linesOf([done(copy, 'a', 'changed', { diff: { before: 'a', after: 'b' }, msg: 'x' })]);
  assert.equal(lines[0].result, { changed: true, msg: 'x' });
});

json('hidden and ready differences keep the shape', () => {
  const diffs = [{ path: '/key', hidden: 'secret', before: 'a', after: 'b' }, { prepared: 'Inst x' }];
  const { lines } = linesOf([done(copy, 'a', 'changed', {}, { diffs })]);
  assert.equal(TASK.parse(lines[0]).diff, [
    { before: null, after: null, path: '/key' },
    { before: '', after: 'Inst x', path: null },
  ]);
  assert.is(lines[0].diff[0].hidden, 'secret');
});

json('warnings and log lines are told to people, elsewhere', () => {
  const events: RunEvent[] = [
    { event: 'warning', message: 'odd' },
    { event: 'log', level: 2, host: 'a', message: 'hello' },
    { event: 'log', level: 3, message: 'too much' },
  ];
  const { lines, told } = linesOf(events, 2);
  assert.is(lines.length, 1);
  assert.is(told, '[WARNING]: odd\n<a> hello\n');
});

json.run();
