import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tunedAnsible } from './lib/ansible.ts';
import { type Benchmark, type Contestant, compare, type Row } from './lib/benchmark.ts';
import { withLoopback } from './lib/loopback.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, sshTrue } from './lib/tools.ts';
import { playbook, stateOf } from './lib/work.ts';

const TASKS = 10;
const SIZES = [1, 10, 50, 100, 500, 2000];
/** Where the other tools end: they would take minutes, or more processes than a small machine holds. */
const MOST_FOR_ANSIBLE = 50;
const MOST_FOR_SSH = 100;

export default {
  title: `Many hosts (names on one loopback sshd), ${TASKS} tasks each, nothing to change`,
  run: (options) =>
    withLoopback(async (loopback) => {
      const file = join(loopback.directory, 'play.yaml');
      await writeFile(file, playbook(TASKS));
      const rows: Row[] = [];
      const command = await packaged();
      const ours = await loopback.room();
      const theirs = await loopback.room();
      for (const count of SIZES) {
        const work = `${count} hosts`;
        const inventory = await loopback.inventory(count);
        const env = tunedAnsible(loopback.directory, count);
        const words = ['-i', inventory, '-e', `room=${ours}`, file];
        const lamplighter = [...LAMPLIGHTER, ...words];
        const ansible = ['ansible-playbook', '-i', inventory, '-e', `room=${theirs}`, file];
        const withAnsible = count <= MOST_FOR_ANSIBLE;

        options.tell(`${work}: first runs`);
        await measured(lamplighter);
        if (withAnsible) {
          await measured(ansible, { env });
          if ((await stateOf(ours)) !== (await stateOf(theirs)))
            throw new Error(`${work}: the tools left different states`);
        }
        const rounds = options.full ? options.rounds : 1;
        const large = count > MOST_FOR_SSH ? { rounds } : {};
        const contestants: Contestant[] = [
          { tool: 'lamplighter', run: () => measured(lamplighter), ...large },
          { tool: 'lamplighter, packaged', run: () => measured([...command, ...words]), ...large },
        ];
        if (withAnsible) contestants.push({ tool: 'ansible', run: () => measured(ansible, { env }), rounds });
        if (count <= MOST_FOR_SSH)
          contestants.push({ tool: 'ssh true, all at once', run: () => measured(sshTrue(loopback, count)) });
        rows.push(...(await compare(work, contestants, options)));
      }
      return rows;
    }),
} satisfies Benchmark;
