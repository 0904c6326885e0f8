import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Benchmark, Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { withLab } from './lib/lab.ts';
import { program } from './lib/process.ts';
import { LAMPLIGHTER, ROOT } from './lib/tools.ts';

/*
 * One cloud and a street of lamps on lab hosts, closed by secure.yaml and verified side by side: how many bridges are proven,
 * what became of their messages, and what a lamp more costs in a run that changes nothing.
 */

const SITE = join(ROOT, 'playbooks/secure.yaml');
const SIZES = [1, 5];
/** With --full. */
const STREET = 20;

interface Verified {
  event: string;
  module?: string;
  status?: string;
  result?: { stream?: Record<'out' | 'in', Record<string, number>> };
}

export default {
  title: 'A street of lamps, closed and verified side by side',
  run: ({ full, tell }) =>
    withDirectory((directory) =>
      withLab('street', async (lab) => {
        const sizes = full ? [...SIZES, STREET] : SIZES;
        const lamps = Array.from({ length: Math.max(...sizes) }, (_, i) => `lamp${String(i + 1).padStart(2, '0')}`);
        tell(`booting a cloud and ${lamps.length} lamps`);
        await lab.up(['cloud', ...lamps]);
        const { all } = await lab.inventory();
        const entries = all.children.lamps!.hosts;
        const inventory = join(directory, 'hosts.yaml');
        const rows: Row[] = [];
        for (const size of sizes) {
          const some = Object.fromEntries(lamps.slice(0, size).map((name) => [name, entries[name]]));
          const children = { ...all.children, lamps: { hosts: some } };
          await writeFile(inventory, stringify({ all: { ...all, children } }));
          tell(`${size} lamps: set up`);
          await closed(inventory);
          tell(`${size} lamps: again`);
          const values = await closed(inventory);
          const [first] = rows;
          const ratios = first === undefined ? {} : { seconds: values.seconds! / first.values.seconds! };
          rows.push({ work: `${size} lamps, nothing to change`, tool: 'lamplighter', values, ratios });
        }
        return rows;
      }),
    ),
} satisfies Benchmark;

async function closed(inventory: string): Promise<Record<string, number>> {
  const started = performance.now();
  const { stdout, exitCode } = await program([...LAMPLIGHTER, '-i', inventory, SITE, '--json']);
  const seconds = (performance.now() - started) / 1000;
  const verified = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Verified)
    .filter(({ event, module, status }) => event === 'task' && module === 'mqtt_bridge_verify' && status !== 'skipped');
  const flows = verified.flatMap(({ result }) => Object.values(result?.stream ?? {}));
  const sum = (name: string) => flows.reduce((total, flow) => total + flow[name]!, 0);
  return {
    seconds,
    'exit code': exitCode ?? -1,
    'bridges proven': verified.filter(({ status }) => status === 'ok').length,
    messages: sum('sent'),
    lost: sum('lost'),
    doubled: sum('doubled'),
  };
}
