import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { editLines } from '../../run/modules/edit-lines.ts';
import type { Diff } from '../../run/task.ts';
import lineinfile from '../../tasks/lineinfile.ts';
import { ansibleModule, hasAnsible } from '../helpers/ansible-module.ts';
import { SHELLS, type Shell } from '../helpers/channel.ts';
import { type Bench, type RunOptions, runStep, withSession } from '../helpers/step.ts';

type Args = Record<string, unknown>;

const CONF = '# comment\nport 1883\nlog_type error\nlog_type error\nuser  mosquitto \n';

/** [content before, arguments]; undefined: no file. Held against Ansible's own module. */
const CASES: [string | undefined, Args][] = [
  [CONF, { line: 'new' }],
  [CONF, { line: 'port 1883' }],
  ['a\nb', { line: 'c' }],
  ['a\nb', { line: 'b' }],
  ['', { line: 'first' }],
  ['a\r\nb\r\n', { line: 'b' }],
  ['a\r\nb\r', { line: 'c' }],
  [CONF, { regexp: '^port', line: 'port 50001' }],
  [CONF, { regexp: '^log_type', line: 'log_type all' }],
  [CONF, { regexp: '^log_type', line: 'log_type all', firstmatch: true }],
  [CONF, { regexp: '^none', line: 'added' }],
  [CONF, { regexp: '^none', line: 'port 1883' }],
  [CONF, { regexp: '\\s$', line: 'trailing' }],
  [CONF, { regexp: 'mosquitto $', line: 'user x' }],
  [CONF, { regexp: 'error$', line: 'log_type none' }],
  [CONF, { regexp: '^(?:user|port)\\s+\\w+', line: 'alternation' }],
  [CONF, { regexp: '^#\\s?(?=comment)', line: 'lookahead' }],
  [CONF, { regexp: '(?i)^PORT', line: 'flags' }],
  [CONF, { regexp: '\\bport\\b', line: 'boundary' }],
  [CONF, { regexp: '[^a-z ]\\d{3}', line: 'counted' }],
  [CONF, { regexp: '^port (\\d+)', line: 'port \\1 # was \\g<1>', backrefs: true }],
  [CONF, { regexp: '^none (\\d+)', line: 'never \\1', backrefs: true }],
  [CONF, { regexp: '(?P<key>port)', line: '\\g<key>=1', backrefs: true }],
  [CONF, { search_string: 'type', line: 'x.y' }],
  [CONF, { search_string: 'e.r', line: 'literal' }],
  [CONF, { search_string: 'log_type', line: 'first', firstmatch: true }],
  [CONF, { line: 'top', insertbefore: 'BOF' }],
  [CONF, { line: 'top', insertafter: 'BOF' }],
  [CONF, { line: 'mid', insertafter: '^port' }],
  [CONF, { line: 'mid', insertafter: '^log_type' }],
  [CONF, { line: 'mid', insertafter: '^log_type', firstmatch: true }],
  [CONF, { line: 'mid', insertbefore: '^log_type' }],
  [CONF, { line: 'mid', insertbefore: '^log_type', firstmatch: true }],
  [CONF, { line: 'mid', insertbefore: '^none' }],
  [CONF, { line: 'mid', insertafter: 'EOF' }],
  [CONF, { line: 'log_type error', insertafter: '^port' }],
  [CONF, { regexp: '^none', line: 'log_type error', insertafter: '^port' }],
  ['a\nb', { regexp: '^x', line: 'c', insertafter: '^b' }],
  ['1\n2\n', { line: '1.0' }],
  ['010\n', { line: '10' }],
  ['a\n', { line: 'two\nlines' }],
  ['a\n', { line: 'ends\n' }],
  ['a\\b\n', { regexp: 'a\\\\b', line: 'back\\slash \\1 & "quotes" \'$x\'' }],
  ['käse\n', { regexp: 'k.+se', line: 'größe' }],
  ['é\n', { regexp: '^.$', line: 'one character is two bytes' }],
  ['tab\there\n', { regexp: 'b\\th', line: 'x' }],
  ['[x]\n', { regexp: '^\\[x\\]$', line: '[y]' }],
  ['a-b]c\n', { regexp: '[]-]b', line: 'brackets' }],
  ['$5 ^ (a) {2} | + * ?\n', { regexp: '\\$5 \\^ \\(a\\) \\{2\\} \\| \\+ \\* \\?', line: 'escapes' }],
  ['ab\nabab\n', { regexp: '^(ab)+?$', line: 'lazy' }],
  [CONF, { state: 'absent', regexp: '^log_type' }],
  [CONF, { state: 'absent', line: 'port 1883' }],
  [CONF, { state: 'absent', search_string: 'o' }],
  [CONF, { state: 'absent', regexp: '^none' }],
  ['a\nb', { state: 'absent', line: 'b' }],
  ['\n\nx\n', { state: 'absent', regexp: '^$' }],
  ['x\n', { regexp: '', line: 'empty pattern' }],
  [undefined, { line: 'x' }],
  [undefined, { line: 'x', create: true }],
  [undefined, { line: 'x', create: true, mode: '0600' }],
  [undefined, { state: 'absent', line: 'x' }],
  [CONF, { line: 'x', mode: '0600' }],
  [CONF, { line: 'port 1883', mode: '0600' }],
  [CONF, { line: 'x', validate: 'grep -q x %s' }],
  [CONF, { line: 'y', validate: 'grep -q x %s' }],
];

function shown(result: Record<string, unknown>, dir: string) {
  const text = (value: unknown) => (typeof value === 'string' ? value.replaceAll(dir, 'DIR') : value);
  return {
    changed: result.changed ?? false,
    failed: result.failed ?? false,
    msg: text(result.msg),
    found: result.found,
    rc: result.rc,
  };
}

for (const shell of SHELLS) {
  const test = suite(`lineinfile (${shell})`);
  const run = (bench: Bench, args: Args, options: RunOptions = {}) =>
    runStep(lineinfile, args, { bench, diff: true, ...options });

  test('leaves the file and says what Ansible does', async () => {
    if (!hasAnsible()) return;
    await twoBenches(async (bench, fresh) => {
      for (const [i, [before, args]] of CASES.entries()) {
        const [ours, theirs] = [join(bench.dir, `${i}/ours`), join(bench.dir, `${i}/theirs`)];
        for (const dir of [ours, theirs]) {
          await mkdir(dir, { recursive: true });
          if (before !== undefined) await writeFile(join(dir, 'f'), before, { mode: 0o644 });
        }
        const label = `case ${i}: ${JSON.stringify([before, args])}`;
        const theirCheck = await oracle(i, join(theirs, 'f'), args, true);
        const predicted = await run(bench, { path: join(ours, 'f'), ...args }, { check: true });
        assert.equal(shown(predicted.result, ours), shown(theirCheck.result, theirs), `${label}, check`);
        const their = await oracle(i, join(theirs, 'f'), args, false);
        // Check mode remembers; the real run is another bench's.
        const real = await run(fresh, { path: join(ours, 'f'), ...args });
        assert.equal(shown(real.result, ours), shown(their.result, theirs), label);
        const content = await readFile(join(ours, 'f'), 'latin1').catch(() => undefined);
        assert.is(content, their.content, label);
        if (content !== undefined && real.result.changed) {
          const diff = (predicted.result.diff as Diff[])[0];
          if (diff && before !== content) assert.is(diff.after, Buffer.from(content, 'latin1').toString(), label);
          assert.is((await stat(join(ours, 'f'))).mode, their.mode, `${label}, mode`);
        }
      }
    }, shell);
  });

  test('follows a link, keeps mode, makes a backup', async () => {
    await withSession(
      async (bench) => {
        const target = join(bench.dir, 'target');
        await writeFile(target, 'a\n');
        await chmod(target, 0o640);
        await symlink('target', join(bench.dir, 'link'));
        const { result } = await run(bench, { path: join(bench.dir, 'link'), line: 'b', backup: true });
        assert.is(await readFile(target, 'utf8'), 'a\nb\n');
        assert.is((await stat(target)).mode & 0o7777, 0o640);
        assert.is(await readFile(result.backup as string, 'utf8'), 'a\n');
        assert.equal((await readdir(bench.dir)).length, 3);
      },
      { shell },
    );
  });

  test('check mode edits what it would have written', async () => {
    await withSession(
      async (bench) => {
        const path = join(bench.dir, 'new/f');
        const check = { check: true };
        assert.is((await run(bench, { path, line: 'one', create: true }, check)).result.changed, true);
        const second = await run(bench, { path, regexp: '^o(.)e', line: '\\1', backrefs: true }, check);
        assert.is((second.result.diff as Diff[])[0]!.before, 'one\n');
        assert.is((second.result.diff as Diff[])[0]!.after, 'n\n');
        assert.is((await run(bench, { path, line: 'n' }, check)).result.changed, false);
        assert.equal(await readdir(bench.dir), []);
      },
      { shell },
    );
  });

  test('a directory and a file with NUL bytes are refused', async () => {
    await withSession(
      async (bench) => {
        const directory = await run(bench, { path: bench.dir, line: 'x' });
        assert.is(directory.result.msg, `Path ${bench.dir} is a directory !`);
        assert.is(directory.result.rc, 256);
        const path = join(bench.dir, 'nul');
        await writeFile(path, Buffer.from('a\0b\nc\n'));
        const { result } = await run(bench, { path, line: 'x' });
        if (result.failed) assert.is(result.msg, `${path} holds NUL bytes: it is not a text file`);
        const content = await readFile(path);
        assert.ok(content.subarray(0, 6).equals(Buffer.from('a\0b\nc\n')), 'nothing of it is lost');
      },
      { shell },
    );
  });

  test.run();
}

/** One whose memory may fill up with predictions, one that acts. */
function twoBenches(use: (check: Bench, real: Bench) => Promise<void>, shell: Shell): Promise<void> {
  return withSession((check) => withSession((real) => use(check, real), { shell }), { shell });
}

/** What Ansible's module made of each case, found once for all shells. */
const seen = new Map<
  string,
  { result: Record<string, unknown>; content: string | undefined; mode: number | undefined }
>();

async function oracle(index: number, path: string, args: Args, check: boolean) {
  const key = `${index} ${check}`;
  const known = seen.get(key);
  if (known) return known;
  const result = await ansibleModule('lineinfile', { path, ...args }, { check });
  const content = await readFile(path, 'latin1').catch(() => undefined);
  const mode = await stat(path).then(
    (found) => found.mode,
    () => undefined,
  );
  const told = {
    result: JSON.parse(JSON.stringify(result).replaceAll(path.slice(0, -2), 'DIR')) as Record<string, unknown>,
    content,
    mode,
  };
  seen.set(key, told);
  return told;
}

const both = suite('lineinfile: awk and the controller');

both('edit alike, whatever the text', async () => {
  const word = fc.constantFrom('a', 'b', 'ab', ' ', 'a b', '#a', '1', '01', '1.0', '', 'a\r', '\\', '&', 'é');
  const text = fc
    .tuple(fc.array(word, { maxLength: 6 }), fc.boolean())
    .map(([words, open]) => words.join('\n') + (open ? '' : '\n'));
  const pattern = fc.constantFrom(
    '^a',
    'b$',
    '^$',
    '[^a]',
    '\\s',
    'a|b',
    '(a|b)+',
    '^\\S+$',
    '.',
    '\\d',
    '\\w\\W',
    '\\r',
    '#?a',
  );
  const place = fc.oneof(
    fc.constant({}),
    pattern.map((insertafter) => ({ insertafter })),
    pattern.map((insertbefore) => ({ insertbefore })),
    fc.constantFrom({ insertafter: 'BOF' }, { insertbefore: 'BOF' }),
  );
  const what = fc.oneof(
    fc.constant({}),
    pattern.map((regexp) => ({ regexp })),
    fc.constantFrom({ search_string: 'a' }, { search_string: '.' }),
  );
  const edit = fc.tuple(word, what, place, fc.boolean(), fc.constantFrom('present', 'absent'));
  await withSession(async (bench) => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(text, edit, async (before, [line, which, where, firstmatch, state]) => {
        const path = join(bench.dir, String(n++));
        await writeFile(path, before);
        const { result } = await runStep(lineinfile, { path, line, firstmatch, state, ...which, ...where }, { bench });
        const bytes = (value: string | undefined) => value && Buffer.from(value).toString('latin1');
        const { regexp, search_string: search } = which as { regexp?: string; search_string?: string };
        const { insertafter, insertbefore } = where as { insertafter?: string; insertbefore?: string };
        const expected = editLines(Buffer.from(before).toString('latin1'), {
          state: state as 'present',
          line: bytes(line) ?? '',
          regexp,
          search,
          insertAfter: insertafter ?? (insertbefore === undefined ? 'EOF' : undefined),
          insertBefore: insertbefore,
          backrefs: false,
          firstMatch: firstmatch,
        });
        assert.is(await readFile(path, 'latin1'), expected.text);
        assert.is(result.msg, expected.msg);
        assert.is(result.changed, expected.msg !== '');
      }),
      { numRuns: 150 },
    );
  });
});
both.run();
