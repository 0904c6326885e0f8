import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Diff, TaskDefinition } from '../../run/task.ts';
import { ansibleModuleRuns } from './ansible-module.ts';
import type { Shell } from './channel.ts';
import { type Bench, runStep, withSession } from './step.ts';

/*
 * Modules that edit one file, held against Ansible's own: the same file and arguments go to both, in check mode and for
 * good, and messages, contents and modes are compared.
 */

/** [content before, arguments without the path]; undefined: no file. */
export type EditCase = [before: string | Buffer | undefined, args: Record<string, unknown>];

interface Expected {
  check: Record<string, unknown>;
  real: Record<string, unknown>;
  content: string | undefined;
  mode: number | undefined;
}

/** What Ansible's modules made of their cases, found once for all shells. */
const known = new Map<string, Promise<Expected[]>>();

/** @throws AssertionError at the first case that differs */
export async function compareEdits<A>(definition: TaskDefinition<A>, cases: EditCase[], shell: Shell): Promise<void> {
  const name = definition.name.slice(definition.name.lastIndexOf('.') + 1);
  let told = known.get(name);
  if (!told) {
    told = ansibleEdits(name, cases);
    known.set(name, told);
  }
  const expected = await told;
  // Check mode remembers: what acts for good is another bench.
  await withSession(
    (check) =>
      withSession(
        async (real) => {
          for (const [i, one] of cases.entries()) await compareEdit(definition, one, expected[i]!, check, real);
        },
        { shell },
      ),
    { shell },
  );
}

async function compareEdit<A>(
  definition: TaskDefinition<A>,
  [before, args]: EditCase,
  expected: Expected,
  check: Bench,
  real: Bench,
): Promise<void> {
  const dir = await prepared(check.dir, before);
  const path = join(dir, 'f');
  const label = JSON.stringify([before?.toString(), args]);
  const predicted = await runStep(definition, { path, ...args }, { bench: check, check: true, diff: true });
  assert.equal(shown(predicted.result, dir), expected.check, `${label}, check`);
  const done = await runStep(definition, { path, ...args }, { bench: real, diff: true });
  assert.equal(shown(done.result, dir), expected.real, label);
  const after = await outcome(path);
  assert.equal(after, { content: expected.content, mode: expected.mode }, label);
  if (after.content === undefined || !done.result.changed) return;
  const diff = [predicted.result.diff].flat()[0] as Diff | undefined;
  const text = Buffer.from(after.content, 'latin1').toString();
  if (text !== String(before ?? '')) assert.is(diff?.after, text, `${label}, diff`);
}

async function ansibleEdits(name: string, cases: EditCase[]): Promise<Expected[]> {
  const root = await mkdtemp(join(tmpdir(), 'lamplighter-ansible-'));
  try {
    const dirs = await Promise.all(cases.map(([before]) => prepared(root, before)));
    const runs = cases.flatMap(([, args], i) =>
      [true, false].map((check) => ({ args: { path: join(dirs[i]!, 'f'), ...args }, check })),
    );
    const results = await ansibleModuleRuns(name, runs);
    return await Promise.all(
      dirs.map(async (dir, i) => ({
        check: shown(results[2 * i]!, dir),
        real: shown(results[2 * i + 1]!, dir),
        ...(await outcome(join(dir, 'f'))),
      })),
    );
  } finally {
    await rm(root, { recursive: true });
  }
}

/** A directory of its own for a case, with the file `f`. */
async function prepared(root: string, before: string | Buffer | undefined): Promise<string> {
  await mkdir(root, { recursive: true });
  const dir = await mkdtemp(join(root, 'case-'));
  if (before !== undefined) await writeFile(join(dir, 'f'), before, { mode: 0o644 });
  return dir;
}

async function outcome(path: string): Promise<Pick<Expected, 'content' | 'mode'>> {
  const found = await stat(path).catch(() => undefined);
  return { content: found && (await readFile(path, 'latin1')), mode: found?.mode };
}

function shown(result: Record<string, unknown>, dir: string) {
  return {
    changed: result.changed ?? false,
    failed: result.failed ?? false,
    msg: typeof result.msg === 'string' ? result.msg.replaceAll(dir, 'DIR') : result.msg,
    rc: result.rc,
  };
}
