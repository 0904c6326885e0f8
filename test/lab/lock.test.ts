import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LamplighterError } from '../../run/errors.ts';
import { lockDirectory } from '../../run/lab/lock.ts';

const test = suite<{ dir: string }>('lab lock');
const onLinux = process.platform === 'linux';

test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'lamplighter-lock-'));
});
test.after.each(async ({ dir }) => rm(dir, { recursive: true, force: true }));

test('a second holder waits, and is told so', async ({ dir }) => {
  if (!onLinux) return;
  const first = await lockDirectory(dir);
  let waited = false;
  let second = false;
  const pending = lockDirectory(dir, () => {
    waited = true;
    setTimeout(() => first.release(), 50);
  }).then((lock) => {
    second = true;
    return lock;
  });
  assert.not.ok(second);
  await (await pending).release();
  assert.ok(waited);
});

test('a lock on a directory that its holder removed is taken again on the new one', async ({ dir }) => {
  if (!onLinux) return;
  const first = await lockDirectory(dir);
  const pending = lockDirectory(dir, async () => {
    await rm(dir, { recursive: true });
    await first.release();
  });
  const second = await pending;
  let refused = false;
  const third = lockDirectory(dir, () => {
    refused = true;
    void second.release();
  });
  await (await third).release();
  assert.ok(refused, 'the second lock must be on the directory that is there now');
});

test('the lock of a process that is killed is free', async ({ dir }) => {
  if (!onLinux) return;
  const code = `const {lockDirectory} = await import(process.argv[1]); await lockDirectory(process.argv[2]); console.log('locked');`;
  const module = join(import.meta.dirname, '../../run/lab/lock.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code, module, dir]);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await (await lockDirectory(dir)).release();
});

test('an interrupt ends the wait', async ({ dir }) => {
  if (!onLinux) return;
  const first = await lockDirectory(dir);
  const interrupt = new AbortController();
  try {
    await lockDirectory(dir, () => interrupt.abort(), interrupt.signal);
    assert.unreachable();
  } catch (error) {
    assert.is((error as LamplighterError).code, 'INTERRUPTED');
  }
  await first.release();
});

test.run();
