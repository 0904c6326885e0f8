import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LamplighterError } from '../../run/errors.ts';
import { LogFile } from '../../run/report/log-file.ts';
import { done, playStart, task } from './stream.ts';

const log = suite<{ file: string; dir: string }>('log file');

log.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'lamplighter-log-'));
  context.file = join(context.dir, 'ansible.log');
});
log.after.each(({ dir }) => rmSync(dir, { recursive: true }));

log('appends the text report, each line with its time, for its owner alone', ({ file }) => {
  for (const host of ['first', 'second']) {
    const report = new LogFile(file, { cwd: '/', verbosity: 0 });
    report.see(playStart([host]));
    report.see(done(task(1, 'Install'), host, 'changed'));
    report.close();
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [, line] = lines.filter((each) => each.includes('changed: ['));
  assert.match(line!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} p=\d+ \| changed: \[second\]$/);
  assert.is(lines.filter((each) => each.includes('PLAY RECAP')).length, 2);
  assert.is(statSync(file).mode & 0o777, 0o600);
});

log('a file that cannot be written is a known error', ({ dir }) => {
  assert.throws(
    () => new LogFile(join(dir, 'no/such/dir.log'), { cwd: '/', verbosity: 0 }),
    (error: LamplighterError) => error.code === 'FILE_UNREADABLE',
  );
});

log.run();
