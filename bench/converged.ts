import { join } from 'node:path';
import { execa } from 'execa';
import { type Benchmark, type Contestant, compare, type Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { measured } from './lib/process.ts';
import { ansibleEnvironment, LAMPLIGHTER, ROOT } from './lib/tools.ts';

/** The hosts of the lab, set up by site.yaml; Ansible takes part where they have a Python. */
const SITE = join(ROOT, 'playbooks/site.yaml');
const WORDS = ['--skip-tags', 'verify', SITE];

export default {
  title: 'The site on lab hosts, nothing to change, without verification',
  run: (options) =>
    withDirectory(async (directory) => {
      const inventory = join(ROOT, 'inventory.yaml');
      const rows: Row[] = [];
      for (const [work, limit] of [
        ['1 host', 'cloud'],
        ['all hosts', 'all'],
      ] as const) {
        const words = ['-i', inventory, '-l', limit, ...WORDS];
        const contestants: Contestant[] = [
          { tool: 'lamplighter', run: () => measured([...LAMPLIGHTER, ...words], { cwd: ROOT }) },
        ];
        options.tell(`${work}: first run`);
        await measured([...LAMPLIGHTER, ...words], { cwd: ROOT });
        if (await havePython(inventory)) {
          const env = { ...ansibleEnvironment(directory, 10), HOME: process.env.HOME ?? directory };
          contestants.push({
            tool: 'ansible',
            run: () => measured(['ansible-playbook', ...words], { cwd: ROOT, env }),
          });
        } else options.tell('The hosts have no Python: Ansible does not take part. (lab up --python)');
        rows.push(...(await compare(work, contestants, options)));
      }
      return rows;
    }),
} satisfies Benchmark;

async function havePython(inventory: string): Promise<boolean> {
  const { exitCode } = await execa('ansible', ['all', '-i', inventory, '-m', 'ping'], {
    reject: false,
    env: { ANSIBLE_HOST_KEY_CHECKING: 'False' },
  });
  return exitCode === 0;
}
