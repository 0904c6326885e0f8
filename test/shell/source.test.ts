import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RUNTIME_FILES, runtimeSource } from '../../run/shell/source.ts';
import { SHELLS, shellCommand } from '../helpers/channel.ts';

const test = suite('shell: the runtime as it is sent');

function found(program: string): boolean {
  const there = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  if (!there && process.env.CI) throw new Error(`${program} is missing: apt-get install ${program}`);
  return there;
}

test('the shells that it must run under are here', () => {
  for (const program of ['dash', 'bash', 'busybox']) assert.ok(found(program), program);
});

test('shellcheck has nothing to say', () => {
  if (!found('shellcheck')) return;
  const whole = RUNTIME_FILES.map((name) => readFileSync(new URL(`../../run/shell/${name}`, import.meta.url), 'utf8'));
  const { stdout, status } = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: whole.join('\n'), encoding: 'utf8' });
  assert.is(stdout, '');
  assert.is(status, 0);
});

test('nothing but function definitions stands at top level', () => {
  for (const shell of SHELLS) {
    const [program, args] = shellCommand(shell);
    const input = `${runtimeSource()}set\n`;
    const before = execFileSync(program, args, { input: 'set\n', encoding: 'utf8' });
    const after = execFileSync(program, args, { input, encoding: 'utf8' });
    const names = (text: string) => new Set(text.split('\n').map((line) => /^(\w+)=/.exec(line)?.[1]));
    const added = [...names(after)].filter((name) => name?.startsWith('ll_') && !names(before).has(name));
    // bash prints functions too, whose bodies hold assignments, indented.
    assert.equal(added, [], shell);
  }
});

test('no heredoc, which the end of input would cut without a word', () => {
  // A shift in arithmetic has a blank behind it.
  assert.not.match(runtimeSource(), /<<[^ ]/);
});

test('comments and indentation are left out', () => {
  assert.not.match(runtimeSource(), /^\s*#/m);
  assert.not.match(runtimeSource(), /^[ \t]/m);
});

test.run();
