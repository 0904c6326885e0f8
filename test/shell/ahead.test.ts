import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pathFacts } from '../../run/modules/file-arguments.ts';
import { lines, looking, raw, type Sh, sh } from '../../run/shell/script.ts';
import copy from '../../tasks/copy.ts';
import file from '../../tasks/file.ts';
import { SHELLS } from '../helpers/channel.ts';
import { type Bench, request, runStep, withSession } from '../helpers/step.ts';

/** What was seen ahead of this path, and what `ll_stat` makes of it; programs that were called are told on stdout. */
function look(path: string, { sum = false } = {}): Sh {
  return lines(
    looking(path, sum ? 'sum' : undefined),
    raw('t_log=$ll_dir/t$ll_id.log; : >"$t_log"'),
    raw(
      'stat() { echo stat >>"$t_log"; command stat "$@"; }; sha1sum() { echo sum >>"$t_log"; command sha1sum "$@"; }',
    ),
    sh`ll_stat ${path}; ll_ret kind "$ll_kind"; ll_ret size "$ll_size"; ll_ret mode "$ll_mode"`,
    sum && sh`ll_hash sha1 ${path}; ll_ret sum "$ll_sum"`,
    raw('cat "$t_log"'),
  );
}

/** Sends steps in one go, so that they are looked at ahead together. */
async function together({ session }: Bench, ...bodies: Sh[]) {
  const sent = bodies.map((body) => session.send(request(body)));
  return Promise.all(sent.map(({ reply }) => reply));
}

for (const shell of SHELLS) {
  const test = suite(`shell: looking ahead (${shell})`);

  test('many steps look by one program, and see what they would have seen', async () => {
    await withSession(
      async (bench) => {
        const paths = ['plain', 'with blank', "quote'd", 'star*[a]', 'back\\slash', 'doll:ar'].map((n) =>
          join(bench.dir, n),
        );
        for (const path of paths) await writeFile(path, path, { mode: 0o640 });
        const replies = await together(bench, ...paths.map((path) => look(path, { sum: true })));
        for (const [i, { fields, stdout }] of replies.entries()) {
          const [path] = await together(bench, sh`ll_hash sha1 ${paths[i]!}; ll_ret sum "$ll_sum"; ll_changed`);
          assert.is(stdout, '', `${paths[i]}: nothing was asked again`);
          assert.equal(fields, {
            kind: 'file',
            size: String(Buffer.byteLength(paths[i]!)),
            mode: '0640',
            sum: path!.fields.sum,
          });
        }
      },
      { shell },
    );
  });

  test('what a step changes is seen by those behind it', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'f');
        await writeFile(path, 'old');
        const change = (size: number) => sh`ll_temp; printf %${size}d 0 >"$ll_tmp"; ll_write "$ll_tmp" ${path}`;
        const [before, , after, untold] = await together(
          bench,
          look(path),
          lines(looking(path), change(10)),
          look(path),
          // A step that does not say that it tells of what it changes.
          sh`printf %20d 0 >${path}`,
        );
        const [now] = await together(bench, look(path));
        assert.equal([before!.fields.size, after!.fields.size, now!.fields.size], ['3', '10', '20']);
        assert.equal([before!.stdout, after!.stdout, untold!.stdout, now!.stdout], ['', 'stat\n', '', '']);
        const [, behind] = await together(bench, sh`printf %30d 0 >${path}`, look(path));
        assert.is(behind!.fields.size, '30');
        const [, failed] = await together(bench, sh`printf %40d 0 >${path}; false`, look(path));
        assert.is(failed!.fields.size, '40');
      },
      { shell },
    );
  });

  test('a step that changes something sees that itself', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'f');
        await writeFile(path, 'old');
        const [reply] = await together(
          bench,
          lines(looking(path, 'sum'), sh`ll_temp; printf new1 >"$ll_tmp"; ll_write "$ll_tmp" ${path}`, look(path)),
        );
        assert.is(reply!.fields.size, '4');
      },
      { shell },
    );
  });

  test('links, and what is not there, are looked at when their turn comes', async () => {
    await withSession(
      async (bench) => {
        const at = (name: string) => join(bench.dir, name);
        await writeFile(at('target'), '12345');
        await symlink('target', at('link'));
        await symlink('nothing', at('dangling'));
        const replies = await together(
          bench,
          ...['link', 'dangling', 'nothing', 'target'].map((name) => look(at(name))),
          lines(looking(at('link')), sh`ll_stat ${at('link')} follow; ll_ret kind "$ll_kind"; ll_ret size "$ll_size"`),
        );
        assert.equal(
          replies.map(({ fields }) => fields.kind),
          ['link', 'link', 'absent', 'file', 'file'],
        );
        assert.is(replies[4]!.fields.size, '5');
      },
      { shell },
    );
  });

  test("a user's and a group's name may hold blanks", async () => {
    await withSession(
      async (bench) => {
        // As stat(1) tells of a file of a directory service's user.
        const told = sh`ll_stat_line ${'0x81a4:3:7001:7002:anna lind:domain users:1700000000:42:1'}; ll_ret_stat`;
        const [reply] = await together(bench, told);
        assert.equal(pathFacts(reply!), {
          state: 'file',
          mode: '0644',
          uid: 7001,
          gid: 7002,
          owner: 'anna lind',
          group: 'domain users',
          size: 3,
        });
      },
      { shell },
    );
  });

  test('a file that is large is not read ahead', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'large');
        await writeFile(path, Buffer.alloc(70_000));
        const [reply] = await together(bench, look(path, { sum: true }));
        assert.is(reply!.stdout, 'sum\n');
      },
      { shell },
    );
  });

  test('more steps than travel at once each see the truth', async () => {
    await withSession(
      async (bench) => {
        const count = 80;
        const args = Array.from({ length: count }, (_, i) => ({ path: join(bench.dir, `d${i}`), state: 'directory' }));
        const first = await Promise.all(args.map((each) => runStep(file, each, { bench })));
        assert.is(first.filter(({ result }) => result.changed).length, count);
        const second = await Promise.all(args.map((each) => runStep(file, each, { bench })));
        assert.is(second.filter(({ result }) => result.changed).length, 0);
      },
      { shell },
    );
  });

  test('a content is judged by what the file has when the step runs', async () => {
    await withSession(
      async (bench) => {
        const dest = join(bench.dir, 'f');
        const put = (content: string) => runStep(copy, { dest, content }, { bench });
        const results = await Promise.all(['a', 'a', 'b', 'b', 'a'].map(put));
        assert.equal(
          results.map(({ result }) => result.changed),
          [true, false, true, false, true],
        );
      },
      { shell },
    );
  });

  test.run();
}
