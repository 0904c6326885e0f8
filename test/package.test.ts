import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startSshd, type TestSshd } from './helpers/sshd.ts';

/*
 * What `npm run build` and `npm pack` make, installed elsewhere: the command is there, with all that it reads at run time.
 */

const ROOT = join(import.meta.dirname, '..');
const LIMIT_MB = 1;

const packed = suite<{ directory: string; sshd: TestSshd; files: string[]; size: number }>('package');

packed.before(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'package-'));
  context.sshd = await startSshd();
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', context.directory], { cwd: ROOT });
  const [pack] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  context.files = pack.files.map(({ path }) => path);
  context.size = pack.size;
  await writeFile(join(context.directory, 'package.json'), '{}');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await execa('npm', ['install', ...quietly, join(context.directory, pack.filename)], { cwd: context.directory });
});

packed.after(async ({ directory, sshd }) => {
  await sshd.stop();
  await rm(directory, { recursive: true, force: true });
});

const lamplighter = (directory: string, ...args: string[]) =>
  execa(join(directory, 'node_modules/.bin/lamplighter'), args, { cwd: directory, reject: false, stdin: 'ignore' });

packed('holds the program, its shell files, roles and docs, and nothing else', async ({ files, size }) => {
  const under = async (directory: string, keep: RegExp) =>
    (await readdir(join(ROOT, directory), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && keep.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  const shell = await under('run', /\.sh$/);
  const modules = await under('tasks', /\.ts$/);
  assert.ok(shell.length > 30 && modules.length > 50, 'the sources are found');
  const expected = [
    'README.md',
    'LICENSE',
    'package.json',
    'inventory.yaml',
    'inventory.example.yaml',
    ...(await under('docs', /./)),
    ...(await under('playbooks', /./)),
    ...shell.map((file) => `dist/${file}`),
    ...modules.map((file) => `dist/${file.replace(/\.ts$/, '.js')}`),
  ];
  assert.equal(
    expected.filter((file) => !files.includes(file)),
    [],
    'missing from the package',
  );
  const program = /^dist\/(run|tasks)\/.*\.js$|^dist\/licenses\/[a-z-]+$/;
  assert.equal(
    files.filter((file) => !expected.includes(file) && !program.test(file)),
    [],
    'not wanted in the package',
  );
  assert.ok(size < LIMIT_MB * 1e6, `${size} bytes`);
});

packed('has every shell file where its pieces look for it', async ({ directory, files }) => {
  const shipped = join(directory, 'node_modules/lamplighter');
  const looks: string[] = [];
  for (const file of files.filter((each) => /^dist\/.*\.js$/.test(each))) {
    const text = await readFile(join(shipped, file), 'utf8');
    const places = text.matchAll(/const (ownPlace\S*) = new URL\("(\S+)", import\.meta\.url\)\.href/g);
    const sources = new Map([...places].map(([, name, source]) => [name!, source!]));
    for (const [, shell, name] of text.matchAll(/new URL\("(\S+\.sh)", (ownPlace[^)]*)\)/g))
      looks.push(join(dirname(file), dirname(sources.get(name!)!), shell!));
  }
  assert.ok(looks.some((file) => file === 'dist/run/lab/supervisor.sh') && looks.length > 40, looks.join('\n'));
  assert.equal(
    looks.filter((file) => !files.includes(file)),
    [],
  );
});

packed('says its version, and its help says how it was called', async ({ directory }) => {
  const version = await lamplighter(directory, '--version');
  assert.match(version.stdout, /^lamplighter \d+\.\d+\.\d+$/);
  for (const words of [[], ['lab'], ['lint'], ['vault'], ['doc'], ['undo']]) {
    const help = await lamplighter(directory, ...words, '--help');
    assert.match(help.stdout, `Usage: ${['lamplighter', ...words].join(' ')} `);
    assert.not.match(help.stdout, 'tsx');
  }
});

packed('documents its modules', async ({ directory }) => {
  const doc = await lamplighter(directory, 'doc', 'copy');
  assert.is(doc.exitCode, 0, doc.stderr);
  assert.match(doc.stdout, 'remote_src');
});

packed('reads the playbooks that it ships, and finds nothing wrong with them', async ({ directory }) => {
  const shipped = join(directory, 'node_modules/lamplighter');
  const site = join(shipped, 'playbooks/site.yaml');
  const syntax = await lamplighter(directory, '--syntax-check', '-i', join(shipped, 'inventory.yaml'), site);
  assert.is(syntax.exitCode, 0, syntax.stderr);
  const lint = await lamplighter(directory, 'lint', '-i', join(shipped, 'inventory.yaml'), join(shipped, 'playbooks'));
  assert.is(lint.exitCode, 0, lint.stdout + lint.stderr);
});

packed('sets a host up over SSH', async ({ directory, sshd }) => {
  const inventory = join(directory, 'hosts.yaml');
  const play = join(directory, 'play.yaml');
  const host = {
    ansible_host: '127.0.0.1',
    ansible_port: sshd.port,
    ansible_ssh_private_key_file: sshd.keyFile,
    ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${sshd.knownHosts} -o StrictHostKeyChecking=accept-new`,
  };
  await writeFile(inventory, JSON.stringify({ all: { hosts: { box: host } } }));
  const file = join(directory, 'made/conf');
  // A file of each kind that is read at run time: the runtime's, a module's own, a shared one.
  const tasks = [
    { file: { path: join(directory, 'made'), state: 'directory' } },
    { copy: { dest: file, content: 'listener 1883\n' } },
    { lineinfile: { path: file, line: 'persistence true' } },
    { command: `cat ${file}`, register: 'read' },
    { assert: { that: ["read.stdout == 'listener 1883\\npersistence true'", 'ansible_kernel is defined'] } },
  ];
  await writeFile(play, JSON.stringify([{ hosts: 'all', tasks }]));
  const run = await lamplighter(directory, '-i', inventory, play);
  assert.is(run.exitCode, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /box .*changed=4/);
});

packed.run();
