import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { labCommand } from '../../run/lab/command.ts';

const test = suite<{ home: string }>('lab command');

test.before((context) => {
  context.home = '';
});
test.before.each(async (context) => {
  context.home = await mkdtemp(join(tmpdir(), 'lamplighter-lab-'));
  process.env.LAMPLIGHTER_LAB_HOME = context.home;
});
test.after.each(async ({ home }) => {
  delete process.env.LAMPLIGHTER_LAB_HOME;
  await rm(home, { recursive: true, force: true });
});

async function lab(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await labCommand(argv, { stdout, stderr, isTTY: false });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

test('--help names every command and ends well', async () => {
  const { code, stdout } = await lab('--help');
  assert.is(code, 0);
  for (const command of ['up', 'status', 'inventory', 'ssh', 'reset', 'down']) assert.match(stdout, `  ${command} `);
  assert.match((await lab('up', '--help')).stdout, 'trixie');
});

test('what is misspelt is named with what was meant', async () => {
  const command = await lab('stauts');
  assert.is(command.code, 1);
  assert.match(command.stderr, 'status');
  const suite = await lab('up', '--base', 'buster');
  assert.is(suite.code, 1);
  assert.match(suite.stderr, /bookworm, trixie/);
});

test('a lab that is not there has an empty status, an empty inventory and no hosts', async () => {
  assert.equal(JSON.parse((await lab('status', '--json')).stdout), []);
  assert.match((await lab('status')).stdout, 'lab up');
  assert.match((await lab('inventory')).stdout, 'lamps:');
  const ssh = await lab('ssh', 'lamp01');
  assert.is(ssh.code, 1);
  assert.match(ssh.stderr, 'no host lamp01');
});

test('the base images do not go with single hosts', async () => {
  assert.match((await lab('down', 'lamp01', '--purge')).stderr, 'only with the whole lab');
});

test('a bad instance is refused', async () => {
  const { code, stderr } = await lab('--instance', '../x', 'status');
  assert.is(code, 1);
  assert.match(stderr, 'cannot name a lab');
});

test.run();
