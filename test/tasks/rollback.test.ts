import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { raw, sh } from '../../run/shell/script.ts';
import type { TaskResult } from '../../run/task.ts';
import command from '../../tasks/command.ts';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import rollback from '../../tasks/rollback.ts';
import { SHELLS, type Shell } from '../helpers/channel.ts';
import { type Bench, request, runStep, withSession } from '../helpers/step.ts';

const test = suite('rollback');

interface Runs {
  dir: string;
  journal: string;
  /** A run of its own: its id names it in the journal. */
  run<T>(id: string, use: (bench: Bench) => Promise<T>): Promise<T>;
  /** Puts `changes` back in a further run. */
  undo(args?: Record<string, unknown>, more?: { check?: boolean }): Promise<TaskResult>;
}

/** Several runs, one after the other, with one journal and one directory of files. */
function runs(use: (runs: Runs) => Promise<void>, shell: Shell = 'dash'): () => Promise<void> {
  return () =>
    withSession(async ({ dir, journal, scratch }) => {
      let count = 0;
      const run: Runs['run'] = (id, during) =>
        withSession(during, { shell, session: { runId: id, journal, scratch: `${scratch}-${count++}` } });
      await use({
        dir,
        journal,
        run,
        undo: (args = {}, more = {}) =>
          run(
            `undo${count}`,
            async (bench) =>
              (await runStep(rollback, { run: 'changes', ...args }, { bench, diff: true, ...more })).result,
          ),
      });
    });
}

const text = (path: string): Promise<string> => readFile(path, 'utf8');
const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function put(bench: Bench, dest: string, content: string, more: Record<string, unknown> = {}): Promise<void> {
  const { result } = await runStep(copy, { dest, content, ...more }, { bench });
  assert.not(result.failed, String(result.msg));
}

for (const shell of SHELLS)
  test(
    `content, mode, links, directories and absence come back, as a dry run shows first (${shell})`,
    runs(async ({ dir, run, undo }) => {
      const at = (name: string) => join(dir, name);
      await writeFile(at('changed'), 'old\n', { mode: 0o640 });
      await writeFile(at('chmodded'), 'same\n', { mode: 0o600 });
      await writeFile(at('removed'), 'gone\n');
      await symlink('changed', at('link'));
      await mkdir(join(at('tree'), 'below'), { recursive: true });
      await writeFile(join(at('tree'), 'below', 'a b'), 'deep\n', { mode: 0o604 });
      await symlink('nowhere', join(at('tree'), 'dead'));
      await chmod(at('tree'), 0o750);
      await run('changes', async (bench) => {
        await put(bench, at('changed'), 'middle\n');
        await put(bench, at('changed'), 'new\n', { mode: '0604' });
        await put(bench, at('made'), 'made\n');
        for (const args of [
          { path: at('chmodded'), mode: '0644' },
          { path: at('removed'), state: 'absent' },
          { path: at('link'), src: 'made', state: 'link', force: true },
          { path: join(at('new'), 'dir'), state: 'directory' },
          { path: at('tree'), state: 'absent' },
        ])
          await runStep(file, args, { bench });
        await put(bench, join(at('new'), 'dir', 'inner'), 'x\n');
      });
      assert.is(await text(at('changed')), 'new\n');

      const shown = await undo({}, { check: true });
      assert.is(shown.changed, true);
      assert.is(await text(at('changed')), 'new\n', 'a dry run');
      const diffs = shown.diff as { path: string; before: unknown; after: unknown; hidden?: string }[];
      assert.equal(
        diffs.filter(({ path }) => path === at('made')).map(({ before, after }) => [before, after]),
        [['made\n', '']],
      );
      assert.is(diffs.find(({ path }) => path === at('changed'))?.hidden, 'for its owner alone');

      const done = await undo();
      assert.is(done.failed, undefined, String(done.msg));
      assert.equal(done.left, []);
      assert.is(await text(at('changed')), 'old\n');
      assert.is(await mode(at('changed')), '640');
      assert.is(await mode(at('chmodded')), '600');
      assert.is(await text(at('removed')), 'gone\n');
      assert.is(await readlink(at('link')), 'changed');
      assert.is(await mode(at('tree')), '750');
      assert.is(await text(join(at('tree'), 'below', 'a b')), 'deep\n');
      assert.is(await mode(join(at('tree'), 'below', 'a b')), '604');
      assert.is(await readlink(join(at('tree'), 'dead')), 'nowhere');
      assert.equal((await readdir(dir)).sort(), ['changed', 'chmodded', 'link', 'removed', 'tree']);
      assert.equal([...(shown.put_back as string[])].sort(), [...(done.put_back as string[])].sort());
      assert.is((await undo()).changed, false, 'there is nothing more to put back');
    }, shell),
  );

for (const shell of SHELLS)
  test(
    `a tree goes file by file: what somebody else changed since is a conflict, and the list counts it (${shell})`,
    runs(async ({ dir, journal, run, undo }) => {
      const [source, out] = [join(dir, 'source'), join(dir, 'out')];
      await mkdir(join(source, 'sub'), { recursive: true });
      for (let i = 0; i < 3; i++) await writeFile(join(source, `f${i}`), `${i}\n`);
      await writeFile(join(source, 'sub/it is'), 'deep\n');
      await mkdir(out);
      await writeFile(join(out, 'f1'), 'mine\n');
      await run('changes', async (bench) => {
        const args = { src: `${source}/`, dest: out, mode: '0640' };
        assert.is((await runStep(copy, args, { bench })).result.changed, true);
      });
      assert.is(await text(join(out, 'sub/it is')), 'deep\n');
      const files = await readdir(join(journal, 'changes'));
      assert.is(files.filter((name) => name.endsWith('.entries')).length, 1);
      const listed = await run('look', async (bench) => runStep(rollback, { list: true }, { bench }));
      assert.equal(
        (listed.result.runs as { id: string; files: number }[]).map(({ id, files }) => [id, files]),
        [['changes', 5]],
      );
      await writeFile(join(out, 'sub/it is'), 'theirs\n');
      assert.equal((await undo()).conflicts, [join(out, 'sub/it is')]);
      await writeFile(join(out, 'sub/it is'), 'deep\n');
      assert.is((await undo()).changed, true);
      assert.equal(await readdir(out), ['f1']);
      assert.is(await text(join(out, 'f1')), 'mine\n');
    }, shell),
  );

test(
  'what somebody else changed since is named, and nothing is touched unless it is forced',
  runs(async ({ dir, run, undo }) => {
    const [mine, theirs] = [join(dir, 'mine'), join(dir, 'theirs')];
    await writeFile(mine, 'old\n');
    await writeFile(theirs, 'old\n');
    await run('changes', async (bench) => {
      await put(bench, mine, 'new\n');
      await put(bench, theirs, 'new\n');
    });
    await writeFile(theirs, 'edited by hand\n');
    for (const check of [true, false]) {
      const refused = await undo({}, { check });
      assert.is(refused.failed, true);
      assert.equal(refused.conflicts, [theirs]);
      assert.is(await text(mine), 'new\n');
    }
    const forced = await undo({ force: true });
    assert.is(forced.changed, true);
    assert.is(await text(mine), 'old\n');
    assert.is(await text(theirs), 'old\n');
  }),
);

test(
  'a changed mode is noticed too, and a directory that others use stays',
  runs(async ({ dir, run, undo }) => {
    const [path, made] = [join(dir, 'f'), join(dir, 'd')];
    await writeFile(path, 'x\n', { mode: 0o644 });
    await run('changes', async (bench) => {
      await runStep(file, { path, mode: '0600' }, { bench });
      await runStep(file, { path: made, state: 'directory' }, { bench });
    });
    await chmod(path, 0o660);
    assert.equal((await undo()).conflicts, [path]);
    await chmod(path, 0o600);
    await writeFile(join(made, 'theirs'), '');
    const done = await undo();
    assert.is(await mode(path), '644');
    assert.is(await exists(made), true);
    assert.match(String((done.left as string[])[0]), /not empty, it holds .*theirs/);
  }),
);

test(
  'an undo can be undone, and the list says so; commands are named as what cannot',
  runs(async ({ dir, run, undo }) => {
    const path = join(dir, 'f');
    await writeFile(path, 'old\n');
    await run('changes', async (bench) => {
      await put(bench, path, 'new\n');
      await runStep(command, { cmd: 'true' }, { bench });
      await runStep(command, { cmd: 'true' }, { bench });
    });
    const done = await undo();
    assert.equal(done.left, ['a command (2 times)']);
    assert.is(await text(path), 'old\n');
    const list = async () =>
      (await run('look', async (bench) => (await runStep(rollback, { list: true }, { bench })).result)).runs as {
        id: string;
        files: number;
        others: number;
        undone?: string;
        undoes?: string;
      }[];
    const [first, second] = await list();
    assert.equal([first?.id, first?.files, first?.others, first?.undone], ['changes', 1, 1, second?.id]);
    assert.is(second?.undoes, 'changes');
    await undo({ run: second!.id });
    assert.is(await text(path), 'new\n');
    assert.is((await list())[0]?.undone, undefined);
  }),
);

test(
  'this run, or what a block of it changed',
  runs(async ({ dir, run }) => {
    const [outside, inside] = [join(dir, 'outside'), join(dir, 'inside')];
    const write = (path: string) => sh`ll_temp; echo new >"$ll_tmp"; ll_write "$ll_tmp" ${path}`;
    await run('whole', async (bench) => {
      await bench.session.send(request(write(outside))).reply;
      await bench.session.send(request(write(inside), { place: '1-0-0-1-0-0-0' })).reply;
      const block = await runStep(rollback, {}, { bench, context: { block: '1-0-0-1-0-0-' } });
      assert.equal(block.result.put_back, [inside]);
      assert.is(await exists(outside), true);
      assert.equal((await runStep(rollback, { scope: 'run' }, { bench })).result.put_back, [outside]);
      assert.is(await exists(outside), false);
    });
    try {
      await run('nowhere', (bench) => runStep(rollback, {}, { bench }));
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code: string }).code, 'BAD_ARGUMENT');
    }
  }),
);

test(
  "check mode's memory goes back with the block",
  runs(async ({ dir, run }) => {
    const [outside, inside] = [join(dir, 'outside'), join(dir, 'inside')];
    await run('dry', async (bench) => {
      const dry = { check: true };
      const send = (body: ReturnType<typeof sh>, more = {}) =>
        bench.session.send(request(body, { ...dry, ...more })).reply;
      await send(sh`ll_mkdir ${outside}`);
      await send(sh`ll_mkdir ${inside}`, { place: '1-0-0-1-0-0-0' });
      await runStep(rollback, {}, { bench, check: true, context: { block: '1-0-0-1-0-0-' } });
      const kinds = await send(
        sh`ll_stat ${outside}; ll_ret outside $ll_kind; ll_stat ${inside}; ll_ret inside $ll_kind`,
      );
      assert.equal(kinds.fields, { outside: 'directory', inside: 'absent' });
    });
  }),
);

test(
  'an entry that was cut off, and one whose change never happened, do no harm',
  runs(async ({ dir, journal, run, undo }) => {
    const path = join(dir, 'f');
    await writeFile(path, 'old\n');
    await run('changes', (bench) => put(bench, path, 'new\n'));
    await writeFile(join(journal, 'changes', '1.1.1.new'), 'format 1\naction wri');
    await writeFile(join(journal, 'changes', '1.1.1.pre'), 'half');
    await writeFile(path, 'old\n');
    const done = await undo();
    assert.is(done.failed, undefined);
    assert.is(done.changed, false);
    await rm(path);
    assert.equal((await undo()).conflicts, [path]);
  }),
);

test(
  'a script that never ends the step leaves its journal whole',
  runs(async ({ dir, run, undo }) => {
    const path = join(dir, 'f');
    await writeFile(path, 'old\n');
    await run('changes', async (bench) => {
      await bench.session.send(request(raw(`ll_temp; echo new >"$ll_tmp"; ll_write "$ll_tmp" ${path}; exit 7`))).reply;
    });
    assert.is((await undo()).changed, true);
    assert.is(await text(path), 'old\n');
  }),
);

test.run();
