import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Benchmark, Row } from './lib/benchmark.ts';
import { installTools } from './lib/install.ts';
import { interrupted } from './lib/interrupt.ts';
import { tableOf } from './lib/table.ts';

/*
 * `npm run bench [-- NAME…]`: the same work by Lamplighter and by others, side by side on this machine. The figures are
 * worth something as ratios within one run. Traffic goes to loopback and to the lab alone.
 */

const NAMES = ['tasks', 'distance', 'hosts', 'files', 'startup', 'render', 'converged', 'first-run'];

/** Only when it is named. */
const NAMED = ['accidents', 'street'];

const INTERRUPTED = 99;

const program = new Command('npm run bench --')
  .argument('[name...]', `benchmarks: ${NAMES.join(', ')} (default: all of these), ${NAMED.join(', ')}`)
  .option('--rounds <number>', 'how often each tool runs', Number, 3)
  .option('--full', 'also the slow tools at the large sizes (takes long)', false)
  .option('--json <file>', 'write the figures there as well')
  .option('--markdown <file>', 'write the tables there as well')
  .parse();
const { rounds, full, json, markdown } = program.opts<{
  rounds: number;
  full: boolean;
  json?: string;
  markdown?: string;
}>();
const names = program.args.length > 0 ? program.args : NAMES;
const unknown = names.filter((name) => ![...NAMES, ...NAMED].includes(name));
if (unknown.length > 0)
  program.error(`no benchmark is named ${unknown.join(', ')}; there are ${[...NAMES, ...NAMED].join(', ')}`);

const tell = (message: string) => process.stderr.write(`${message}\n`);
await installTools(tell);
const tables: string[] = [];
const results: Record<string, { title: string; rows: Row[] }> = {};
for (const name of names) {
  const { default: benchmark } = (await import(`./${name}.ts`)) as { default: Benchmark };
  const rows = await benchmark.run({ rounds, full, tell }).catch((error: unknown) => {
    if (!interrupted.aborted) throw error;
    if (error !== interrupted.reason) tell(String(error));
    process.exit(INTERRUPTED);
  });
  results[name] = { title: benchmark.title, rows };
  tables.push(tableOf(benchmark.title, rows));
  process.stdout.write(`${tables.at(-1)}\n`);
  if (markdown !== undefined) await writeFile(markdown, tables.join('\n'));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`);
}
