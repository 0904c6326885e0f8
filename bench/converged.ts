import { join } from 'node:path';
import type { LabInventory } from '../run/lab/inventory.ts';
import type { Lab } from '../run/lab/lab.ts';
import { type Benchmark, type Contestant, compare, type Options, type Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { withLab } from './lib/lab.ts';
import { plainTools, stateOfSite } from './lib/plain.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, ROOT } from './lib/tools.ts';

const SITE = ['--skip-tags', 'verify', join(ROOT, 'playbooks/site.yaml')];
const SIZES = [1, 2, 10];
const HOSTS = ['cloud', ...Array.from({ length: 9 }, (_, i) => `lamp${String(i + 1).padStart(2, '0')}`)];

/*
 * The site uses modules that Ansible lacks: beside it stands the same in modules that both have, on hosts of its own. `ssh
 * HOST true` goes to each host, one after the other, as the plays do.
 */
export default {
  title: 'The site on lab hosts, nothing to change, without verification',
  run: (options) =>
    withDirectory((directory) =>
      withLab('bench', (own) =>
        withLab('plain', async (plain) => {
          const command = await packaged();
          options.tell('booting hosts');
          await own.up(HOSTS);
          await plain.up(HOSTS, { python: true });
          const rows: Row[] = [];
          for (const size of SIZES) {
            const hosts = HOSTS.slice(0, size);
            const contestants = [
              ...(await site(own, command, hosts, options)),
              ...(await plainSite(plain, directory, command, hosts, options)),
              { tool: 'ssh true', run: async () => measured(sshInTurn(await own.inventory(), hosts)) },
            ];
            rows.push(...(await compare(size === 1 ? '1 host' : `${size} hosts`, contestants, options)));
          }
          return rows;
        }),
      ),
    ),
} satisfies Benchmark;

async function site(lab: Lab, command: string[], hosts: string[], { tell }: Options): Promise<Contestant[]> {
  const words = ['-i', lab.paths.inventory, '-l', hosts.join(','), ...SITE];
  tell(`${hosts.length} hosts: first run of the site`);
  await measured([...LAMPLIGHTER, ...words]);
  return [
    { tool: 'lamplighter', run: () => measured([...LAMPLIGHTER, ...words]) },
    { tool: 'lamplighter, packaged', run: () => measured([...command, ...words]) },
  ];
}

/** What one tool has set up the others shall find as it should be. */
async function plainSite(
  lab: Lab,
  directory: string,
  command: string[],
  hosts: string[],
  { tell }: Options,
): Promise<Contestant[]> {
  const tools = plainTools(lab, directory, command, hosts);
  const states: string[] = [];
  for (const { tool, command, env } of tools) {
    tell(`${hosts.length} hosts: first run of plain modules by ${tool}`);
    await measured(command, env === undefined ? {} : { env });
    states.push(await stateOfSite(lab, hosts));
    if (states.at(-1) !== states[0]) throw new Error(`${tool} changed what ${tools[0]!.tool} had set up`);
  }
  return tools.map(({ tool, command, env }) => ({
    tool: `${tool}, plain modules`,
    run: () => measured(command, env === undefined ? {} : { env }),
  }));
}

function sshInTurn({ all }: LabInventory, names: string[]): string[] {
  const { ansible_ssh_private_key_file: key, ansible_ssh_common_args: options } = all.vars;
  const hosts = Object.assign({}, ...Object.values(all.children).map((group) => group.hosts));
  const lines = names.map(
    (name) => `ssh -F /dev/null -i ${key} ${options} -l ${hosts[name].ansible_user} ${hosts[name].ansible_host} true`,
  );
  return ['sh', '-ec', lines.join('\n')];
}
