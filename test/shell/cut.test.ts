import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quote } from '../../run/shell/script.ts';
import { runtimeSource } from '../../run/shell/source.ts';
import { SHELLS, shellCommand } from '../helpers/channel.ts';

/* A stream cut anywhere runs each step wholly or not at all. Bodies are harmless and, as root, run as nobody. */

const NOBODY = 65534;
const unprivileged: [string, string[]] =
  process.getuid!() === 0
    ? ['setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']]
    : ['env', []];

for (const shell of SHELLS) {
  const test = suite(`shell: cut streams (${shell})`);

  test('no cut runs half a step, or anything else', async () => {
    const root = await mkdtemp('/tmp/lamplighter-cut-');
    await chmod(root, 0o777);
    try {
      const head = `${runtimeSource()}ll_hello 00112233445566778899aabbccddeeff ffeeddccbbaa cut ${root}/scratch ${root}/journal now .\n`;
      const cuts = [];
      for (let i = 0; i < head.length - 150; i += 1499) cuts.push(i);
      const tail = step(1, 'one') + step(2, 'two');
      for (let i = head.length - 150; i <= head.length + tail.length; i++) cuts.push(i);
      // What the steps would touch is told apart by a directory for each cut.
      const complete = new Map<string, number>();
      for (let i = 1, at = head.length; i <= 2; i++) {
        at += step(i, ['one', 'two'][i - 1]!).length;
        complete.set(String(i), at);
      }
      const queue = [...cuts];
      const worker = async () => {
        for (let cut = queue.shift(); cut !== undefined; cut = queue.shift())
          await one(root, head, tail, cut, complete);
      };
      await Promise.all(Array.from({ length: 4 }, worker));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  async function one(root: string, head: string, tail: string, cut: number, complete: Map<string, number>) {
    const dir = join(root, `cut${cut}`);
    await mkdir(dir);
    await chmod(dir, 0o777);
    const own = (text: string) =>
      text.replaceAll(`${root}/scratch`, `${dir}/s`).replaceAll(`${root}/journal`, `${dir}/j`);
    const [program, args] = shellCommand(shell);
    const child = spawn(unprivileged[0], [...unprivileged[1], program, ...args], {
      cwd: dir,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.on('error', () => {});
    child.stdin.end(
      cut <= head.length
        ? own(head).slice(0, own(head).length - (head.length - cut))
        : own(head) + tail.slice(0, cut - head.length),
    );
    await new Promise((resolve) => child.on('close', resolve));
    const files = (await readdir(dir)).sort();
    const expected = [...complete]
      // The line feed after the closing word is not needed: the call is whole without it.
      .filter(([, at]) => cut >= at - 1)
      .flatMap(([id]) => [`${id}a`, `${id}b`]);
    assert.equal(
      files.filter((name) => name !== 's' && name !== 'j'),
      expected,
      `cut at ${cut}: ${JSON.stringify((head + tail).slice(Math.max(0, cut - 60), cut))}`,
    );
    if (files.includes('s')) assert.equal(await readdir(join(dir, 's')), [], `cut at ${cut}: scratch stays`);
    await rm(dir, { recursive: true, force: true });
  }

  test.run();
}

function step(id: number, word: string): string {
  return `ll_step ${id} - '' 'll_fits file' ${quote(`touch ${id}a\necho '${word}' >/dev/null\ntouch ${id}b`)} .\n`;
}

const alone = suite('shell: calls without their closing word');
alone('do nothing', () => {
  for (const shell of SHELLS) {
    const [program, args] = shellCommand(shell);
    for (const call of [
      "ll_step 1 - '' '' 'echo RAN >&2'",
      "ll_learn 'echo RAN'",
      'll_hello a b c d e f',
      'll_resume',
      'll_bye',
    ]) {
      const { stdout, stderr, status } = spawnSync(program, args, {
        input: `${runtimeSource()}${call}\necho AFTER\n`,
        encoding: 'utf8',
      });
      assert.equal([stdout, stderr, status], ['', '', 3], `${shell}: ${call}`);
    }
  }
});
alone.run();
