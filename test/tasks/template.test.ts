import { lstat, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeText } from '../../run/modules/encode-text.ts';
import type { Diff, TemplateFileOptions } from '../../run/task.ts';
import template from '../../tasks/template.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`template (${shell})`);

  test('puts the rendered text in place, once; check mode shows the same diff', async () => {
    await withSession(
      async (bench) => {
        const src = join(bench.dir, 'bridge.conf.j2');
        const dest = join(bench.dir, 'bridge.conf');
        await writeFile(src, 'address {{ cloud }}\n', { mode: 0o600 });
        const context = { renderTemplate: (source: string) => source.replace('{{ cloud }}', '198.51.100.7') };
        const run = (check: boolean) =>
          runStep(template, { src, dest, mode: 'preserve' }, { bench, check, diff: true, context });
        const predicted = (await run(true)).result;
        const real = (await run(false)).result;
        assert.is(real.changed, true);
        assert.equal(predicted.diff, real.diff);
        assert.equal(real.diff, [
          { path: dest, beforeHeader: dest, afterHeader: src, before: '', after: 'address 198.51.100.7\n' },
        ] satisfies Diff[]);
        assert.is(await readFile(dest, 'utf8'), 'address 198.51.100.7\n');
        assert.is((await lstat(dest)).mode & 0o777, 0o600);
        assert.is(real.src, src);
        assert.is((await run(false)).result.changed, false);
      },
      { shell },
    );
  });

  test('a big result goes by stream', async () => {
    await withSession(
      async (bench) => {
        const src = join(bench.dir, 't');
        await writeFile(src, 'x');
        const text = 'line\n'.repeat(40_000);
        const args = { src, dest: join(bench.dir, 'out') };
        const context = { renderTemplate: () => text };
        assert.is((await runStep(template, args, { bench, context })).result.changed, true);
        assert.is(await readFile(args.dest, 'utf8'), text);
        assert.is((await runStep(template, args, { bench, context })).result.changed, false);
      },
      { shell },
    );
  });

  test.run();
}

const alone = suite('template: its arguments');

alone('delimiters, newlines and variables reach the renderer; the encoding the file', async () => {
  await withSession(async (bench) => {
    const src = join(bench.dir, 't.j2');
    const dest = join(bench.dir, 'out');
    await writeFile(src, 'source');
    let seen: TemplateFileOptions = {};
    const args = {
      src,
      dest,
      newline_sequence: '\\r\\n',
      variable_start_string: '[[',
      variable_end_string: ']]',
      block_start_string: '[%',
      block_end_string: '%]',
      comment_start_string: '[#',
      comment_end_string: '#]',
      trim_blocks: false,
      lstrip_blocks: true,
      output_encoding: 'latin-1',
    };
    const context = {
      renderTemplate: (_source: string, _file: string, options: TemplateFileOptions = {}) => {
        seen = options;
        return 'größe\r\n';
      },
    };
    await runStep(template, args, { bench, context });
    const { vars, ...rest } = seen;
    assert.equal(rest, {
      trimBlocks: false,
      lstripBlocks: true,
      newlineSequence: '\r\n',
      variableStart: '[[',
      variableEnd: ']]',
      blockStart: '[%',
      blockEnd: '%]',
      commentStart: '[#',
      commentEnd: '#]',
    });
    assert.is(vars!.template_host, hostname());
    assert.is(vars!.template_path, src);
    assert.is(vars!.template_fullpath, src);
    assert.is(vars!.template_destpath, dest);
    assert.is(vars!.ansible_managed, 'Ansible managed');
    assert.equal(vars!.template_mtime, (await stat(src)).mtime);
    assert.ok((await readFile(dest)).equals(Buffer.from('größe\r\n', 'latin1')));
  });
});

alone('a source that is not UTF-8, and an encoding that cannot hold the text, are refused', async () => {
  await withSession(async (bench) => {
    const src = join(bench.dir, 't');
    await writeFile(src, Buffer.from([0xff]));
    const refused = (args: Record<string, unknown>, code: string) =>
      runStep(template, { src, dest: join(bench.dir, 'o'), ...args }, { bench }).then(
        () => assert.unreachable(code),
        (error: { code: string }) => assert.is(error.code, code),
      );
    await refused({}, 'TEMPLATE_ERROR');
    await writeFile(src, '€');
    await refused({ output_encoding: 'latin-1' }, 'BAD_ARGUMENT');
    await refused({ output_encoding: 'no-such-code' }, 'BAD_ARGUMENT');
  });
});

alone('encodings are those of Python', () => {
  const hex = (text: string, encoding: string) => encodeText(text, encoding).toString('hex');
  assert.is(hex('é€', 'utf-8'), 'c3a9e282ac');
  assert.is(hex('é', 'UTF_16'), 'fffee900');
  assert.is(hex('é', 'utf-16-be'), '00e9');
  assert.is(hex('€ Ÿé', 'cp1252'), '80209fe9');
  assert.is(hex('Ł', 'cp1250'), 'a3');
  assert.is(hex('Ж', 'cp1251'), 'c6');
  assert.is(hex('Ж', 'koi8-r'), 'f6');
  assert.is(hex('€', 'iso-8859-15'), 'a4');
});

alone.run();
