import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostStats } from '../../run/events.ts';

/*
 * The recap against ansible-playbook's, on this machine under two names.
 */

const parity = suite('recap parity');
const ROOT = join(import.meta.dirname, '../..');
const ARGS = ['-i', 'one,two,', '-c', 'local', 'test/fixtures/recap/site.yaml'];
const hasAnsible = spawnSync('ansible-playbook', ['--version']).status === 0;

function run(command: string, args: string[]) {
  const env = { ...process.env, ANSIBLE_NOCOLOR: '1', ANSIBLE_LOCALHOST_WARNING: '0' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** `one : ok=3 changed=1 …` as objects by host. */
function recapOf(text: string): Record<string, Partial<HostStats>> {
  const lines = text.split('\n').slice(text.split('\n').findIndex((line) => line.startsWith('PLAY RECAP')) + 1);
  const rows = lines.flatMap((line) => {
    const [, host, counts] = /^(\S+)\s+: (.*)$/.exec(line) ?? [];
    const pairs = (counts ?? '').matchAll(/(\w+)=(\d+)/g);
    return host === undefined ? [] : [[host, Object.fromEntries([...pairs].map(([, key, n]) => [key, Number(n)]))]];
  });
  return Object.fromEntries(rows);
}

const test = hasAnsible ? parity : parity.skip;

test('the recap and the exit code are ansible-playbook’s', () => {
  const theirs = run('ansible-playbook', ARGS);
  const ours = run(process.execPath, ['--import', 'tsx', 'run/index.ts', ...ARGS]);
  const expected = recapOf(theirs.stdout);
  assert.is(Object.keys(expected).length, 2, theirs.stderr);
  assert.equal(recapOf(ours.stdout), expected, ours.stdout + ours.stderr);
  assert.is(ours.status, theirs.status);
});

parity.run();
