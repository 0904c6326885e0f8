import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Runs one test file in a process of its own and judges how that went. uvu says nothing of a suite that was made and
 * never run, ends with 0 when no test ran, swallows an error of `before`, and hangs with a socket left open.
 */

export const ROOT = join(import.meta.dirname, '../..');

/** Between the last line of a file's report and the end of its process; what takes longer left something open. */
const CLOSING_LIMIT_MS = 30_000;

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface FileResult extends Counts {
  /** What is wrong beyond failed tests. */
  complaint?: string;
  output: string;
  seconds: number;
}

const running = new Set<ChildProcess>();

/** Ends every test process that is still there. */
export function stopAll(): void {
  for (const child of running) killGroup(child);
}

/** Runs a file, given by its path below the repository's root, for at most so many milliseconds. */
export async function runFile(file: string, limit: number, closingLimit = CLOSING_LIMIT_MS): Promise<FileResult> {
  const begun = performance.now();
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: ROOT,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  let output = '';
  let stopped: string | undefined;
  const stop = (why: string) => {
    stopped = why;
    killGroup(child);
  };
  const deadline = setTimeout(stop, limit, `hung: stopped after ${limit / 1000} s`);
  let closing: NodeJS.Timeout | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!closing && reported(output))
        closing = setTimeout(stop, closingLimit, 'left something open: the process did not end after its last test');
    });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(deadline);
  clearTimeout(closing);
  running.delete(child);
  const seconds = (performance.now() - begun) / 1000;
  return { ...judge(file, output, code, stopped), output, seconds };
}

function judge(file: string, output: string, code: number | null, stopped: string | undefined) {
  const report = reported(output);
  const counts: Counts = report
    ? { passed: report.passed, failed: report.total - report.passed, skipped: report.skipped }
    : { passed: 0, failed: 0, skipped: 0 };
  const { made, run, only } = suitesIn(file);
  const complaint =
    stopped ??
    (report === undefined
      ? `ended (status ${code}) before its tests had run`
      : report.total + report.skipped === 0
        ? 'has no test'
        : run < made
          ? `makes ${made} suites and runs ${run}: a suite.run() is missing`
          : only
            ? 'holds a test.only, which hides the others'
            : code !== 0 && counts.failed === 0
              ? `ended with status ${code} though its tests passed`
              : undefined);
  return { ...counts, ...(complaint !== undefined && { complaint }) };
}

/** uvu's closing lines, once they are all there. */
function reported(output: string): { total: number; passed: number; skipped: number } | undefined {
  const found = /^\s*Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)\s+Duration:/m.exec(output);
  return found ? { total: Number(found[1]), passed: Number(found[2]), skipped: Number(found[3]) } : undefined;
}

/** What a file's text says of its suites: uvu is silent about one that is made and never run. */
export function suitesIn(file: string): { made: number; run: number; tests: number; only: boolean } {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const names = [...text.matchAll(/\b(?:const|let)\s+(\w+)\s*=\s*suite\b/g)].map((match) => match[1]);
  return {
    made: count(/=\s*suite\b[^;]*?\(/g),
    run: count(/\.run\(\);/g),
    tests: names.length > 0 ? count(new RegExp(`^\\s*(?:${names.join('|')})\\(`, 'gm')) : 1,
    only: names.some((name) => new RegExp(`\\b${name}\\.only\\(`).test(text)),
  };
}

/** The file's process and what it started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}
