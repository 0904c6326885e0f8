import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { openLab } from '../run/lab/lab.ts';
import type { Benchmark, Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { LAMPLIGHTER } from './lib/tools.ts';

/*
 * One cloud and a street of lamps on lab hosts, closed by secure.yaml and verified side by side: how many bridges are proven,
 * what became of their messages, and what a lamp more costs in a run that changes nothing.
 */

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
    withDirectory(async (directory) => {
      const lab = await openLab({ instance: `street${process.pid}` });
      try {
        const sizes = full ? [...SIZES, STREET] : SIZES;
        const lamps = Array.from({ length: Math.max(...sizes) }, (_, i) => `lamp${String(i + 1).padStart(2, '0')}`);
        tell(`booting a cloud and ${lamps.length} lamps`);
        const hosts = await lab.up(['cloud', ...lamps]);
        const inventory = join(directory, 'hosts.yaml');
        const entries = (names: string[]) =>
          Object.fromEntries(
            hosts
              .filter(({ name }) => names.includes(name))
              .map(({ name, address, user }) => [name, { ansible_host: address, ansible_user: user }]),
          );
        const vars = {
          ansible_ssh_private_key_file: lab.paths.keyFile,
          ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts} -o StrictHostKeyChecking=yes`,
        };
        const rows: Row[] = [];
        for (const size of sizes) {
          const children = { cloud: { hosts: entries(['cloud']) }, lamps: { hosts: entries(lamps.slice(0, size)) } };
          await writeFile(inventory, stringify({ all: { vars, children } }));
          tell(`${size} lamps: set up`);
          await closed(inventory);
          tell(`${size} lamps: again`);
          const values = await closed(inventory);
          const [first] = rows;
          const ratios = first === undefined ? {} : { seconds: values.seconds! / first.values.seconds! };
          rows.push({ work: `${size} lamps, nothing to change`, tool: 'lamplighter', values, ratios });
        }
        return rows;
      } finally {
        await lab.down();
      }
    }),
} satisfies Benchmark;

async function closed(inventory: string): Promise<Record<string, number>> {
  const [program, ...args] = LAMPLIGHTER as [string, ...string[]];
  const started = performance.now();
  const { stdout, exitCode } = await execa(program, [...args, '-i', inventory, 'playbooks/secure.yaml', '--json'], {
    reject: false,
    stdin: 'ignore',
  });
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
