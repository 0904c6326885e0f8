import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import type { LabInventory } from '../run/lab/inventory.ts';
import { type Benchmark, compare, type Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, ROOT } from './lib/tools.ts';

/** A lab of its own, beside the one that people use. */
const LAB = [...LAMPLIGHTER, 'lab', '--instance', 'bench'];
const SITE = ['--skip-tags', 'verify', join(ROOT, 'playbooks/site.yaml')];

/*
 * The site uses modules that Ansible lacks. What it is measured by is `ssh HOST true` on each host, one after the other, as
 * its plays are.
 */
export default {
  title: 'The site on lab hosts, nothing to change, without verification',
  run: (options) =>
    withDirectory(async (directory) => {
      const lab = async (...words: string[]) => (await execa(LAB[0]!, [...LAB.slice(1), ...words])).stdout;
      const command = await packaged();
      try {
        options.tell('booting hosts');
        await lab('up');
        const text = await lab('inventory');
        const inventory = join(directory, 'hosts.yaml');
        await writeFile(inventory, text);
        const rows: Row[] = [];
        for (const hosts of [['cloud'], ['cloud', 'lamp01'], ['cloud', 'lamp01', 'lamp02']]) {
          const words = ['-i', inventory, '-l', hosts.join(','), ...SITE];
          const work = hosts.join(', ');
          options.tell(`${work}: first run`);
          await measured([...LAMPLIGHTER, ...words]);
          const contestants = [
            { tool: 'lamplighter', run: () => measured([...LAMPLIGHTER, ...words]) },
            { tool: 'lamplighter, packaged', run: () => measured([...command, ...words]) },
            { tool: 'ssh true', run: () => measured(sshInTurn(parse(text) as LabInventory, hosts)) },
          ];
          rows.push(...(await compare(work, contestants, options)));
        }
        return rows;
      } finally {
        await lab('down');
      }
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
