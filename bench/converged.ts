import { join } from 'node:path';
import type { LabInventory } from '../run/lab/inventory.ts';
import { DEFAULT_HOSTS } from '../run/lab/names.ts';
import { type Benchmark, compare, type Row } from './lib/benchmark.ts';
import { withLab } from './lib/lab.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, ROOT } from './lib/tools.ts';

const SITE = ['--skip-tags', 'verify', join(ROOT, 'playbooks/site.yaml')];

/*
 * The site uses modules that Ansible lacks. What it is measured by is `ssh HOST true` on each host, one after the other, as
 * its plays are.
 */
export default {
  title: 'The site on lab hosts, nothing to change, without verification',
  run: (options) =>
    withLab('bench', async (lab) => {
      const command = await packaged();
      options.tell('booting hosts');
      await lab.up(DEFAULT_HOSTS);
      const inventory = await lab.inventory();
      const rows: Row[] = [];
      for (const hosts of [['cloud'], ['cloud', 'lamp01'], ['cloud', 'lamp01', 'lamp02']]) {
        const words = ['-i', lab.paths.inventory, '-l', hosts.join(','), ...SITE];
        const work = hosts.join(', ');
        options.tell(`${work}: first run`);
        await measured([...LAMPLIGHTER, ...words]);
        const contestants = [
          { tool: 'lamplighter', run: () => measured([...LAMPLIGHTER, ...words]) },
          { tool: 'lamplighter, packaged', run: () => measured([...command, ...words]) },
          { tool: 'ssh true', run: () => measured(sshInTurn(inventory, hosts)) },
        ];
        rows.push(...(await compare(work, contestants, options)));
      }
      return rows;
    }),
} satisfies Benchmark;

function sshInTurn({ all }: LabInventory, names: string[]): string[] {
  const { ansible_ssh_private_key_file: key, ansible_ssh_common_args: options } = all.vars;
  const hosts = Object.assign({}, ...Object.values(all.children).map((group) => group.hosts));
  const lines = names.map(
    (name) => `ssh -F /dev/null -i ${key} ${options} -l ${hosts[name].ansible_user} ${hosts[name].ansible_host} true`,
  );
  return ['sh', '-ec', lines.join('\n')];
}
