import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { main } from '../../run/cli.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { type Run, readRun } from './compare.ts';

/*
 * Both tools run the same playbook here: ansible-playbook in a process that has imported Ansible already, Lamplighter in
 * this one. Each has a directory for itself, which playbooks know as `scratch`.
 */

const HERE = import.meta.dirname;
const INVENTORY = join(HERE, 'inventory/hosts.ini');
/** What the playbooks of the cases find in the environment of both. */
const ENVIRONMENT = { PARITY_WORD: 'from the environment', ANSIBLE_CONFIG: join(HERE, 'oracle/ansible.cfg') };

export interface Oracle {
  run(playbook: string, args: readonly string[]): Promise<Run>;
  close(): void;
}

/** The Python that ansible-playbook runs with, or why there is none. */
export function ansiblePython(): { python: string } | { missing: string } {
  const found = spawnSync('ansible-playbook', ['--version'], { encoding: 'utf8' });
  const version = /\[core ([\d.]+)/.exec(found.stdout ?? '')?.[1];
  if (version === undefined) return { missing: 'ansible-playbook is not installed' };
  if (!version.startsWith('2.14.')) return { missing: `ansible-core is ${version}, and the language is that of 2.14` };
  const python = /python version = .*\((\/[^()]*)\)/.exec(found.stdout)?.[1];
  return python === undefined ? { missing: 'ansible-playbook does not say where its Python is' } : { python };
}

/** Starts a process that runs ansible-playbook, one playbook after the other. */
export function startOracle(python: string): Oracle {
  const state = mkdtempSync(join(tmpdir(), 'parity-oracle-'));
  const server = spawn(python, [join(HERE, 'oracle/serve.py')], {
    env: {
      ...process.env,
      ...ENVIRONMENT,
      ANSIBLE_STDOUT_CALLBACK: 'parity',
      ANSIBLE_CALLBACK_PLUGINS: join(HERE, 'oracle/callback'),
      ANSIBLE_LOCALHOST_WARNING: 'false',
      ANSIBLE_DEPRECATION_WARNINGS: 'false',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_PIPELINING: 'true',
      ANSIBLE_RETRY_FILES_ENABLED: 'false',
      ANSIBLE_HOME: state,
      ANSIBLE_LOCAL_TEMP: join(state, 'tmp'),
      ANSIBLE_REMOTE_TEMP: join(state, 'tmp'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  return {
    async run(playbook, args) {
      const scratch = newScratch();
      const job = { events: join(state, 'events'), output: join(state, 'output') };
      rmSync(job.events, { force: true });
      const interpreter = `ansible_python_interpreter=${python}`;
      const all = [...argumentsOf(playbook, scratch, args), '-e', interpreter];
      server.stdin.write(`${JSON.stringify({ ...job, args: all, cwd: scratch })}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error('the process that runs ansible-playbook has ended');
      const events = readOr(job.events);
      return taken(events, scratch, Number(answer.value), readOr(job.output));
    },
    close() {
      server.stdin.end();
      server.once('exit', () => rmSync(state, { recursive: true, force: true }));
    },
  };
}

// `lookup('env')` reads the environment of this process.
Object.assign(process.env, ENVIRONMENT);

/** Runs a playbook by Lamplighter. */
export async function runOurs(playbook: string, args: readonly string[]): Promise<Run> {
  const scratch = newScratch();
  const { io, stdout, stderr } = fakeIo({ cwd: scratch, env: process.env });
  const [lines, said] = [textOf(stdout), textOf(stderr)];
  const code = await main([...argumentsOf(playbook, scratch, args), '--json'], io);
  stdout.end();
  stderr.end();
  return taken(await lines, scratch, code, await said);
}

function argumentsOf(playbook: string, scratch: string, args: readonly string[]): string[] {
  const inventory = args.includes('-i') ? [] : ['-i', INVENTORY];
  return [...inventory, playbook, '-e', `scratch=${scratch}`, ...args];
}

function newScratch(): string {
  const scratch = mkdtempSync(join(tmpdir(), 'parity-'));
  mkdirSync(join(scratch, 'work'));
  chmodSync(scratch, 0o755);
  return scratch;
}

/** The run as it is compared; its directory goes. */
function taken(events: string, scratch: string, code: number, output: string): Run {
  const files = filesBelow(scratch);
  rmSync(scratch, { recursive: true });
  return readRun(events, { code, output, scratch, files });
}

function filesBelow(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    const mode = (statSync(file).mode & 0o7777).toString(8);
    const content = entry.isFile() ? readFileSync(file, 'utf8').replaceAll(root, 'SCRATCH') : 'directory';
    files[relative(root, file)] = `${mode} ${content}`;
  }
  return files;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
