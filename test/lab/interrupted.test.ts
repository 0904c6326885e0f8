import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import { readInstance } from '../../run/lab/state.ts';
import { run, scratchLab, ssh, traces } from './scratch-lab.ts';

const test = suite('interrupted lab');
const machine = await canBeLab();
const COMMAND = join(import.meta.dirname, '../../run/lab/command.ts');
const CODE = `const { labCommand } = await import(process.argv[1]);
process.exitCode = await labCommand(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, isTTY: false });`;

/** Starts `lab …` in a process of its own. */
function start(argv: string[], env: NodeJS.ProcessEnv = {}) {
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', CODE, COMMAND, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('Ctrl-C while a base image is built leaves no half image, no process, no mount', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'lamplighter-cache-'));
  const lab = await scratchLab('base');
  try {
    const up = start(['--instance', lab.paths.instance, 'up', 'cloud', '--only'], { LAMPLIGHTER_LAB_CACHE: cache });
    up.stdout.resume();
    const ended = once(up, 'close');
    await once(up.stderr, 'data');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    up.kill('SIGINT');
    assert.equal(await ended, [99, null]);
    assert.equal(await readdir(join(cache, 'bookworm')), []);
    const { subnet } = (await readInstance(lab.paths))!;
    assert.is((await run('pgrep', ['-f', cache])).code, 1, 'a process of the build is left');
    await lab.down();
    assert.equal(await traces(lab.paths.dir, subnet), []);
    assert.equal(await traces(cache, subnet), [`file: ${cache}`, `file: ${cache}/bookworm`]);
  } finally {
    await lab.down();
    await rm(cache, { recursive: true, force: true });
  }
});

for (const delay of [100, 400, 700]) {
  test(`up finishes what an up that was killed ${delay} ms after its start of work had begun`, async () => {
    const lab = await scratchLab('killed');
    try {
      const up = start(['--instance', lab.paths.instance, 'up', 'cloud', 'lamp01', '--only']);
      const ended = once(up, 'close');
      while ((await readInstance(lab.paths)) === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => setTimeout(resolve, delay));
      up.kill('SIGKILL');
      await ended;
      const hosts = await lab.up(['cloud', 'lamp01']);
      for (const host of hosts) assert.is((await ssh(lab, host, 'sudo -n true')).code, 0);
      assert.equal(
        (await lab.status()).map((host) => host.state),
        ['running', 'running'],
      );
    } finally {
      const subnet = (await readInstance(lab.paths))?.subnet;
      await lab.down();
      if (subnet !== undefined) assert.equal(await traces(lab.paths.dir, subnet), []);
    }
  });
}

if (machine.ok) test.run();
else console.log(`skipped: interrupted lab: ${machine.reason}`);
