import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/*
 * The program as a person runs it, on this machine as its only host.
 */

interface Context {
  cwd: string;
  children: ChildProcess[];
}

const codes = suite<Context>('exit codes');
const INDEX = join(import.meta.dirname, '../../run/index.ts');
const TSX = import.meta.resolve('tsx');

codes.before.each((context) => {
  context.cwd = mkdtempSync(join(tmpdir(), 'lamplighter-cli-'));
  context.children = [];
});
codes.after.each(({ cwd, children }) => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(cwd, { recursive: true });
});

function start({ cwd, children }: Context, args: string[]) {
  const child = spawn(process.execPath, ['--import', TSX, INDEX, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
  return { child, ended };
}

/** Runs a play with these tasks on this machine. */
function play(context: Context, tasks: object[], ...args: string[]) {
  const plays = [{ name: 'here', hosts: 'all', gather_facts: false, tasks }];
  writeFileSync(join(context.cwd, 'site.yaml'), JSON.stringify(plays, null, 2));
  return start(context, ['site.yaml', '-i', 'here,', '-c', 'local', ...args]);
}

codes('0 when all is done', async (context) => {
  const { code, out, err } = await play(context, [{ debug: { msg: 'Hello' } }]).ended;
  assert.is(code, 0, out + err);
  assert.match(out, 'ok: [here] => Hello');
  assert.is(err, '');
});

codes('1 for a mistake in a playbook, with its place and no stack', async (context) => {
  const { code, out, err } = await play(context, [{ debug: { msg: 'x' }, notfy: 'restart' }]).ended;
  assert.is(code, 1);
  assert.is(out, '');
  assert.match(err, /site\.yaml:\d+:\d+\n/);
  assert.match(err, 'notify');
  assert.not.match(err, /^\s+at .*\.ts/m);
});

codes('1 for a playbook that is not there', async (context) => {
  const { code, err } = await start(context, ['nowhere.yaml', '-i', 'here,']).ended;
  assert.is(code, 1);
  assert.match(err, 'nowhere.yaml');
});

codes('2 when a host failed', async (context) => {
  const { code, out } = await play(context, [{ command: 'false' }]).ended;
  assert.is(code, 2, out);
  assert.match(out, 'failed=1');
});

codes('4 when a host was unreachable', async (context) => {
  // Port 1 of this machine: nobody listens there.
  const run = play(context, [{ ping: {} }], '-c', 'ssh', '-e', 'ansible_host=127.0.0.1 ansible_port=1', '-T', '3');
  const { code, out } = await run.ended;
  assert.is(code, 4, out);
  assert.match(out, 'UNREACHABLE!');
  assert.match(out, 'unreachable=1');
});

codes('3 when a dry run with --exit-drift would change something, 0 without it', async (context) => {
  const file = join(context.cwd, 'motd');
  const tasks = [{ copy: { dest: file, content: 'Hello\n' } }];
  assert.is((await play(context, tasks, '--check', '--exit-drift').ended).code, 3);
  assert.not.ok(existsSync(file));
  assert.is((await play(context, tasks, '--check').ended).code, 0);
  assert.is((await play(context, tasks).ended).code, 0);
  assert.is((await play(context, tasks, '--check', '--exit-drift').ended).code, 0);
});

codes('99 after Ctrl-C, within a second, with what had happened and a recap', async (context) => {
  const started = join(context.cwd, 'started');
  const { child, ended } = play(context, [
    { debug: { msg: 'first' } },
    { name: 'long', shell: `touch ${started}; exec sleep 60` },
  ]);
  while (!existsSync(started) && child.exitCode === null) await sleep(50);
  const begun = performance.now();
  child.kill('SIGINT');
  const { code, out } = await ended;
  assert.ok(performance.now() - begun < 60_000);
  assert.is(code, 99, out);
  assert.match(out, 'ok: [here] => first');
  assert.match(out, /here +: ok=1 /);
});

codes('--json prints JSON alone, the recap last', async (context) => {
  const { code, out, err } = await play(context, [{ debug: { msg: 'x' } }, { command: 'false' }], '--json').ended;
  assert.is(code, 2);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    lines.map(({ event, status }) => status ?? event),
    ['ok', 'failed', 'recap'],
  );
  assert.is(err, '');
});

codes('a reader that leaves early is no error', async (context) => {
  const { child, ended } = play(
    context,
    Array.from({ length: 20 }, (_, i) => ({ debug: { msg: `${i} ${'x'.repeat(10_000)}` } })),
  );
  child.stdout!.once('data', () => child.stdout!.destroy());
  const { code, err } = await ended;
  assert.is(err, '');
  assert.is(code, 0);
});

codes('-e, tags and --limit reach the run', async (context) => {
  const tasks = [
    { debug: { msg: '{{ word }}' }, tags: ['one'] },
    { debug: { msg: 'not this' }, tags: ['two'] },
  ];
  const { out } = await play(context, tasks, '-e', 'word=Hi', '-t', 'one').ended;
  assert.match(out, '=> Hi');
  assert.not.match(out, 'not this');
  const limited = await play(context, tasks, '--limit', 'nobody').ended;
  assert.not.match(limited.out, '=> ');
});

codes('--list-tasks and --syntax-check run nothing', async (context) => {
  const file = join(context.cwd, 'made');
  const tasks = [{ name: 'make it', command: `touch ${file}` }];
  const listed = await play(context, tasks, '--list-tasks').ended;
  assert.match(listed.out, 'make it');
  const checked = await play(context, tasks, '--syntax-check').ended;
  assert.match(checked.out, /^playbook: .*site\.yaml$/m);
  assert.equal([listed.code, checked.code, existsSync(file)], [0, 0, false]);
});

codes('--version answers without loading the runner', async (context) => {
  const { code, out } = await start(context, ['--version']).ended;
  assert.is(code, 0);
  assert.match(out, /^lamplighter \d+\.\d+\.\d+\n$/);
});

codes.run();
