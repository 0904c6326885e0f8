import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { HostStats } from '../../run/events.ts';
import type { TaskResult } from '../../run/task.ts';

const ROOT = join(import.meta.dirname, '../..');

/** One `task` line of `--json`. */
export interface TaskLine {
  event: 'task';
  play: string;
  host: string;
  task: string;
  module: string;
  status: string;
  ignored: boolean;
  rescued: boolean;
  result: TaskResult;
  diff: { before?: string; after?: string; path?: string }[];
  place: string;
}

/** What one run said and how it ended. */
export interface Outcome {
  exitCode: number | undefined;
  tasks: TaskLine[];
  recap: Record<string, HostStats>;
  stdout: string;
  stderr: string;
}

/** Arguments of a run, and of the process. */
export interface RunLighterOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Called with the running process, for tests that disturb it. */
  running?: (process: { pid?: number; kill: (signal: NodeJS.Signals) => boolean }) => void;
}

/** Runs the program itself with `--json` and reads what it prints. */
export async function lighter(args: string[], options: RunLighterOptions = {}): Promise<Outcome> {
  const process = execa('node', ['--import', 'tsx', join(ROOT, 'run/index.ts'), ...args, '--json'], {
    cwd: options.cwd ?? ROOT,
    env: { FORCE_COLOR: undefined, ...options.env },
    reject: false,
    stdin: 'ignore',
    timeout: 300_000,
  });
  options.running?.(process);
  const { exitCode, stdout, stderr } = await process;
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event: string });
  const recap = events.find((event) => event.event === 'recap') as { hosts: Record<string, HostStats> } | undefined;
  return {
    exitCode,
    tasks: events.filter((event): event is TaskLine => event.event === 'task'),
    recap: recap?.hosts ?? {},
    stdout,
    stderr,
  };
}

/** A directory of a test with the files it needs; gone when `remove` is called. */
export interface Scratch {
  path: (name: string) => string;
  /** Writes a file and gives its path. */
  write: (name: string, text: string) => string;
  remove: () => void;
}

export function scratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'lighter-'));
  const path = (name: string): string => join(directory, name);
  return {
    path,
    write: (name, text) => {
      writeFileSync(path(name), text);
      return path(name);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** `play / task @ host` of all results with a status. */
export function withStatus(outcome: Outcome, ...statuses: string[]): string[] {
  return outcome.tasks
    .filter((line) => statuses.includes(line.status))
    .map((line) => `${line.play} / ${line.task} @ ${line.host}`)
    .sort();
}

/** What went wrong, for a failed assertion's message. */
export function complaint(outcome: Outcome): string {
  const failed = outcome.tasks.filter((line) => ['failed', 'unreachable'].includes(line.status) && !line.ignored);
  return [
    `exit ${outcome.exitCode}`,
    ...failed.map((line) => `${line.task} @ ${line.host}: ${String(line.result.msg)}`),
    outcome.stderr,
  ].join('\n');
}
