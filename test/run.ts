import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { canBeLab } from '../run/lab/requirements.ts';
import { type Counts, ROOT, runFile, stopAll, suitesIn } from './runner/run-file.ts';

/*
 * `npm test [-- FILTER…]`: every test file in a process of its own, so that one that hangs, or ends without having run
 * a test, is named. Units first; then what boots hosts, each file in a lab of its own, where this machine can be one. Two at
 * a time.
 */

const UNIT_LIMIT_MS = 600_000;
const E2E_LIMIT_MS = 900_000;
const AT_A_TIME = 2;

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    stopAll();
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

  await inParallel(units, AT_A_TIME, async (file) => tally(await runAndTell(file, UNIT_LIMIT_MS)));
  if (e2e.length > 0) {
    const lab = await canBeLab();
    if (lab.ok) await inParallel(e2e, AT_A_TIME, async (file) => tally(await runAndTell(file, E2E_LIMIT_MS)));
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

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
