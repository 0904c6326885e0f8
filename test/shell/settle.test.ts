import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lines, looking, type Sh, settling, sh } from '../../run/shell/script.ts';
import type { TaskDefinition } from '../../run/task.ts';
import blockinfile from '../../tasks/blockinfile.ts';
import command from '../../tasks/command.ts';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import lineinfile from '../../tasks/lineinfile.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type RunOptions, request, runStep, withSession } from '../helpers/step.ts';

/* Steps that are known by what was seen ahead to have nothing to do: their answers are those of whole steps. */

interface State {
  kind: 'absent' | 'file' | 'directory' | 'link' | 'dangling' | 'hard';
  mode: number;
  text: string;
}

const LINES = ['a', 'a', 'a=1', 'a=1', 'a=1 b', '#a=1', 'b*', 'b', '  a=1', '# BEGIN x', '# END x', '', '[a]', 'é'];
const BLOCK = '# BEGIN x\na\n# END x';
const ENDS = ['\n', '\n', '\n', '\n', '\n', '\n', '\n', '\n', '\r\n', '\rx\n', '\0\n', ''];

const text = fc
  .array(fc.tuple(fc.constantFrom(...LINES, BLOCK), fc.constantFrom(...ENDS)), { maxLength: 5 })
  .map((parts) => parts.map(([line, end], i) => line + (i < parts.length - 1 && end === '' ? '\n' : end)).join(''));
const state: fc.Arbitrary<State> = fc.record({
  kind: fc.constantFrom('absent', 'file', 'file', 'file', 'file', 'file', 'directory', 'link', 'dangling', 'hard'),
  mode: fc.constantFrom(0o600, 0o640, 0o2750),
  text,
});
const line = fc.constantFrom(...LINES.filter((each) => each !== ''));
const attributes = {
  mode: fc.constantFrom(undefined, undefined, undefined, '0600', '640', 'u=rw,g=r', '02750'),
  owner: fc.constantFrom(undefined, undefined, 'root', 'root', '0', 'daemon'),
  group: fc.constantFrom(undefined, undefined, 'root'),
};

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

interface Case {
  definition: TaskDefinition<never>;
  /** The arguments besides the path. */
  args: fc.Arbitrary<Record<string, unknown>>;
  /** With these there is nothing to do the second time. */
  sure: Record<string, unknown>;
}

const tasks: Record<string, Case> = {
  file: {
    definition: file as never,
    sure: { state: 'file', mode: '0600' },
    args: fc.record({ state: fc.constantFrom(undefined, 'file', 'directory', 'absent', 'touch'), ...attributes }),
  },
  copy: {
    definition: copy as never,
    sure: { content: 'a\n', mode: '0600' },
    // What has NULs does not travel in a step.
    args: fc.record({
      content: text.map((each) => each.replaceAll('\0', '')),
      force: fc.constantFrom(undefined, false),
      ...attributes,
    }),
  },
  lineinfile: {
    definition: lineinfile as never,
    sure: { line: 'a', regexp: '^a' },
    args: fc
      .record({
        line,
        regexp: maybe(
          fc.constantFrom('^a', '^a', '^a', '^a=', '^#?a=', '^#?b', 'a', '=1$', '^a=1$', '^b\\*', '^\\[a', 'a.1', ''),
        ),
        search_string: fc.constantFrom(undefined, undefined, 'a', '=', 'b*', '['),
        insertafter: maybe(fc.constantFrom('EOF', '^b', 'BOF')),
        firstmatch: fc.constantFrom(true, false, false),
        create: fc.boolean(),
        state: fc.constantFrom(undefined, undefined, 'absent'),
        ...attributes,
      })
      .map((args) => (args.regexp === undefined ? args : { ...args, search_string: undefined })),
  },
  blockinfile: {
    definition: blockinfile as never,
    sure: { block: 'a', marker: '# {mark} x' },
    args: fc.record({
      block: fc.constantFrom('a', 'a', 'a\n', 'a=1\nb', '', '# END x'),
      marker: fc.constantFrom('# {mark} x', '# {mark} x', '# {mark} x', '#\n# {mark} x'),
      create: fc.boolean(),
      ...attributes,
    }),
  },
  command: {
    definition: command as never,
    sure: { cmd: 'echo ran', creates: 'PATH' },
    args: fc.constantFrom('creates', 'removes').map((word) => ({ cmd: 'echo ran', [word]: 'PATH' })),
  },
};

/** Makes the path as it is before, alone in its directory. */
function make(path: string, { kind, mode, text: content }: State): void {
  rmSync(dirname(path), { recursive: true, force: true });
  mkdirSync(dirname(path));
  const target = kind === 'link' || kind === 'hard' ? `${path}.other` : path;
  if (kind === 'directory') mkdirSync(path);
  else if (kind === 'dangling') symlinkSync('nothing', path);
  else if (kind !== 'absent') writeFileSync(target, content);
  if (kind === 'link') symlinkSync(`${path}.other`, path);
  if (kind === 'hard') linkSync(target, path);
  if (kind === 'absent' || kind === 'dangling') return;
  chmodSync(target, mode);
  utimesSync(target, 1_700_000_000, 1_700_000_000);
}

async function answer(definition: TaskDefinition<never>, args: object, how: RunOptions) {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const { reply, result } = await runStep(definition, Object.fromEntries(given), { diff: true, ...how });
  const { start, end, delta, ...rest } = result;
  return { reply: reply!, result: JSON.parse(JSON.stringify(rest)) };
}

for (const shell of SHELLS) {
  const test = suite(`shell: steps with nothing to do (${shell})`);

  for (const [name, { definition, args, sure }] of Object.entries(tasks))
    test(`${name} answers as the whole step would`, async () => {
      if (process.getuid!() !== 0) return;
      let settled = 0;
      await withSession(
        async (bench) => {
          const path = join(bench.dir, 'alone', 'with blank');
          await fc.assert(
            fc.asyncProperty(
              state,
              args,
              fc.constantFrom(true, false, false, false),
              fc.boolean(),
              async (before, more, check, again) => {
                const creates =
                  'creates' in more ? { creates: path } : 'removes' in more ? { removes: path } : { path };
                const all = { ...more, ...(name === 'copy' ? { dest: path } : creates) };
                const ask = async (whole: boolean) => {
                  make(path, before);
                  // Most often there is only nothing to do when the task ran before.
                  if (again) await answer(definition, all, { bench, whole: true });
                  if (!check) return answer(definition, all, { bench, whole });
                  // Check mode remembers: each asks a session of its own.
                  return withSession((own) => answer(definition, all, { bench: own, whole, check }), { shell });
                };
                const short = await ask(false);
                const long = await ask(true);
                // What has not begun took no time.
                if (short.reply.seconds === 0) {
                  settled++;
                  assert.is(long.reply.status, 'ok');
                }
                assert.equal(short.result, long.result);
              },
            ),
            {
              numRuns: shell === 'dash' ? 40 : 15,
              examples: [[{ kind: 'file', mode: 0o640, text: 'b\n' }, sure, false, true]],
            },
          );
        },
        { shell },
      );
      assert.ok(settled > 0, 'none was settled');
    });

  test('a test that fails leaves nothing behind', async () => {
    await withSession(
      async ({ session }) => {
        const probe = settling(
          sh`ll_ret seen no; return 1`,
          lines(looking('/'), sh`ll_ret asked $ll_settling.$ll_told.$ll_check`),
        );
        const [reply] = await Promise.all([session.send(request(probe)).reply]);
        assert.equal(reply.fields, { asked: '..' });
      },
      { shell },
    );
  });

  test('what an earlier step of the same packet changes is not taken for what was seen', async () => {
    await withSession(
      async (bench) => {
        const dest = join(bench.dir, 'f');
        const step = (definition: unknown, args: object) => {
          const { args: schema, step: make } = definition as TaskDefinition<unknown>;
          return make!(schema.parse(args), {} as never) as Sh;
        };
        const put = (text: string) =>
          lines(looking(dest), sh`ll_temp; printf %s ${text} >"$ll_tmp"; ll_write "$ll_tmp" ${dest}`);
        const mode = (bits: string) => step(file, { path: dest, mode: bits });
        const stands = (text: string) => step(lineinfile, { path: dest, line: text });
        const ask = async () => {
          const bodies = [
            ...[put('a\nb\n'), mode('0640'), stands('a')],
            ...[put('a\n'), stands('b'), mode('0600'), mode('0640'), stands('a')],
          ];
          const sent = bodies.map((body) => bench.session.send(request(body)).reply);
          return (await Promise.all(sent)).map(({ status }) => status === 'changed');
        };
        assert.equal(await ask(), [true, true, false, true, true, true, true, false]);
        assert.equal(await ask(), [true, false, false, true, true, true, true, false]);
      },
      { shell },
    );
  });

  test('a guard is asked first, and a settled step is asked by those behind it', async () => {
    await withSession(
      async ({ session }) => {
        const settled = settling(sh`ll_ret seen yes && ll_keep rc 0 && ll_keep exists 1`, sh`ll_changed`);
        const first = session.send(request(settled));
        const replies = await Promise.all([
          first.reply,
          session.send(request(settled, { guard: sh`ll_was ${first.id} changed` })).reply,
          session.send(
            request(sh`ll_ret ran 1`, { guard: sh`ll_flag ${first.id} exists && ll_rc_is ${first.id} -eq 0` }),
          ).reply,
          // A watchdog needs a process to watch.
          session.send(request(settled, { timeoutSeconds: 20 })).reply,
        ]);
        assert.equal(
          replies.map(({ status, fields }) => [status, fields]),
          [
            ['ok', { seen: 'yes' }],
            ['guarded', {}],
            ['ok', { ran: '1' }],
            ['changed', {}],
          ],
        );
      },
      { shell },
    );
  });

  test.run();
}
