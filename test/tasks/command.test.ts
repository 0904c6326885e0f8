import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import command from '../../tasks/command.ts';
import file from '../../tasks/file.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`command in ${shell}`);

  test('runs a program and returns what it said', async () => {
    const { result } = await runStep(command, { cmd: "printf 'a b\\nc\\n'" }, { shell });
    assert.is(result.stdout, 'a b\nc');
    assert.equal(result.stdout_lines, ['a b', 'c']);
    assert.equal(result.cmd, ['printf', 'a b\\nc\\n']);
    assert.is(result.rc, 0);
    assert.is(result.changed, true);
    assert.is(result.failed, undefined);
    assert.match(result.start as string, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    assert.match(result.delta as string, /^0:00:0\d\.\d{6}$/);
  });

  test('has no shell', async () => {
    const { result } = await runStep(command, { cmd: "echo $(id) '*' > x && y | z" }, { shell });
    assert.is(result.stdout, '$(id) * > x && y | z');
  });

  test('expands variables that are set, and ~, as Ansible does', async () => {
    const options = { shell, environment: { NAME: 'a  b' } };
    const { result } = await runStep(command, { cmd: 'printf <%s> $NAME x${NAME}y $UNSET-1 ~/f a~ $PPID' }, options);
    assert.is(result.stdout, `<a  b><xa  by><$UNSET-1><${process.env.HOME}/f><a~><$PPID>`);
    const plain = await runStep(command, { argv: ['echo', '$NAME ~'], expand_argument_vars: false }, options);
    assert.is(plain.result.stdout, '$NAME ~');
  });

  test('keeps every byte of its arguments', async () => {
    const argv = ['printf', '%s\n', "it's", '"q"', 'a\nb', '\\n', '', '-n', '`x`', 'ü', ';'];
    const { result } = await runStep(command, { argv }, { shell });
    assert.is(result.stdout, argv.slice(2).join('\n'));
  });

  test('a failure has its rc', async () => {
    const { result, reply } = await runStep(command, { cmd: "sh -c 'echo no >&2; exit 3'" }, { shell });
    assert.is(reply!.status, 'failed');
    assert.is(result.failed, true);
    assert.is(result.rc, 3);
    assert.is(result.msg, 'non-zero return code');
    assert.is(result.stderr, 'no');
  });

  test('a program that is not there, a builtin, a file that cannot be run', async () => {
    const missing = (await runStep(command, { cmd: 'nosuchprogram x' }, { shell })).result;
    assert.is(missing.rc, 2);
    assert.is(missing.msg, "[Errno 2] No such file or directory: b'nosuchprogram'");
    const builtin = (await runStep(command, { cmd: 'cd /tmp' }, { shell })).result;
    assert.is(builtin.msg, "[Errno 2] No such file or directory: b'cd'");
    const denied = (await runStep(command, { cmd: '/etc/passwd' }, { shell })).result;
    assert.is(denied.msg, "[Errno 13] Permission denied: b'/etc/passwd'");
    assert.is(denied.rc, 13);
  });

  test('a program that itself ends with 127 keeps that', async () => {
    const { result } = await runStep(command, { cmd: "sh -c 'exit 127'" }, { shell });
    assert.is(result.rc, 127);
    assert.is(result.msg, 'non-zero return code');
  });

  test('stdin, with and without the newline', async () => {
    assert.is((await runStep(command, { cmd: 'wc -c', stdin: 'abc' }, { shell })).result.stdout, '4');
    const bare = await runStep(command, { cmd: 'wc -c', stdin: 'abc', stdin_add_newline: false }, { shell });
    assert.is(bare.result.stdout, '3');
    assert.is((await runStep(command, { cmd: 'cat' }, { shell })).result.stdout, '', 'nothing to read by default');
  });

  test('keeps empty ends when asked to', async () => {
    const { result } = await runStep(command, { cmd: 'echo x', strip_empty_ends: false }, { shell });
    assert.is(result.stdout, 'x\n');
  });

  test('chdir, creates and removes, with patterns seen from chdir', () =>
    withSession(
      async (bench) => {
        await mkdir(join(bench.dir, 'sub'));
        await writeFile(join(bench.dir, 'sub', 'made.txt'), '');
        const chdir = join(bench.dir, 'sub');
        const run = async (args: object, check = false) =>
          (await runStep(command, { cmd: 'pwd', chdir, ...args }, { bench, check })).result;
        assert.is((await run({})).stdout, chdir);
        assert.is((await run({ creates: 'made.txt' })).msg, "Did not run command since 'made.txt' exists");
        assert.is((await run({ creates: '*.txt' })).changed, false);
        assert.is((await run({ creates: '*.txt' })).stdout, 'skipped, since *.txt exists');
        assert.is((await run({ creates: '*.doc' })).stdout, chdir);
        assert.is((await run({ removes: 'gone' })).msg, "Did not run command since 'gone' does not exist");
        assert.is((await run({ removes: 'made.txt' })).stdout, chdir);
        assert.is((await run({ creates: 'made.txt' }, true)).msg, "Would not run command since 'made.txt' exists");
        const missing = await run({ chdir: join(bench.dir, 'nowhere') });
        assert.is(missing.failed, true);
        assert.match(String(missing.msg), /^Unable to change directory before execution: \[Errno 2\]/);
      },
      { shell },
    ));

  test('check mode runs nothing and remembers what would be there', () =>
    withSession(
      async (bench) => {
        const path = join(bench.dir, 'new');
        const check = { bench, check: true };
        const skipped = await runStep(command, { cmd: `touch ${path}` }, check);
        assert.is(skipped.result.skipped, true);
        assert.is(skipped.result.changed, false);
        assert.is(skipped.result.msg, 'Command would have run if not in check mode');
        assert.type(skipped.result.unknown, 'string');
        assert.is(skipped.reply!.status, 'unknown');
        const would = await runStep(command, { cmd: `touch ${path}`, creates: path }, check);
        assert.is(would.result.changed, true);
        await readFile(path).then(
          () => assert.unreachable('the command ran'),
          () => {},
        );
        await runStep(file, { path, state: 'directory' }, check);
        const after = await runStep(command, { cmd: 'true', creates: path, chdir: path }, check);
        assert.is(after.result.changed, false, 'a predicted directory is there');
      },
      { shell },
    ));

  test('megabytes of output come back whole', async () => {
    const { result } = await runStep(command, { cmd: 'seq 300000' }, { shell });
    assert.is(result.stdout!.length, 1988894);
    assert.is((result.stdout_lines as string[]).at(-1), '300000');
  });

  test.run();
}

const schema = suite('arguments of command');

schema('refuses nothing, both, and a quote left open', () => {
  const messages = (args: object) => command.args.safeParse(args).error?.issues.map((issue) => issue.message);
  assert.equal(messages({}), ['no command given']);
  assert.equal(messages({ cmd: 'a', argv: ['b'] }), ['only command or argv can be given, not both']);
  assert.equal(messages({ cmd: "echo 'x" }), ['No closing quotation']);
  assert.ok(messages({ cmd: 'x', warn: false }));
});

schema.run();
