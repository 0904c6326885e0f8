import type { Lab } from '../run/lab/lab.ts';
import { type Benchmark, type Contestant, compare, type Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { withLab } from './lib/lab.ts';
import { endMasters } from './lib/masters.ts';
import { type PlainTool, plainTools, stateOfSite } from './lib/plain.ts';
import { measured } from './lib/process.ts';
import { packaged } from './lib/tools.ts';

const SIZES = [['cloud', 'lamp01']];
/** With --full. */
const LARGE = ['cloud', ...Array.from({ length: 9 }, (_, i) => `lamp${String(i + 1).padStart(2, '0')}`)];

/*
 * Hosts as they come out of the box, each time anew. Package lists and packages are on their disks already, so that nobody
 * waits for a mirror. They have Python: Ansible needs it.
 */
export default {
  title: 'A site of plain modules on virgin lab hosts, packages in a local cache',
  run: (options) =>
    withDirectory((directory) =>
      withLab('first', async (lab) => {
        const command = await packaged();
        const sizes = options.full ? [...SIZES, LARGE] : SIZES;
        options.tell('booting hosts');
        await lab.up([...new Set(sizes.flat())], { python: true });
        const packages = await fetchPackages(lab);
        const rows: Row[] = [];
        for (const hosts of sizes) {
          const states = new Map<string, string>();
          const contestants = plainTools(lab, directory, command, hosts).map(
            (tool): Contestant => ({
              tool: tool.tool,
              run: async () => {
                await makeVirgin(lab, directory, hosts, packages);
                const sample = await measured(tool.command, tool.env === undefined ? {} : { env: tool.env });
                states.set(tool.tool, await stateOfSite(lab, hosts));
                return sample;
              },
            }),
          );
          rows.push(...(await compare(hosts.join(', '), contestants, options)));
          requireSame(states);
        }
        return rows;
      }),
    ),
} satisfies Benchmark;

/** The package lists and the packages that the playbook wants, as a tar archive, by way of the first host. */
async function fetchPackages(lab: Lab): Promise<Buffer> {
  const { code, stdout, stderr } = await lab.run(
    'cloud',
    `{ apt-get -q update && apt-get -qy install --download-only mosquitto mosquitto-clients; } >&2 &&
       tar -C / -c var/lib/apt/lists var/cache/apt/archives | base64`,
  );
  if (code !== 0) throw new Error(`the packages could not be fetched: ${stderr}`);
  return Buffer.from(stdout, 'base64');
}

async function makeVirgin(lab: Lab, directory: string, hosts: string[], packages: Buffer): Promise<void> {
  // A connection to the disk before would wait for it.
  await endMasters(directory);
  await lab.reset(hosts);
  for (const name of hosts) {
    const { code, stderr } = await lab.run(name, 'tar -C / -x', { input: packages });
    if (code !== 0) throw new Error(`${name} could not be given the packages: ${stderr}`);
  }
}

function requireSame(states: Map<PlainTool['tool'], string>): void {
  const [[first, state] = ['', ''], ...others] = states;
  for (const [tool, other] of others)
    if (other !== state) throw new Error(`${first} and ${tool} left different states:\n${state}\n---\n${other}`);
}
