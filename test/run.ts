import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { canBeLab } from '../run/lab/requirements.ts';

/*
 * `npm test [-- FILTER…]`: every test file in a process of its own, so that one that hangs, or ends without having run
 * a test, is named. Units first, two at a time; then what boots hosts, one by one, where this machine can be a lab.
 */

const ROOT = join(import.meta.dirname, '..');
const UNIT_LIMIT_MS = 180_000;
const E2E_LIMIT_MS = 420_000;
/** Between the last line of a file's report and the end of its process; what takes longer left something open. */
const CLOSING_LIMIT_MS = 5_000;
const UNITS_AT_A_TIME = 2;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface FileResult extends Counts {
  /** What is wrong beyond failed tests. */
  complaint?: string;
  output: string;
  seconds: number;
}

const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(99);
  });

process.exit(await main(process.argv.slice(2)));

async function main(filters: string[]): Promise<number> {
  const files = testFiles(join(ROOT, 'test')).filter((file) => matches(file, filters));
  const units = files.filter((file) => !bootsHosts(file));
  const e2e = files.filter(bootsHosts);
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const tally = (counts: Counts) => {
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
  };

  await inParallel(units, UNITS_AT_A_TIME, async (file) => tally(await runAndTell(file, UNIT_LIMIT_MS)));
  if (e2e.length > 0) {
    const lab = await canBeLab();
    if (lab.ok) for (const file of e2e) tally(await runAndTell(file, E2E_LIMIT_MS));
    else {
      say(`\nEnd-to-end tests skipped: ${lab.reason}`);
      for (const file of e2e) tally({ passed: 0, failed: 0, skipped: suitesIn(file).tests });
    }
  }

  if (total.passed + total.failed === 0)
    say(filters.length > 0 ? `No test ran for: ${filters.join(' ')}` : 'No test ran.');
  say(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function runAndTell(file: string, limit: number): Promise<Counts> {
  const result = await runFile(file, limit);
  const bad = result.complaint !== undefined || result.failed > 0;
  if (bad) say(`\n${result.output.trimEnd()}\n`);
  const counts = [`${result.passed} passed`];
  if (result.failed > 0) counts.push(`${result.failed} failed`);
  if (result.skipped > 0) counts.push(`${result.skipped} skipped`);
  const complaint = result.complaint ? `  ${result.complaint}` : '';
  say(`${bad ? 'FAIL' : 'ok  '} ${file}  ${counts.join(', ')}  ${result.seconds.toFixed(1)} s${complaint}`);
  // A complaint is a failure of its own where no failed test stands for it.
  return { ...result, failed: bad ? Math.max(1, result.failed) : 0 };
}

async function runFile(file: string, limit: number): Promise<FileResult> {
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
        closing = setTimeout(
          stop,
          CLOSING_LIMIT_MS,
          'left something open: the process did not end after its last test',
        );
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
function suitesIn(file: string): { made: number; run: number; tests: number; only: boolean } {
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

/** End-to-end tests, and tests of the lab that boot hosts of it. */
function bootsHosts(file: string): boolean {
  return file.startsWith('test/e2e/') || readFileSync(join(ROOT, file), 'utf8').includes('await canBeLab()');
}

function testFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('/fixtures/'))
    .sort();
}

function matches(file: string, filters: string[]): boolean {
  return filters.length === 0 || filters.some((filter) => file.includes(filter));
}

async function inParallel<T>(items: T[], workers: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, worker));
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

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
